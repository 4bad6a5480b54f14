"""Finds the cue words of a language in a turn, by spaCy. Owns no decision about hits (`guard`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import spacy
from spacy.matcher import Matcher, PhraseMatcher

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.answer import Cue
from qa_service.rule_engine.token_pattern import TokenPattern

# Longer turns hold many sentences; cues act within one, so a parse in pieces loses nothing but the cut itself.
_LONGEST_PARSE_CHARS = 100_000


class CueKind(StrEnum):
    """The groups of `cues.yaml` that the guard reads."""

    NEGATION = "negation"
    NEGATION_ADJACENT = "negation_adjacent"
    NEGATION_AFTER = "negation_after"
    PSEUDO_NEGATION = "pseudo_negation"
    ORDINARY = "ordinary"
    RHETORICAL = "rhetorical"
    TERMINATOR = "terminator"
    OWN_WORDS = "own_words"
    QUESTION = "question"
    QUESTION_AFTER = "question_after"
    QUESTION_END = "question_end"
    ASKS = "asks"
    HYPOTHETICAL = "hypothetical"
    REFUSAL = "refusal"
    SUPPOSED = "supposed"
    IMAGINED = "imagined"
    COUNTERFACTUAL = "counterfactual"
    CONDITION = "condition"
    DECISION = "decision"
    PROVISO = "proviso"
    CUSTOMER = "customer"
    QUOTATION = "quotation"
    SPEAKER = "speaker"
    ADDRESSEE = "addressee"
    SPEECH = "speech"
    REPORTED = "reported"
    WARNING = "warning"
    FRAUD = "fraud"
    CORRECTION = "correction"
    RETRACTION = "retraction"
    HEDGE = "hedge"


_NO_NEGATION = (CueKind.PSEUDO_NEGATION, CueKind.QUESTION, CueKind.RHETORICAL)
_SHADOWED_BY = {
    CueKind.NEGATION: _NO_NEGATION,
    CueKind.NEGATION_ADJACENT: _NO_NEGATION,
    CueKind.NEGATION_AFTER: _NO_NEGATION,
    CueKind.QUESTION: (CueKind.PSEUDO_NEGATION, CueKind.RHETORICAL),
    CueKind.WARNING: (CueKind.PSEUDO_NEGATION,),
    CueKind.SUPPOSED: (CueKind.HYPOTHETICAL,),
    CueKind.SPEAKER: (CueKind.ADDRESSEE,),
    CueKind.QUOTATION: (CueKind.ADDRESSEE,),
}


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one turn by kind, in order, in original offsets."""

    by_kind: Mapping[CueKind, tuple[Cue, ...]]

    def of(self, kind: CueKind) -> tuple[Cue, ...]:
        """The cues of one kind."""
        return self.by_kind.get(kind, ())


@dataclass(frozen=True, slots=True)
class Parse:
    """One folded turn tokenised, shared by cues and by the token patterns of all rules."""

    doc: Any
    text: NormalisedText
    finder: CueFinder

    def matches(self, pattern: TokenPattern) -> list[Span]:
        """The longest matches of a token pattern that do not overlap, in original offsets."""
        return [
            self.text.to_original(match.start_char, match.end_char)
            for match in self.finder.token_matcher(pattern)(self.doc, as_spans=True)
        ]


class CueFinder:
    """One language's tokeniser with its cue lists, compiled; a turn is tokenised once for everything."""

    def __init__(self, language: str, cues: Mapping[CueKind, Sequence[str]]) -> None:
        self._pipeline = spacy.blank(language)
        self._pipeline.max_length = _LONGEST_PARSE_CHARS
        self._matcher = PhraseMatcher(self._pipeline.vocab)
        for kind, words in cues.items():
            self._matcher.add(str(kind), [self._pipeline.make_doc(word) for word in words])
        self._token_matchers: dict[TokenPattern, Matcher] = {}

    def parse(self, text: NormalisedText) -> Parse:
        """Tokenise a folded turn."""
        return Parse(self._pipeline.make_doc(text.text[:_LONGEST_PARSE_CHARS]), text, self)

    def token_matcher(self, pattern: TokenPattern) -> Matcher:
        """The compiled pattern of a rule, compiled once."""
        if pattern not in self._token_matchers:
            matcher = Matcher(self._pipeline.vocab)
            matcher.add("pattern", [json.loads(pattern)], greedy="LONGEST")
            self._token_matchers[pattern] = matcher
        return self._token_matchers[pattern]

    def find(self, text: NormalisedText) -> Cues:
        """The cues of a folded turn."""
        return self.cues_in(self.parse(text))

    def cues_in(self, parse: Parse) -> Cues:
        """The cues of a parsed turn; what a longer expression holds (不 in 不但) is none."""
        doc, text = parse.doc, parse.text
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
    """Whether a longer expression holds the cue, or holds its beginning: 不给 in 不会不给."""
    if kind is CueKind.ORDINARY:
        return False
    return any(
        first < start < last or (first == start and end < last)
        for shadow in (*_SHADOWED_BY.get(kind, ()), CueKind.ORDINARY)
        for first, last in found.get(shadow, ())
    )


def _cue(kind: CueKind, start: int, end: int, text: NormalisedText) -> Cue:
    span: Span = text.to_original(start, end)
    return Cue(str(kind), text.text[start:end], span)
