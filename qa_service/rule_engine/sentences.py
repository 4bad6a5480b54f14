"""Vectors of rules' sentences, by an encoder that is passed in. Owns no model and no threshold."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.cues import CueFinder, CueKind

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]


class SentenceEncoder(Protocol):
    """Turns texts into vectors that lie near each other where they mean the same."""

    def __call__(self, texts: Sequence[str]) -> Floats:
        """N texts → (n, width) float32, same order, rows of length 1."""


class SentencesUnavailable(Exception):
    """There is no encoder, it failed, or the conversation is too long for it; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sentences:
    """Encodes; the sentences of rules once, when they are first needed. Safe to share between threads."""

    def __init__(self, encoder: SentenceEncoder | None, cue_finders: Mapping[str, CueFinder]) -> None:
        self._encoder = encoder
        self._cue_finders = cue_finders
        self._vectors: dict[tuple[str, ...], Floats] = {}
        self._negated: dict[tuple[str, str], bool] = {}
        self._lock = threading.Lock()

    def vectors(self, sentences: tuple[str, ...]) -> Floats:
        """(n, width) of a rule's sentences; raises SentencesUnavailable."""
        with self._lock:
            if sentences not in self._vectors:
                self._vectors[sentences] = self.encode([cased_view(sentence).text for sentence in sentences])
            return self._vectors[sentences]

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, width), same order; raises SentencesUnavailable."""
        if self._encoder is None:
            raise SentencesUnavailable("there is no sentence encoder")
        try:
            return self._encoder(texts)
        except Exception as error:
            # The type alone: a message may quote the transcript.
            logger.error("sentence encoder failed: %s", type(error).__name__)
            raise SentencesUnavailable("the sentence encoder failed") from error

    def is_negated(self, sentence: str, language: str) -> bool:
        """Whether a rule's sentence holds a negation of its own."""
        key = sentence, language
        if key not in self._negated:
            finder = self._cue_finders.get(language)
            cues = finder.find(folded_view(cased_view(sentence))) if finder else None
            self._negated[key] = cues is not None and any(
                cues.of(kind) for kind in (CueKind.NEGATION, CueKind.NEGATION_ADJACENT, CueKind.NEGATION_AFTER)
            )
        return self._negated[key]
