"""All words and patterns of all packs, compiled once. Owns views and word edges, not what a rule does with a hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any

import daachorse
import re2

from qa_service.domain.text import NormalisedText, NormalisedTurn, Span
from qa_service.normalise import cased_view, compact_view, folded_view

CLAUSE_MARKS = frozenset("，。！？；：,!?;:\n\r")
# What a pattern may take in at its ends only to see where words end.
_EDGES = "".join(CLAUSE_MARKS) + " ~、…"
# Room for the automaton of all patterns together; RE2 stays linear within it.
_PATTERN_MEMORY_BYTES = 64 << 20


class View(StrEnum):
    """The readings through which words are sought, the most literal first."""

    CASED = "cased"
    COMPACT = "compact"
    COLLAPSED = "collapsed"

    @property
    def rank(self) -> int:
        """0 is the most literal."""
        return _RANKS[self]


_RANKS = {view: at for at, view in enumerate(View)}


@dataclass(frozen=True, slots=True)
class Term:
    """A word as packs write it, folded as texts are. An open edge may stand inside a longer Latin word."""

    text: str
    is_open_left: bool
    is_open_right: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word found in a turn: its span in the original text and the view that showed it."""

    span: Span
    view: View


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled RE2 pattern and, for the prefilter, its source."""

    source: str
    regex: Any = field(compare=False, hash=False)


def read_term(word: str) -> Term | None:
    """`refund*` → the folded word with an open right edge; None if nothing of it can be matched."""
    is_open_left, is_open_right = word.startswith("*"), word.endswith("*") and len(word) > 1
    text = folded_view(cased_view(word.strip("*"))).text
    return Term(text, is_open_left, is_open_right) if text else None


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


def compact_of(text: str) -> str:
    """A folded text as the `compact` view shows it."""
    return compact_view(NormalisedText(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))).text


class Lexicon:
    """Collects words and patterns while packs are read; ids count up from 0 in each."""

    def __init__(self) -> None:
        self._terms: dict[Term, int] = {}
        self._patterns: dict[str, int] = {}
        self._compiled: list[Pattern] = []
        self._views: set[View] = {View.CASED}

    def add_term(self, term: Term) -> int:
        """The id of a word; the same word has the same id."""
        return self._terms.setdefault(term, len(self._terms))

    def add_pattern(self, pattern: Pattern) -> int:
        """The id of a pattern; the same source has the same id."""
        if pattern.source not in self._patterns:
            self._patterns[pattern.source] = len(self._compiled)
            self._compiled.append(pattern)
        return self._patterns[pattern.source]

    def use(self, views: Iterable[View]) -> None:
        """Ask for views beside `cased`."""
        self._views.update(views)

    def compile(self) -> Scanner:
        """Build the automata."""
        terms = tuple(self._terms)
        automata = tuple(_Automaton.build(view, terms) for view in View if view in self._views)
        return Scanner(automata=automata, patterns=tuple(self._compiled), prefilter=_prefilter(self._compiled))


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
            text = _in_view(term.text, view)
            if text:
                owners.setdefault(text, []).append((term_id, term))
        matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(owners)) if owners else None
        return cls(view, matcher, tuple(tuple(found) for found in owners.values()))

    def scan(self, text: NormalisedText, original: str, found: dict[int, dict[tuple[int, int], View]]) -> None:
        """Add what this view shows and no earlier one did."""
        if self.matcher is None:
            return
        is_literal = self.view is View.CASED
        for start, end, at in self.matcher.find_overlapping(text.text):
            if not is_literal and not _is_deliberate(text, start, end, original):
                continue
            # A pair and not a Span: this is the hottest line of the engine, and pairs hash in C.
            ends = (text.origins[start], text.ends[end - 1])
            for term_id, term in self.owners[at]:
                if _has_word_edges(term, text.text[start], text.text[end - 1], original, ends):
                    found.setdefault(term_id, {}).setdefault(ends, self.view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """The compiled words and patterns; scans a turn once for all rules."""

    automata: tuple[_Automaton, ...]
    patterns: tuple[Pattern, ...]
    prefilter: Any

    def words(self, turn: NormalisedTurn) -> dict[int, tuple[Occurrence, ...]]:
        """Term id → its occurrences in order, each span through the most literal view."""
        found: dict[int, dict[tuple[int, int], View]] = {}
        for automaton in self.automata:
            text = _reading(turn, automaton.view)
            if text is not None:
                automaton.scan(text, turn.turn.text, found)
        return {
            term_id: tuple(Occurrence(Span(*ends), view) for ends, view in sorted(spans.items()))
            for term_id, spans in found.items()
        }

    def pattern_ids(self, turn: NormalisedTurn) -> frozenset[int]:
        """The patterns that match somewhere in the turn."""
        if self.prefilter is None:
            return frozenset()
        return frozenset(self.prefilter.Match(turn.text.text) or ())

    def find(self, pattern_id: int, turn: NormalisedTurn) -> tuple[Span, ...]:
        """The matches of a pattern without marks and spaces at their ends, as spans of the original."""
        spans = (_trimmed(match) for match in self.patterns[pattern_id].regex.finditer(turn.text.text))
        return tuple(turn.text.to_original(start, end) for start, end in spans if end > start)


def _trimmed(match: Any) -> tuple[int, int]:
    said = match.group()
    return match.start() + len(said) - len(said.lstrip(_EDGES)), match.end() - (len(said) - len(said.rstrip(_EDGES)))


def _prefilter(patterns: Sequence[Pattern]) -> Any:
    if not patterns:
        return None
    together = re2.Set.SearchSet(_pattern_options())
    for pattern in patterns:
        together.Add(pattern.source)
    together.Compile()
    return together


def _pattern_options() -> Any:
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    options.case_sensitive = False
    return options


def _reading(turn: NormalisedTurn, view: View) -> NormalisedText | None:
    """The text of a view; None where it shows nothing that an earlier view does not."""
    if view is View.CASED:
        return turn.text
    if view is View.COMPACT:
        return turn.compact if turn.compact.text != turn.text.text else None
    return _collapsed(turn.compact)


def _collapsed(text: NormalisedText) -> NormalisedText | None:
    """Runs of one character as one, the run's whole span with it; numbers stay. None if there is no run."""
    chars = text.text
    firsts = [at for at, char in enumerate(chars) if at == 0 or char != chars[at - 1] or char.isdigit()]
    if len(firsts) == len(chars):
        return None
    lasts = [after - 1 for after in (*firsts[1:], len(chars))]
    return NormalisedText(
        "".join(chars[at] for at in firsts),
        tuple(text.origins[at] for at in firsts),
        tuple(text.ends[at] for at in lasts),
    )


