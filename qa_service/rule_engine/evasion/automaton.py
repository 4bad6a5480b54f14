"""Seeks hidden words: one automaton over shapes and one over syllables. Owns no exact spelling (`lexicon`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import groupby
from typing import Any

import daachorse

from qa_service.domain.text import NormalisedTurn
from qa_service.rule_engine.evasion.reading import (
    NO_RUNS,
    Cells,
    Hidden,
    Runs,
    cells_at,
    is_unusual,
    odd_cells,
    shape_cells,
    shape_keys,
    shape_runs,
    sound_cells,
    sound_keys,
)
from qa_service.rule_engine.evasion.tables import look_alikes, sounds
from qa_service.rule_engine.evasion.verdict import Place, shape_undone, sound_undone
from qa_service.rule_engine.evasion.view import Undone, View
from qa_service.rule_engine.term import Term, has_word_edges, is_deliberate

SHAPE_VIEWS = frozenset((View.COLLAPSED, View.LETTERS, View.SYMBOLS, View.SPLIT, View.SHAPES))
SOUND_VIEWS = frozenset((View.PINYIN, View.SOUND))

Found = dict[int, dict[tuple[int, int], tuple[View, tuple[Undone, ...]]]]
"""Term id → span in the original → the view that showed it and what was undone."""


class Depth(IntEnum):
    """How much is undone to read the words of a text; each step holds those before it."""

    PLAIN = 0
    SHAPES = 1
    SOUNDS = 2


@lru_cache(maxsize=1024)
def depth_of(views: frozenset[View]) -> Depth:
    """As deep as a rule with these views sees."""
    return Depth.SOUNDS if views & SOUND_VIEWS else Depth.SHAPES if views & SHAPE_VIEWS else Depth.PLAIN


_HAN = re.compile(r"[一-鿿]{2,}")
_SHORTEST_SYLLABLES = 2


@dataclass(frozen=True, slots=True)
class _Owner:
    """A word that a pattern stands for, as runs of equal characters."""

    term_id: int
    term: Term
    runs: tuple[str, ...]


Proposed = Sequence[tuple[int, int, int]]
"""First cell, the one behind the last, and the number of the pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How an automaton reads a turn.

    `keys_of` are the keys of `cells_of` alone; `undone` says whether cells spell a word.
    """

    keys_of: Callable[[Hidden], str]
    cells_of: Callable[[Hidden], Cells]
    undone: Callable[[Place, Sequence[str]], tuple[Undone, ...] | None]


@dataclass(frozen=True, slots=True)
class _Automaton:
    """`known` are the spellings that are read as they stand.

    Of each pattern, `sole` is the one word that it stands for, if it is one, and `shortest` the least characters of any.
    """

    matcher: Any
    owners: tuple[tuple[_Owner, ...], ...]
    known: frozenset[str]
    sole: tuple[str | None, ...]
    shortest: tuple[int, ...]
    reading: _Reading

    @classmethod
    def build(cls, owners: Mapping[str, Sequence[_Owner]], known: frozenset[str], reading: _Reading) -> _Automaton:
        """An automaton over the keys of words."""
        matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(owners))
        sole = tuple("".join(mine[0].runs) if len(mine) == 1 else None for mine in owners.values())
        shortest = tuple(min(sum(map(len, one.runs)) for one in mine) for mine in owners.values())
        return cls(matcher, tuple(map(tuple, owners.values())), known, sole, shortest, reading)

    def scan(self, hidden: Hidden, original: str, found: Found) -> None:
        """Add what no more literal reading showed."""
        keys = self.reading.keys_of(hidden)
        proposed = self.matcher.find_overlapping(keys)
        if not proposed:
            return
        places = (
            self._among_all(self.reading.cells_of(hidden), proposed, original)
            if hidden.is_special or (self.reading is _BY_SOUND and len(keys) != len(hidden.chars))
            else self._in_compact(hidden, keys, proposed, original)
        )
        for place, at in places:
            for owner in self.owners[at]:
                if place.ends not in found.get(owner.term_id, ()):
                    self._judge(place, owner, found)

    def _among_all(self, cells: Cells, proposed: Proposed, original: str) -> Iterator[tuple[Place, int]]:
        """Where a text that holds pictures, split characters or pinyin may hide a word."""
        for start, end, at in proposed:
            place = Place(cells, start, end, original)
            said = "".join(place.said)
            # What packs list as a word is read as it stands: 微信 is no disguise of 薇信. Nor is i one of ill.
            if said not in self.known and len(said) >= self.shortest[at]:
                yield place, at

    def _in_compact(self, hidden: Hidden, keys: str, proposed: Proposed, original: str) -> Iterator[tuple[Place, int]]:
        """The same of a compact view; cells are made of those places alone, since most is said as it is written."""
        chars = hidden.chars
        is_sound = self.reading is _BY_SOUND
        if is_sound:
            runs = NO_RUNS
            proposed = [one for one in proposed if chars[one[0] : one[1]] not in self.known]
        else:
            runs = shape_runs(chars)
            proposed = [one for one in proposed if self._may_be_hidden(chars, runs, *one)]
            odd = odd_cells(chars, runs) if proposed else ()
            proposed = [one for one in proposed if bisect_left(odd, one[0]) != bisect_left(odd, one[1])]
        for start, end, at in proposed:
            cells = cells_at(hidden, keys, runs, start, end, is_sound=is_sound)
            yield Place(cells, 0, end - start, original), at

    def _may_be_hidden(self, chars: str, runs: Runs, start: int, end: int, at: int) -> bool:
        """Whether cells are long enough for the word, and not the very word; a drawn-out one may hold a gap that hides it."""
        first, behind = runs.first_char(start), runs.first_char(end)
        size = behind - first
        return size >= self.shortest[at] and not (size == end - start and chars[first:behind] == self.sole[at])

    def _judge(self, place: Place, owner: _Owner, found: Found) -> None:
        undone = self.reading.undone(place, owner.runs)
        if not undone:
            return
        cells, gaps = place.cells, range(place.start, place.end - 1)
        between = [place.original[cells.ends[cell] : cells.starts[cell + 1]] for cell in gaps]
        first, last = place.said[0][0], place.said[-1][-1]
        if is_deliberate(owner.term, between, place.original, place.ends) and has_word_edges(
            owner.term, first, last, place.original, place.ends
        ):
            view = max((item.how for item in undone), key=lambda how: how.rank)
            found.setdefault(owner.term_id, {})[place.ends] = (view, undone)


@dataclass(frozen=True, slots=True)
class HiddenWords:
    """Both automata; either is None where no rule asks for its views."""

    shapes: _Automaton | None
    sounds: _Automaton | None

    @classmethod
    def build(
        cls, terms: Sequence[Term], compact: Sequence[str], by_shape: Iterable[int], by_sound: Iterable[int]
    ) -> HiddenWords:
        """Compile the words that rules seek through each, by their places in all `terms`, which `compact` shows compactly."""
        known = frozenset(compact)
        shapes = _owners([(at, terms[at], compact[at]) for at in sorted(by_shape)], _shape_key)
        sound = _owners([(at, terms[at], compact[at]) for at in sorted(by_sound)], _sound_key)
        return cls(
            _Automaton.build(shapes, frozenset(), _BY_SHAPE) if shapes else None,
            _Automaton.build(sound, known, _BY_SOUND) if sound else None,
        )

    def scan_shapes(self, turn: NormalisedTurn, read: Iterable[Hidden], found: Found) -> None:
        """Add the words that look-alikes hide, from the `readings` of a turn; an ordinary turn has none."""
        if self.shapes is not None and is_unusual(turn):
            for hidden in read:
                self.shapes.scan(hidden, turn.turn.text, found)

    def scan_sounds(self, turn: NormalisedTurn, read: Iterable[Hidden], found: Found) -> None:
        """Add the words that are spelt by sound."""
        if self.sounds is not None:
            for hidden in read:
                self.sounds.scan(hidden, turn.turn.text, found)


_BY_SHAPE = _Reading(keys_of=shape_keys, cells_of=shape_cells, undone=shape_undone)
_BY_SOUND = _Reading(keys_of=sound_keys, cells_of=sound_cells, undone=sound_undone)


def _owners(
    terms: Iterable[tuple[int, Term, str]], key_of: Callable[[str], tuple[str, tuple[str, ...]] | None]
) -> dict[str, list[_Owner]]:
    owners: dict[str, list[_Owner]] = {}
    for term_id, term, compact in terms:
        found = key_of(compact)
        if found is not None:
            owners.setdefault(found[0], []).append(_Owner(term_id, term, found[1]))
    return owners


def _shape_key(text: str) -> tuple[str, tuple[str, ...]] | None:
    classes = look_alikes().classes
    runs = [
        (key, "".join(chars))
        for key, chars in ((key, list(group)) for key, group in groupby(text, key=lambda c: classes.get(ord(c), c)))
    ]
    is_found = len(text) > 1 or text in look_alikes().symbols.values()
    return ("".join(key for key, _ in runs), tuple(run for _, run in runs)) if is_found else None


def _sound_key(text: str) -> tuple[str, tuple[str, ...]] | None:
    keys = sounds().keys
    runs = tuple("".join(group) for _, group in groupby(text))
    if len(runs) < _SHORTEST_SYLLABLES or not _HAN.fullmatch(text) or any(ord(run[0]) not in keys for run in runs):
        return None
    return "".join(keys[ord(run[0])] for run in runs), runs
