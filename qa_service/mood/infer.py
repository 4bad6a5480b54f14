"""Runs the two ONNX files: texts → turn vectors (cached), vectors → logits. Knows nothing of moods."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import groupby
from threading import Lock

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Tokenizer

from qa_service.mood.manifest import Manifest

Floats = npt.NDArray[np.float32]

TOKENS_A_BATCH = 2048
CACHED_TURNS = 20_000
"""Bound of the turn cache: 20,000 vectors of 384 float32 are 31 MB."""
CACHED_CHARACTERS = 64
"""Only short turns repeat often enough to be worth keeping."""
LENGTH_STEP = 8
"""Token counts are padded to a multiple of this. The int8 kernel computes rows in blocks of four and the rest by another
kernel that rounds differently (by 0.017 in vectors whose largest component is 0.6). With whole blocks a turn's vector is
the same, to 1e-7, whatever shares its batch."""
PAD_ID = 1


class TurnEncoder:
    """Texts → vectors, each text encoded once as long as the cache remembers it. Safe to share between threads."""

    def __init__(self, manifest: Manifest, *, threads: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(manifest.folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest.max_tokens)
        self._tokenizer.no_padding()
        self._session = _session(manifest, "encoder.onnx", threads)
        self._cache: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()
        self.width: int = self._session.get_outputs()[0].shape[1]

    def encode(self, texts: Sequence[str]) -> Floats:
        """N texts → (n, width) float32, same order; '' is all zeros."""
        known = self._remembered(texts)
        missing = [text for text in dict.fromkeys(texts) if text and text not in known]
        fresh = self._encode(missing)
        self._remember(fresh)
        zero = np.zeros(self.width, dtype=np.float32)
        vectors = [known.get(text, fresh.get(text, zero)) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, self.width), dtype=np.float32)

    def _encode(self, texts: Sequence[str]) -> dict[str, Floats]:
        encodings = self._tokenizer.encode_batch(list(texts))
        rows = sorted(((e.ids, text) for e, text in zip(encodings, texts, strict=True)), key=lambda row: len(row[0]))
        vectors: dict[str, Floats] = {}
        for length, group in groupby(rows, key=lambda row: -(-len(row[0]) // LENGTH_STEP) * LENGTH_STEP):
            same_length = list(group)
            size = max(1, TOKENS_A_BATCH // length)
            for at in range(0, len(same_length), size):
                chunk = same_length[at : at + size]
                batch = self._run([ids for ids, _ in chunk], length)
                vectors.update(zip((text for _, text in chunk), batch, strict=True))
        return vectors

    def _run(self, ids: Sequence[Sequence[int]], length: int) -> Floats:
        padded = np.full((len(ids), length), PAD_ID, dtype=np.int64)
        mask = np.zeros((len(ids), length), dtype=np.int64)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        vectors: Floats = self._session.run(None, {"input_ids": padded, "attention_mask": mask})[0]
        return vectors

    def _remembered(self, texts: Sequence[str]) -> dict[str, Floats]:
        with self._lock:
            found = {text: self._cache[text] for text in texts if text in self._cache}
            for text in found:
                self._cache.move_to_end(text)
        return found

    def _remember(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                if len(text) <= CACHED_CHARACTERS:
                    # A copy, or the cache would keep the whole batch alive.
                    self._cache[text] = vector.copy()
            while len(self._cache) > CACHED_TURNS:
                self._cache.popitem(last=False)


class DialogueHead:
    """Turn vectors and roles of one conversation → logits of every turn; turn t depends on turns ≤ t only."""

    def __init__(self, manifest: Manifest) -> None:
        self._session = _session(manifest, "head.onnx", 1)
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, vectors: Floats, roles: Sequence[int]) -> dict[str, Floats]:
        """(T, width) and T role numbers → (T, k) logits by output name."""
        feed = {"vectors": vectors[np.newaxis], "roles": np.array([roles], dtype=np.int64)}
        return {name: logits[0] for name, logits in zip(self._outputs, self._session.run(None, feed), strict=True)}


def _session(manifest: Manifest, name: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(manifest.folder / name), options, providers=["CPUExecutionProvider"])