def _in_view(text: str, view: View) -> str:
    """A word as a view would show it; '' where seeking it there would find too much."""
    if view is View.CASED:
        return text
    compact = compact_of(text)
    if len(compact) < 2:
        return ""
    has_run = any(a == b for a, b in pairwise(compact))
    return "" if view is View.COLLAPSED and has_run else compact


def _is_deliberate(text: NormalisedText, start: int, end: int, original: str) -> bool:
    """退。货 is two sentences; 加，微，信 is one word in hiding, and so is 脑。残 where it stands alone."""
    gaps = [original[text.ends[at] : text.origins[at + 1]] for at in range(start, end - 1)]
    if not any(CLAUSE_MARKS.intersection(gap) for gap in gaps):
        return True
    if len(gaps) > 1:
        return all(gaps)
    before, after = text.origins[start] - 1, text.ends[end - 1]
    return before < 0 or after >= len(original) or not (original[before].isalnum() and original[after].isalnum())


def _has_word_edges(term: Term, first: str, last: str, original: str, ends: tuple[int, int]) -> bool:
    start, end = ends
    if not term.is_open_left and start and _is_latin(first) and _is_latin(original[start - 1]):
        return False
    return term.is_open_right or end >= len(original) or not (_is_latin(last) and _is_latin(original[end]))


def _is_latin(char: str) -> bool:
    """A letter or digit of a script that writes words with spaces (Latin, Greek, Cyrillic; also full width)."""
    return char.isalnum() and (char < "⺀" or "！" <= char <= "～")
