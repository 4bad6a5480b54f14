"""Finds the cue words of a language in a turn, by spaCy. Owns no decision about hits (`guard`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import spacy
from spacy.matcher import PhraseMatcher

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.answer import Cue

# Longer turns hold many sentences; cues act within one, so a parse in pieces loses nothing but the cut itself.
_LONGEST_PARSE_CHARS = 100_000


class CueKind(StrEnum):
    """The groups of `cues.yaml` that the guard reads."""

    NEGATION = "negation"
    NEGATION_ADJACENT = "negation_adjacent"
    NEGATION_AFTER = "negation_after"
    PSEUDO_NEGATION = "pseudo_negation"
    TERMINATOR = "terminator"
    OWN_WORDS = "own_words"
    QUESTION = "question"
    QUESTION_END = "question_end"
    ASKS = "asks"
    HYPOTHETICAL = "hypothetical"
    COUNTERFACTUAL = "counterfactual"
    QUOTATION = "quotation"
    REPORTED = "reported"
    WARNING = "warning"
    FRAUD = "fraud"
    CORRECTION = "correction"
    HEDGE = "hedge"


_SHADOWED_BY = {
    CueKind.NEGATION: (CueKind.PSEUDO_NEGATION, CueKind.QUESTION),
    CueKind.NEGATION_ADJACENT: (CueKind.PSEUDO_NEGATION, CueKind.QUESTION),
    CueKind.NEGATION_AFTER: (CueKind.PSEUDO_NEGATION, CueKind.QUESTION),
    CueKind.WARNING: (CueKind.PSEUDO_NEGATION,),
}


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one turn by kind, in order, in original offsets."""

    by_kind: Mapping[CueKind, tuple[Cue, ...]]

    def of(self, kind: CueKind) -> tuple[Cue, ...]:
        """The cues of one kind."""
        return self.by_kind.get(kind, ())


class CueFinder:
    """One language's cue lists, compiled; a turn is tokenised once for all kinds."""

    def __init__(self, language: str, cues: Mapping[CueKind, Sequence[str]]) -> None:
        self._pipeline = spacy.blank(language)
        self._pipeline.max_length = _LONGEST_PARSE_CHARS
        self._matcher = PhraseMatcher(self._pipeline.vocab)
        for kind, words in cues.items():
            self._matcher.add(str(kind), [self._pipeline.make_doc(word) for word in words])

    def find(self, text: NormalisedText) -> Cues:
        """The cues of a folded turn; a negation that a pseudo-negation or question word covers is none."""
        doc = self._pipeline.make_doc(text.text[:_LONGEST_PARSE_CHARS])
        found: dict[CueKind, list[tuple[int, int]]] = {}
        for match in self._matcher(doc, as_spans=True):
            found.setdefault(CueKind(match.label_), []).append((match.start_char, match.end_char))
        kept = {
            kind: tuple(
                _cue(kind, start, end, text)
                for start, end in sorted(spans)
                if not _is_shadowed(kind, start, end, found)
            )
            for kind, spans in found.items()
        }
        return Cues(kept)


def _is_shadowed(kind: CueKind, start: int, end: int, found: Mapping[CueKind, Any]) -> bool:
    return any(
        first <= start and end <= last and last - first > end - start
        for shadow in _SHADOWED_BY.get(kind, ())
        for first, last in found.get(shadow, ())
    )


def _cue(kind: CueKind, start: int, end: int, text: NormalisedText) -> Cue:
    span: Span = text.to_original(start, end)
    return Cue(str(kind), text.text[start:end], span)
