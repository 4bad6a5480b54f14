"""All words and patterns of all packs, compiled once. Owns views and word edges, not what a rule does with a hit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import daachorse
import re2

from qa_service.domain.text import NormalisedText, NormalisedTurn, Span
from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.evasion.automaton import SHAPE_VIEWS, SOUND_VIEWS, Found, HiddenWords
from qa_service.rule_engine.evasion.view import Undone, View
from qa_service.rule_engine.prefilter import Prefilter
from qa_service.rule_engine.term import CLAUSE_MARKS, Term, compact_of, has_word_edges, is_deliberate

# What a pattern may take in at its ends only to see where words end.
_EDGES = "".join(CLAUSE_MARKS) + " ~、…"
# Room for the automaton of a pattern; RE2 stays linear within it.
_PATTERN_MEMORY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word found in a turn: its span in the original text, the view that showed it and what was undone."""

    span: Span
    view: View
    undone: tuple[Undone, ...] = ()

    def is_seen_through(self, views: frozenset[View]) -> bool:
        """Whether a rule with these views sees it."""
        return self.view in views and all(item.how in views for item in self.undone)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled RE2 pattern and, for the prefilter, its source."""

    source: str
    regex: Any = field(compare=False, hash=False)


def pattern_trigger(pattern_id: int) -> int:
    """The trigger that stands for a pattern; a term's is its id, 0 and up."""
    return -1 - pattern_id


def compile_pattern(source: str) -> Pattern:
    """Compile with RE2, folded as texts are; raises re2.error where the syntax is not RE2's."""
    folded = _fold_pattern(source)
    return Pattern(folded, re2.compile(folded, _pattern_options()))


def _fold_pattern(source: str) -> str:
    """What is not ASCII as folded texts show it: ， is a comma there, 妳 is 你; marks that it folds to are escaped."""
    return "".join(char if char.isascii() else _fold_pattern_char(char) for char in source)


@lru_cache(maxsize=8192)
def _fold_pattern_char(char: str) -> str:
    folded = folded_view(cased_view(char)).text or char
    return folded if folded == char or folded.isalnum() else "".join("\\" + mark for mark in folded)


class Lexicon:
    """Collects words and patterns while packs are read; ids count up from 0 in each."""

    def __init__(self) -> None:
        self._terms: dict[Term, int] = {}
        self._patterns: dict[str, int] = {}
        self._compiled: list[Pattern] = []
        self._by_shape: set[int] = set()
        self._by_sound: set[int] = set()

    def add_term(self, term: Term) -> int:
        """The id of a word; the same word has the same id."""
        return self._terms.setdefault(term, len(self._terms))

    def add_pattern(self, pattern: Pattern) -> int:
        """The id of a pattern; the same source has the same id."""
        if pattern.source not in self._patterns:
            self._patterns[pattern.source] = len(self._compiled)
            self._compiled.append(pattern)
        return self._patterns[pattern.source]

    def seek(self, term_ids: Iterable[int], views: frozenset[View]) -> None:
        """Ask for words through views beside `cased` and `compact`, in which all words are sought."""
        wanted = tuple(term_ids)
        if views & SHAPE_VIEWS:
            self._by_shape.update(wanted)
        if views & SOUND_VIEWS:
            self._by_sound.update(wanted)

    def compile(self) -> Scanner:
        """Build the automata."""
        terms = tuple(self._terms)
        hidden = HiddenWords.build(terms, self._by_shape, self._by_sound)
        automata = tuple(_Automaton.build(view, terms) for view in (View.CASED, View.COMPACT))
        prefilter = Prefilter.build([pattern.source for pattern in self._compiled])
        return Scanner(automata=automata, hidden=hidden, patterns=tuple(self._compiled), prefilter=prefilter)


