"""Runs the two ONNX files: texts → turn vectors (cached), vectors → logits. Knows nothing of moods."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from qa_service.mood.manifest import Manifest

Floats = npt.NDArray[np.float32]

TOKENS_A_BATCH = 512
"""Measured: 256 to 512 are fastest, 2,048 took 1.4 times the CPU time (one thread, 400 turns)."""
CACHED_TURNS = 20_000
"""Bound of the turn cache: 20,000 vectors of 384 float32 are 31 MB."""
CACHED_CHARACTERS = 64
"""Only short turns repeat often enough to be worth keeping."""
PAD_ID = 1
UNKNOWN_ID = 3
"""The marks (start, padding, end) have lower numbers, all pieces higher ones."""
_LEAST_WEIGHT = 1e-6
MARKS = 3
"""Tokens that are no character of the text: both ends, and a space before it."""
WINDOW_TOKENS, SHARED_TOKENS = 40, 12
"""Of a text that is too long to be read at once, and what two windows share, so that few phrases are cut in two.

Measured on labelled turns behind 100 tokens of courtesy: a few words are lost among 96 (ADR 34).
"""


@dataclass(frozen=True, slots=True)
class ReadText:
    """One text as the encoder saw it: n tokens (with the marks around them), states (n, width), offsets into the text.

    The text's vector is the mean of the states, each of K parts of the width weighted by its column of `weights` (n, K).
    """

    states: Floats
    weights: Floats
    offsets: tuple[tuple[int, int], ...]

    def vectors_without(self, pieces: Sequence[tuple[int, int]]) -> Floats:
        """(pieces, width): the vector without each piece, from its first token up to the one behind its last."""
        weights = self.weights.astype(np.float64)[..., np.newaxis]
        sums = _sums(weights * self.states.reshape(*self.weights.shape, -1))
        shares = _sums(weights)
        first, behind = np.array(pieces).T
        # all weight may lie on the piece
        left = np.maximum(shares[-1] - (shares[behind] - shares[first]), _LEAST_WEIGHT)
        means = (sums[-1] - (sums[behind] - sums[first])) / left
        vectors: Floats = means.reshape(len(pieces), -1).astype(np.float32)
        return vectors


class TurnEncoder:
    """Texts → vectors, each text encoded once as long as the cache remembers it. Safe to share between threads."""

    def __init__(self, manifest: Manifest, *, threads: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(manifest.folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest.max_tokens)
        self._max_tokens = manifest.max_tokens
        self._tokenizer.no_padding()
        self._windows = Tokenizer.from_str(self._tokenizer.to_str())
        self._windows.enable_truncation(WINDOW_TOKENS, stride=SHARED_TOKENS)
        self._session = _session(manifest, "encoder.onnx", threads)
        self._cache: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()
        self._asked = self._hits = 0
        self.width: int = self._session.get_outputs()[0].shape[1]
        self._outputs = [output.name for output in self._session.get_outputs()]

    def knows(self, text: str) -> bool:
        """Whether any piece of the text, beside spaces, stands in the vocabulary."""
        return any(
            self._tokenizer.id_to_token(piece) != "▁"
            for piece in self._tokenizer.encode(text).ids
            if piece > UNKNOWN_ID
        )

    def windows(self, text: str) -> list[tuple[int, int]]:
        """The parts [start, end) of a text that are encoded whole, in order, each sharing its edge with the next."""
        # A character is one token at most.
        if len(text) <= self._max_tokens - MARKS or not self._tokenizer.encode(text).overflowing:
            return [(0, len(text))]
        first = self._windows.encode(text)
        return [(_first(part), _behind(part)) for part in (first, *first.overflowing)]

    def encode(self, texts: Sequence[str], *, read: dict[str, ReadText] | None = None) -> Floats:
        """N texts → (n, width) float32, same order; '' is all zeros. `read` takes the tokens of what was encoded anew."""
        known = self._remembered(texts)
        missing = [text for text in dict.fromkeys(texts) if text and text not in known]
        fresh = self._encode(missing, read)
        self._remember(fresh)
        zero = np.zeros(self.width, dtype=np.float32)
        vectors = [known.get(text, fresh.get(text, zero)) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, self.width), dtype=np.float32)

    def cache_counts(self) -> tuple[int, int]:
        """Texts that were asked for, each once a call, and those of them that were remembered."""
        with self._lock:
            return self._asked, self._hits

    def read(self, texts: Sequence[str]) -> dict[str, ReadText]:
        """The tokens of each text, whatever the cache remembers."""
        read: dict[str, ReadText] = {}
        self._encode(list(dict.fromkeys(texts)), read)
        return read

    def _encode(self, texts: Sequence[str], read: dict[str, ReadText] | None) -> dict[str, Floats]:
        encodings = self._tokenizer.encode_batch(list(texts))
        rows = sorted(zip(encodings, texts, strict=True), key=lambda row: len(row[0].ids))
        vectors: dict[str, Floats] = {}
        for chunk in _batches(rows):
            batch, *states = self._run([e.ids for e, _ in chunk], with_states=read is not None)
            vectors.update(zip((text for _, text in chunk), batch, strict=True))
            if read is not None:
                read.update((text, _read(e, *own)) for (e, text), *own in zip(chunk, *states, strict=True))
        return vectors

    def _run(self, ids: Sequence[Sequence[int]], *, with_states: bool) -> list[Floats]:
        """The vectors; `with_states` also states and, where the model has them, weights."""
        length = len(ids[-1])
        padded = np.full((len(ids), length), PAD_ID, dtype=np.int64)
        mask = np.zeros((len(ids), length), dtype=np.int64)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        wanted = self._outputs if with_states else self._outputs[:1]
        outputs: list[Floats] = self._session.run(wanted, {"input_ids": padded, "attention_mask": mask})
        return outputs

    def _remembered(self, texts: Sequence[str]) -> dict[str, Floats]:
        with self._lock:
            found = {text: self._cache[text] for text in texts if text in self._cache}
            for text in found:
                self._cache.move_to_end(text)
            self._asked += len({*texts} - {""})
            self._hits += len(found)
        return found

    def _remember(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                if len(text) <= CACHED_CHARACTERS:
                    # A copy, or the cache would keep the whole batch alive.
                    self._cache[text] = vector.copy()
            while len(self._cache) > CACHED_TURNS:
                self._cache.popitem(last=False)


@dataclass(frozen=True, slots=True)
class HeadOutput:
    """Of T turns: (T, k) logits by output name, and the memory (T, S) after each turn."""

    logits: dict[str, Floats]
    memories: Floats


class DialogueHead:
    """Turn vectors and roles of one conversation → logits of every turn; turn t depends on turns ≤ t only."""

    def __init__(self, manifest: Manifest) -> None:
        self._session = _session(manifest, "head.onnx", 1)
        self._outputs = [output.name for output in self._session.get_outputs()]
        self.memory_width: int = self._session.get_inputs()[-1].shape[1]

    def fresh_memory(self) -> Floats:
        """(S,): that of a conversation in which nothing was said yet."""
        return np.zeros(self.memory_width, dtype=np.float32)

    def run(self, vectors: Floats, roles: Sequence[int], memory: Floats | None = None) -> HeadOutput:
        """T turns that follow on `memory`, (T, width) vectors and T role numbers."""
        before = self.fresh_memory() if memory is None else memory
        outputs = self._feed(vectors[np.newaxis], np.array([roles], dtype=np.int64), before[np.newaxis])
        return HeadOutput(
            {name: rows[0] for name, rows in outputs.items() if name != "memories"}, outputs["memories"][0]
        )

    def alternatives(self, vectors: Floats, role: int, memory: Floats) -> dict[str, Floats]:
        """The logits (n, k) of n vectors of which each might have been the turn after `memory`."""
        n = len(vectors)
        roles = np.full((n, 1), role, dtype=np.int64)
        outputs = self._feed(vectors[:, np.newaxis], roles, np.repeat(memory[np.newaxis], n, axis=0))
        return {name: rows[:, 0] for name, rows in outputs.items() if name != "memories"}

    def _feed(self, vectors: Floats, roles: npt.NDArray[np.int64], memory: Floats) -> dict[str, Floats]:
        feed = {"vectors": vectors, "roles": roles, "memory": memory}
        return dict(zip(self._outputs, self._session.run(None, feed), strict=True))


def _first(part: Encoding) -> int:
    return min(start for start, end in part.offsets if start < end)


def _behind(part: Encoding) -> int:
    return max(end for _, end in part.offsets)


def _sums(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the first 0, 1 … n rows."""
    return np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])


def _read(encoding: Encoding, states: Floats, weights: Floats | None = None) -> ReadText:
    """Models of before had plain means and no weights."""
    size = len(encoding.ids)
    own = np.ones((size, 1), dtype=np.float32) if weights is None else weights[:size]
    return ReadText(states[:size], own, tuple(encoding.offsets))


def _batches(rows: Sequence[tuple[Encoding, str]]) -> Iterator[Sequence[tuple[Encoding, str]]]:
    """Rows in order of length, cut so that none has more than `TOKENS_A_BATCH` tokens when padded to its last row."""
    first = 0
    for at, (encoding, _) in enumerate(rows):
        if at > first and (at + 1 - first) * len(encoding.ids) > TOKENS_A_BATCH:
            yield rows[first:at]
            first = at
    if rows:
        yield rows[first:]


def _session(manifest: Manifest, name: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # More would join nodes for the worse: the joint layer norm takes three times as long as its parts.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return ort.InferenceSession(str(manifest.folder / name), options, providers=["CPUExecutionProvider"])
