"""All words and patterns of all packs, compiled once. Owns views and word edges, not what a rule does with a hit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import daachorse

from qa_service.domain.text import NormalisedText, NormalisedTurn, Span
from qa_service.rule_engine.blocks import JOINT
from qa_service.rule_engine.evasion.automaton import SHAPE_VIEWS, SOUND_VIEWS, Depth, Found, HiddenWords
from qa_service.rule_engine.evasion.reading import Hidden
from qa_service.rule_engine.evasion.view import Undone, View
from qa_service.rule_engine.pattern import Pattern
from qa_service.rule_engine.prefilter import Prefilter
from qa_service.rule_engine.term import CLAUSE_MARKS, Term, compact_of, has_word_edges, is_deliberate, may_be_inside

# What a pattern may take in at its ends only to see where words end.
_EDGES = "".join(CLAUSE_MARKS) + " ~、…"
_AS_WRITTEN: tuple[View, tuple[Undone, ...]] = (View.CASED, ())


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word found in a turn: its span in the original text, the view that showed it and what was undone."""

    span: Span
    view: View
    undone: tuple[Undone, ...] = ()

    def is_seen_through(self, views: frozenset[View]) -> bool:
        """Whether a rule with these views sees it."""
        return self.view in views and all(item.how in views for item in self.undone)


class Lexicon:
    """Collects words and patterns while packs are read; ids count up from 0 in each."""

    def __init__(self) -> None:
        self._terms: dict[Term, int] = {}
        self._patterns: dict[str, int] = {}
        self._compiled: list[Pattern] = []
        self._sought: set[int] = set()
        self._by_shape: set[int] = set()
        self._by_sound: set[int] = set()

    def add_term(self, term: Term) -> int:
        """The id of a word; the same word has the same id."""
        return self._terms.setdefault(term, len(self._terms))

    def add_pattern(self, pattern: Pattern, *, is_exception: bool = False) -> int:
        """The id of a pattern; the same source has the same id. One of exceptions alone sets off no rule."""
        if pattern.source not in self._patterns:
            self._patterns[pattern.source] = len(self._compiled)
            self._compiled.append(pattern)
        pattern_id = self._patterns[pattern.source]
        if not is_exception:
            self._sought.add(pattern_id)
        return pattern_id

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
        compact = tuple(compact_of(term.text) for term in terms)
        hidden = HiddenWords.build(terms, compact, self._by_shape, self._by_sound)
        automata = (
            _Automaton.build(View.CASED, [term.text for term in terms], terms),
            _Automaton.build(View.COMPACT, compact, terms),
        )
        sought, excepted = (
            Prefilter.build(
                {at: one.source for at, one in enumerate(self._compiled) if (at in self._sought) is is_sought}
            )
            for is_sought in (True, False)
        )
        return Scanner(
            automata=automata,
            hidden=hidden,
            patterns=tuple(self._compiled),
            sought_ids=frozenset(self._sought),
            by_shape=frozenset(self._by_shape),
            by_sound=frozenset(self._by_sound),
            sought=sought,
            excepted=excepted,
        )


@dataclass(frozen=True, slots=True)
class _Owner:
    """A word that a pattern of the automaton stands for; `has_edges` where it may stand inside a longer Latin word."""

    term_id: int
    term: Term
    has_edges: bool


