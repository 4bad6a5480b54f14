"""Finds the cue words of a language in a turn, as spaCy's tokens say. Owns no decision about hits (`guard`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

import daachorse
from spacy.matcher import Matcher, PhraseMatcher

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.answer import Cue
from qa_service.rule_engine.token_pattern import TokenPattern, token_matcher
from qa_service.rule_engine.tokenising import is_by_character, pipeline

# What is parsed of a turn: tokens take far more memory than characters. What stands behind holds no cues of such a language.
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
    ANSWER = "answer"
    DENIAL = "denial"
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
    PAYER = "payer"
    WARNING = "warning"
    FRAUD = "fraud"
    CORRECTION = "correction"
    RETRACTION = "retraction"
    HEDGE = "hedge"


_NOT = re.compile(r"n't\b")
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


_SHADOWS = frozenset((CueKind.ORDINARY, *(kind for shadows in _SHADOWED_BY.values() for kind in shadows)))


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
        self._pipeline = pipeline(language)
        self._pipeline.max_length = _LONGEST_PARSE_CHARS
        self._characters = CueAutomaton(cues) if is_by_character(self._pipeline) else None
        self._matcher = PhraseMatcher(self._pipeline.vocab)
        for kind, words in cues.items() if self._characters is None else ():
            self._matcher.add(str(kind), [self._pipeline.make_doc(each) for word in words for each in _spellings(word)])
        self._token_matchers: dict[TokenPattern, Matcher] = {}

    @property
    def needs_parse(self) -> bool:
        """Whether cues are sought among tokens; where every character is one, they are sought in the text itself."""
        return self._characters is None

    def parse(self, text: NormalisedText) -> Parse:
        """Tokenise a folded turn."""
        return Parse(self._pipeline.make_doc(text.text[:_LONGEST_PARSE_CHARS]), text, self)

    def token_matcher(self, pattern: TokenPattern) -> Matcher:
        """The compiled pattern of a rule, compiled once."""
        if pattern not in self._token_matchers:
            self._token_matchers[pattern] = token_matcher(pattern, self._pipeline.vocab)
        return self._token_matchers[pattern]

    def find(self, text: NormalisedText) -> Cues:
        """The cues of a folded turn."""
        if self._characters is None:
            return self.cues_in(self.parse(text))
        return _unshadowed(self._characters.find(text.text), text)

    def cues_in(self, parse: Parse) -> Cues:
        """The cues of a turn that `needs_parse`; what a longer expression holds (不 in 不但) is none."""
        found: dict[CueKind, set[tuple[int, int]]] = {}
        for match in self._matcher(parse.doc, as_spans=True):
            found.setdefault(CueKind(match.label_), set()).add((match.start_char, match.end_char))
        return _unshadowed(found, parse.text)


class CueAutomaton:
    """The cues of a language in which every character is a token, found as spaCy would, without a parse.

    Blanks are no tokens: 不 行 is 不行.
    """

    def __init__(self, cues: Mapping[CueKind, Sequence[str]]) -> None:
        kinds: dict[str, set[CueKind]] = {}
        for kind, words in cues.items():
            for word in words:
                for each in _spellings(word):
                    kinds.setdefault(each.replace(" ", ""), set()).add(kind)
        self._kinds = tuple(kinds.values())
        self._matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(kinds)) if kinds else None

    def find(self, text: str) -> dict[CueKind, set[tuple[int, int]]]:
        """Start and end of every cue by kind."""
        found: dict[CueKind, set[tuple[int, int]]] = {}
        if self._matcher is None:
            return found
        places = None
        if " " in text:
            places = [at for at, char in enumerate(text) if char != " "]
            text = text.replace(" ", "")
        for start, end, at in self._matcher.find_overlapping(text):
            ends = (start, end) if places is None else (places[start], places[end - 1] + 1)
            for kind in self._kinds[at]:
                found.setdefault(kind, set()).add(ends)
        return found


def _spellings(word: str) -> Sequence[str]:
    """How people write a word with an apostrophe: can't, cant; but we'll is not well. Texts are folded, so none is curly."""
    straight = word.replace("’", "'")
    return (straight, _NOT.sub("nt", straight)) if "'" in straight else (word,)


def _unshadowed(found: Mapping[CueKind, set[tuple[int, int]]], text: NormalisedText) -> Cues:
    """The cues that no longer expression holds."""
    longer = {kind: _Expressions(found[kind]) for kind in _SHADOWS & found.keys()}
    kept: dict[CueKind, tuple[Cue, ...]] = {}
    for kind, spans in found.items():
        shadows = () if kind is CueKind.ORDINARY else (*_SHADOWED_BY.get(kind, ()), CueKind.ORDINARY)
        holding = [longer[shadow] for shadow in shadows if shadow in longer]
        kept[kind] = tuple(
            _cue(kind, start, end, text)
            for start, end in sorted(spans)
            if not any(expressions.hold(start, end) for expressions in holding)
        )
    return Cues(kept)


class _Expressions:
    """The expressions of one kind in a text, asked in logarithmic time: long texts hold thousands."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ends: dict[int, int] = {}
        for start, end in sorted(spans):
            ends[start] = end
        self._starts = list(ends)
        self._ends = list(ends.values())
        self._furthest = list(accumulate(self._ends, max))

    def hold(self, start: int, end: int) -> bool:
        """Whether one of them holds a span, or holds its beginning: 不给 in 不会不给."""
        at = bisect_left(self._starts, start)
        if at and self._furthest[at - 1] > start:
            return True
        return at < len(self._starts) and self._starts[at] == start and self._ends[at] > end


def _cue(kind: CueKind, start: int, end: int, text: NormalisedText) -> Cue:
    span: Span = text.to_original(start, end)
    return Cue(str(kind), text.text[start:end], span)