@dataclass(frozen=True, slots=True)
class _Automaton:
    """One view's Aho–Corasick automaton; `owners[i]` are the (term id, term) that pattern `i` stands for."""

    view: View
    matcher: Any
    owners: tuple[tuple[tuple[int, Term], ...], ...]

    @classmethod
    def build(cls, view: View, terms: Sequence[Term]) -> _Automaton:
        owners: dict[str, list[tuple[int, Term]]] = {}
        for term_id, term in enumerate(terms):
            text = term.text if view is View.CASED else compact_of(term.text)
            # One character alone, sought between marks, would be found everywhere.
            if len(text) > 1 or view is View.CASED:
                owners.setdefault(text, []).append((term_id, term))
        matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(owners)) if owners else None
        return cls(view, matcher, tuple(tuple(found) for found in owners.values()))

    def scan(self, text: NormalisedText, original: str, found: Found) -> None:
        """Add what this view shows and no earlier one did."""
        if self.matcher is None:
            return
        is_literal = self.view is View.CASED
        origins, ends_of = text.origins, text.ends
        for start, end, at in self.matcher.find_overlapping(text.text):
            # A pair and not a Span: this is the hottest line of the engine, and pairs hash in C.
            ends = (origins[start], ends_of[end - 1])
            for term_id, term in self.owners[at]:
                spans = found.get(term_id)
                if spans is not None and ends in spans:
                    continue
                if (is_literal or _is_deliberate(text, start, end, original)) and has_word_edges(
                    term, text.text[start], text.text[end - 1], original, ends
                ):
                    undone = () if is_literal else _compact_undone(text, start, end, original)
                    found.setdefault(term_id, {})[ends] = (self.view, undone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """The compiled words and patterns; scans a turn once for all rules."""

    automata: tuple[_Automaton, ...]
    hidden: HiddenWords
    patterns: tuple[Pattern, ...]
    prefilter: Prefilter

    def words(self, turn: NormalisedTurn) -> Found:
        """The words of a turn, each span through the most literal view."""
        found: Found = {}
        literal, compact = self.automata
        literal.scan(turn.text, turn.turn.text, found)
        if turn.compact.text != turn.text.text:
            compact.scan(turn.compact, turn.turn.text, found)
        self.hidden.scan(turn, found)
        return found

    def pattern_ids(self, text: NormalisedText) -> frozenset[int]:
        """The patterns that may match somewhere in a folded text; no other does."""
        return self.prefilter.possible(text.text)

    def find(self, pattern_id: int, text: NormalisedText) -> tuple[Span, ...]:
        """The matches of a pattern without marks and spaces at their ends, as spans of the original."""
        spans = (_trimmed(match) for match in self.patterns[pattern_id].regex.finditer(text.text))
        return tuple(text.to_original(start, end) for start, end in spans if end > start)


def _trimmed(match: Any) -> tuple[int, int]:
    said = match.group()
    return match.start() + len(said) - len(said.lstrip(_EDGES)), match.end() - (len(said) - len(said.rstrip(_EDGES)))


def _pattern_options() -> Any:
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    options.case_sensitive = False
    return options


def _compact_undone(text: NormalisedText, start: int, end: int, original: str) -> tuple[Undone, ...]:
    """What the compact view passed over inside a hit, and the foreign letters that it read."""
    undone = []
    for at in range(start, end):
        span, char = Span(text.origins[at], text.ends[at]), text.text[at]
        said = original[span.start : span.end]
        if char.isascii() and unicodedata.normalize("NFKC", said).lower() != char:
            undone.append(Undone(span, View.COMPACT, said, char))
        if at + 1 < end and text.origins[at + 1] > span.end:
            gap = Span(span.end, text.origins[at + 1])
            undone.append(Undone(gap, View.COMPACT, original[gap.start : gap.end], ""))
    return tuple(undone)


def _is_deliberate(text: NormalisedText, start: int, end: int, original: str) -> bool:
    gaps = [original[text.ends[at] : text.origins[at + 1]] for at in range(start, end - 1)]
    return is_deliberate(gaps, original, (text.origins[start], text.ends[end - 1]))