@dataclass(frozen=True, slots=True)
class _Automaton:
    """One view's Aho–Corasick automaton; `owners[i]` are the words that pattern `i` stands for."""

    view: View
    matcher: Any
    owners: tuple[tuple[_Owner, ...], ...]

    @classmethod
    def build(cls, view: View, texts: Sequence[str], terms: Sequence[Term]) -> _Automaton:
        """An automaton over what terms look like in this view."""
        owners: dict[str, list[_Owner]] = {}
        for term_id, (text, term) in enumerate(zip(texts, terms, strict=True)):
            # One character alone, sought between marks, would be found everywhere.
            if len(text) > 1 or view is View.CASED:
                owners.setdefault(text, []).append(_Owner(term_id, term, may_be_inside(term, text)))
        matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(owners)) if owners else None
        return cls(view, matcher, tuple(tuple(found) for found in owners.values()))

    def scan_literally(self, text: NormalisedText, original: str, found: Found) -> None:
        """Add the words that stand there as they are written."""
        if self.matcher is None:
            return
        origins, ends_of, shown = text.origins, text.ends, text.text
        for start, end, at in self.matcher.find_overlapping(shown):
            # A pair and not a Span: this is the hottest line of the engine, and pairs hash in C.
            ends = (origins[start], ends_of[end - 1])
            for owner in self.owners[at]:
                if owner.has_edges and not has_word_edges(owner.term, shown[start], shown[end - 1], original, ends):
                    continue
                spans = found.get(owner.term_id)
                if spans is None:
                    found[owner.term_id] = {ends: _AS_WRITTEN}
                elif ends not in spans:
                    spans[ends] = _AS_WRITTEN

    def scan_compactly(self, text: NormalisedText, original: str, found: Found) -> None:
        """Add the words that show without what stands between their characters."""
        if self.matcher is None:
            return
        origins, ends_of = text.origins, text.ends
        for start, end, at in self.matcher.find_overlapping(text.text):
            ends = (origins[start], ends_of[end - 1])
            for owner in self.owners[at]:
                spans = found.get(owner.term_id)
                if spans is not None and ends in spans:
                    continue
                first, last = text.text[start], text.text[end - 1]
                if not has_word_edges(owner.term, first, last, original, ends):
                    continue
                gaps = [original[ends_of[at] : origins[at + 1]] for at in range(start, end - 1)]
                if is_deliberate(owner.term, gaps, original, ends):
                    how = _compact_undone(text, start, end, original)
                    is_cut = not how and any(JOINT in gap for gap in gaps)
                    found.setdefault(owner.term_id, {})[ends] = _AS_WRITTEN if is_cut else (View.COMPACT, how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """The compiled words and patterns; scans a turn once for all rules.

    `sought_ids` are the patterns of conditions, `by_shape` and `by_sound` the words that are sought hidden.
    """

    automata: tuple[_Automaton, ...]
    hidden: HiddenWords
    patterns: tuple[Pattern, ...]
    sought_ids: frozenset[int]
    sought: Prefilter
    excepted: Prefilter
    by_shape: frozenset[int]
    by_sound: frozenset[int]
    _depths: dict[frozenset[int], Depth] = field(default_factory=dict, compare=False, repr=False)

    def words(self, turn: NormalisedTurn) -> Found:
        """The words of a turn that stand there or show in the compact view, each span through the more literal one."""
        found: Found = {}
        literal, compact = self.automata
        literal.scan_literally(turn.text, turn.turn.text, found)
        # Also where both views are one text: words may be listed with a space or mark that it lacks.
        compact.scan_compactly(turn.compact, turn.turn.text, found)
        return found

    def dig(self, turn: NormalisedTurn, read: Iterable[Hidden], depth: Depth, found: Found) -> None:
        """Add what only this step shows in the `readings` of a turn, after those before it."""
        if depth is Depth.SHAPES:
            self.hidden.scan_shapes(turn, read, found)
        elif depth is Depth.SOUNDS:
            self.hidden.scan_sounds(turn, read, found)

    def depth_for(self, term_ids: frozenset[int]) -> Depth:
        """The step below which none of these words is sought."""
        if term_ids not in self._depths:
            is_deep, is_deeper = (not term_ids.isdisjoint(sought) for sought in (self.by_shape, self.by_sound))
            self._depths[term_ids] = Depth.SOUNDS if is_deeper else Depth.SHAPES if is_deep else Depth.PLAIN
        return self._depths[term_ids]

    def pattern_ids(self, text: NormalisedText) -> frozenset[int]:
        """The patterns of conditions that may match somewhere in a folded text; no other does."""
        return self.sought.possible(text.text)

    def exception_ids(self, text: NormalisedText) -> frozenset[int]:
        """The same of the patterns that only exceptions have."""
        return self.excepted.possible(text.text)

    def find(self, pattern_id: int, text: NormalisedText) -> tuple[Span, ...]:
        """The matches of a pattern as spans of the original, without marks and spaces at their ends unless they are all."""
        spans = (_trimmed(match) for match in self.patterns[pattern_id].regex.finditer(text.text))
        return tuple(text.to_original(start, end) for start, end in spans if end > start)


def _trimmed(match: Any) -> tuple[int, int]:
    start, end, said = match.start(), match.end(), match.group()
    if not said.strip(_EDGES):
        return start, end
    return start + len(said) - len(said.lstrip(_EDGES)), end - (len(said) - len(said.rstrip(_EDGES)))


def _compact_undone(text: NormalisedText, start: int, end: int, original: str) -> tuple[Undone, ...]:
    """What the compact view passed over inside a hit, but for ends of merged messages, and the foreign letters that it read."""
    undone = []
    for at in range(start, end):
        span, char = Span(text.origins[at], text.ends[at]), text.text[at]
        said = original[span.start : span.end]
        if char.isascii() and unicodedata.normalize("NFKC", said).lower() != char:
            undone.append(Undone(span, View.COMPACT, said, char))
        if at + 1 < end and text.origins[at + 1] > span.end:
            gap = Span(span.end, text.origins[at + 1])
            passed = original[gap.start : gap.end]
            if passed.replace(JOINT, "").strip() or JOINT not in passed:
                undone.append(Undone(gap, View.COMPACT, passed, ""))
    return tuple(undone)
