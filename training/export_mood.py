"""Exports a trained model for serving: an int8 encoder and a small float head as ONNX, the tokenizer, the manifest.

Weights are int8 in blocks with a scale each; activations are quantised per row, never per batch, so that a turn's score
does not depend on which other turns share its batch (dynamic per-tensor quantisation failed that: see ADR 0003).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import onnx
import torch
import yaml
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.corpus_reader import ACTS, CATEGORIES, EMOTIONS, RISKS
from training.dialogues import IGNORED, load_part, make_batch
from training.model import OUTPUTS, DialogueHead, MoodNet, TurnEncoder, load_net
from training.train_mood import CONFIG, NET_FILE

BLOCK = 128
ENCODER, HEAD, TOKENIZER = "encoder.onnx", "head.onnx", "tokenizer.json"


class Int8Embedding(nn.Module):
    """An embedding table in int8 with one scale a row: exact to read, a quarter of the size."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("rows", torch.round(table / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """(N, L) ids → (N, L, H)."""
        return self.rows[ids].float() * self.scale[ids]


def export(net: MoodNet, tokenizer: Tokenizer, folder: Path) -> None:
    """Write encoder, head and tokenizer into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _export_encoder(net.encoder, folder / ENCODER)
    _export_head(net.head, net.encoder.bert.config.hidden_size, folder / HEAD)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)


def _export_encoder(encoder: TurnEncoder, path: Path) -> None:
    encoder.bert.set_attn_implementation("eager")
    embeddings = encoder.bert.embeddings
    word = embeddings.word_embeddings
    embeddings.word_embeddings = Int8Embedding(word.weight.detach())  # type: ignore[assignment]
    ids = torch.ones(2, 5, dtype=torch.long)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])  # with a gap, or tracing leaves the mask out
    torch.onnx.export(
        encoder,
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={"input_ids": {0: "n", 1: "l"}, "attention_mask": {0: "n", 1: "l"}, "vectors": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    embeddings.word_embeddings = word
    quantiser = MatMulNBitsQuantizer(
        onnx.load(str(path)),
        algo_config=DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8),
    )
    quantiser.process()
    onnx.save(quantiser.model.model, str(path))


def _export_head(head: DialogueHead, width: int, path: Path) -> None:
    torch.onnx.export(
        head,
        (torch.zeros(2, 3, width), torch.zeros(2, 3, dtype=torch.long)),
        str(path),
        input_names=["vectors", "roles"],
        output_names=list(OUTPUTS),
        dynamic_axes={name: {0: "b", 1: "t"} for name in ["vectors", "roles", *OUTPUTS]},
        opset_version=17,
        dynamo=False,
    )


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def temperature_on_dev(net: MoodNet, tokenizer: Tokenizer) -> float:
    """The emotion temperature with the lowest negative log likelihood on the dev part (Guo et al. 2017)."""
    batch = make_batch(load_part("dev"), rng=None, augment_share=0.0)
    with torch.no_grad():
        logits = net(batch.texts, batch.roles, tokenizer)["emotion"]
    known = batch.targets["emotion"] != IGNORED
    losses = {
        t / 20: nn.functional.cross_entropy(logits[known] / (t / 20), batch.targets["emotion"][known]).item()
        for t in range(10, 61)
    }
    return min(losses, key=losses.__getitem__)


def write_manifest(folder: Path, *, base: str, max_tokens: int, temperature: float) -> None:
    """Describe the exported files; the revision is a digest of them, so other weights are another revision."""
    digests = {name: sha256(folder / name) for name in (ENCODER, HEAD, TOKENIZER)}
    revision = hashlib.sha256("".join(digests.values()).encode() + str(temperature).encode()).hexdigest()[:16]
    labels = {"emotion": EMOTIONS, "risk": RISKS, "act": ACTS, "category": CATEGORIES}
    lines = [
        "# Written by training/export_mood.py; figures: metrics.json, description: card.md",
        f'revision = "{revision}"',
        f'base = "{base}"',
        'licence = "Apache-2.0 (base encoder MIT)"',
        'languages = ["zh", "en"]',
        f"max_tokens = {max_tokens}",
        f"temperature = {temperature}",
        "",
        "[labels]",
        *(f"{name} = {json.dumps(list(values))}" for name, values in labels.items()),
        "",
        "[files]",
        *(f'"{name}" = "{digest}"' for name, digest in digests.items()),
    ]
    (folder / "manifest.toml").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Export `--train` (a training folder) to `--out` (a model folder)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--out", type=Path, default=Path("models/mood"))
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    net, tokenizer = load_net(args.train / NET_FILE), Tokenizer.from_file(str(args.train / TOKENIZER))
    temperature = temperature_on_dev(net, tokenizer)
    export(net, tokenizer, args.out)
    write_manifest(
        args.out,
        base=f"multilingual-e5-small (MIT), {net.encoder.bert.config.num_hidden_layers} layers, "
        f"{net.encoder.bert.config.vocab_size} pieces",
        max_tokens=config["max_tokens"],
        temperature=temperature,
    )


if __name__ == "__main__":
    main()
