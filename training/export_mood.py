"""Exports a trained model for serving: an int8 encoder and a small float head as ONNX, the tokenizer, the manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn

from qa_service.mood.manifest import EXPECTATIONS
from training.dialogues import IGNORED, make_batch
from training.encoder_graph import encoder_graph
from training.evaluate import conformal_quantile
from training.expectations import put_expectations
from training.manifest_file import ENCODER, HEAD, TOKENIZER, write_manifest
from training.model import OUTPUTS, DialogueHead, MoodNet, load_net
from training.parts import corpus_part
from training.train_mood import CONFIG, NET_FILE

INTERVAL = 0.8


class ServedHead(nn.Module):
    """The dialogue head that can go on where it stopped: a live chat costs one step a turn."""

    def __init__(self, head: DialogueHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, vectors: Tensor, roles: Tensor, memory: Tensor) -> tuple[Tensor, ...]:
        """(B, T, H), (B, T) and what the chats carry on, (B, S) → one (B, T, k) a head, and (B, T, S) after each turn."""
        read, said, carried = self.head.read(vectors, roles, memory)
        return (*self.head.outputs(read, said), carried)


def export(net: MoodNet, tokenizer: Tokenizer, folder: Path) -> None:
    """Write encoder, head and tokenizer into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(encoder_graph(net.encoder), str(folder / ENCODER))
    export_head(net.head, net.encoder.bert.config.hidden_size, folder / HEAD)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)


def export_head(head: DialogueHead, width: int, path: Path) -> None:
    """Write the head to `path`, able to go on where it stopped."""
    sequences = ["vectors", "roles", *OUTPUTS, "memories"]
    torch.onnx.export(
        ServedHead(head).eval(),
        (torch.zeros(2, 3, width), torch.zeros(2, 3, dtype=torch.long), torch.zeros(2, sum(head.carried))),
        str(path),
        input_names=["vectors", "roles", "memory"],
        output_names=[*OUTPUTS, "memories"],
        dynamic_axes={"memory": {0: "b"}, **{name: {0: "b", 1: "t"} for name in sequences}},
        opset_version=17,
        dynamo=False,
    )


def temperature_on_dev(net: MoodNet, tokenizer: Tokenizer) -> float:
    """The emotion temperature with the lowest negative log likelihood on the dev part (Guo et al. 2017)."""
    batch = make_batch(corpus_part("dev"), rng=None, augment_share=0.0)
    with torch.no_grad():
        logits = net(batch.texts, batch.roles, tokenizer)["emotion"]
    known = batch.targets["emotion"] != IGNORED
    losses = {
        t / 20: nn.functional.cross_entropy(logits[known] / (t / 20), batch.targets["emotion"][known]).item()
        for t in range(10, 61)
    }
    return min(losses, key=losses.__getitem__)


def satisfaction_margin_on_dev(net: MoodNet, tokenizer: Tokenizer) -> float:
    """Half the width of the 80 % interval: the conformal quantile of the errors on the dev part."""
    conversations = corpus_part("dev")
    batch = make_batch(conversations, rng=None, augment_share=0.0)
    with torch.no_grad():
        logits = net(batch.texts, batch.roles, tokenizer)["satisfaction"]
    errors = []
    for row, conversation in zip(logits, conversations, strict=True):
        rating = torch.softmax(row[len(conversation.turns) - 1], -1) @ torch.arange(1.0, 6.0)
        errors.append(abs(rating.item() - conversation.satisfaction))
    return round(conformal_quantile(errors, INTERVAL), 4)


def main() -> None:
    """Export `--train` (a training folder) to `--out` (a model folder)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--out", type=Path, default=Path("models/mood"))
    parser.add_argument(
        "--base",
        default="multilingual-e5-small (MIT)",
        help="what the manifest calls the base encoder, its licence in brackets",
    )
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    net, tokenizer = load_net(args.train / NET_FILE), Tokenizer.from_file(str(args.train / TOKENIZER))
    temperature = temperature_on_dev(net, tokenizer)
    margin = satisfaction_margin_on_dev(net, tokenizer)
    export(net, tokenizer, args.out)
    # Changes are held against what this very model says of others, which needs the model first.
    (args.out / EXPECTATIONS).write_text("")
    write_manifest(
        args.out,
        base=f"{args.base}, {net.encoder.bert.config.num_hidden_layers} layers, "
        f"{net.encoder.bert.config.vocab_size} pieces",
        max_tokens=config["max_tokens"],
        temperature=temperature,
        satisfaction_margin=margin,
    )
    put_expectations(args.out)


if __name__ == "__main__":
    main()
