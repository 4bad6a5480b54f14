"""Readings of a turn in which pictures, split characters and foreign letters are undone, and equal neighbours are one cell.

Owns where each cell stands in the original, not whether a hit there counts (`verdict`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from operator import eq
from typing import Any

import daachorse

from qa_service.domain.text import NormalisedText, NormalisedTurn
from qa_service.normalise import PERCENT, compact_char
from qa_service.rule_engine.evasion.tables import accented, look_alikes, sounds
from qa_service.rule_engine.evasion.view import View

_SIGNS = frozenset("@$!|+€£¢×§")
_SIGN_IN_WORD = re.compile(r"[A-Za-z0-9][@$!|+€£¢×§]|[@$!|+€£¢×§][A-Za-z0-9]")
# 女马 is 妈, but only parts that are no characters of their own are sought one by one.
_PARTS = "氵亻扌讠忄钅饣纟犭礻衤辶疒冫宀艹刂攵"
_LONGEST_SYLLABLE = 6
_BREAK = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Visible characters of a turn with their spans in the original; `hows` says which of them were undone.

    Those of a turn that is not special are its compact view.
    """

    chars: str
    starts: Sequence[int]
    ends: Sequence[int]
    hows: Mapping[int, View]
    is_special: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What an automaton reads: `keys` has one character a cell, `contents` what stands there, `at` its first character."""

    keys: str
    contents: Sequence[str]
    at: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    hows: Mapping[int, View]
    hidden: Hidden


def readings(turn: NormalisedTurn) -> Iterator[Hidden]:
    """The turn with pictures read as words, then (where it holds any) without them."""
    text = turn.text.text
    if not _is_special(text):
        yield Hidden(
            chars=turn.compact.text, starts=turn.compact.origins, ends=turn.compact.ends, hows={}, is_special=False
        )
        return
    yield _hidden(turn.text, with_symbols=True)
    if any(char in look_alikes().symbols for char in text):
        yield _hidden(turn.text, with_symbols=False)


def is_unusual(turn: NormalisedTurn) -> bool:
    """Whether a turn holds anything that `shape_cells` could read otherwise than the compact view."""
    text = turn.text.text
    return (
        _has_run(turn.compact.text)
        or not look_alikes().shapes.keys().isdisjoint(text)
        or not _SIGNS.isdisjoint(text)
        or _LEET.search(text) is not None
        or _is_special(text)
    )


def shape_cells(hidden: Hidden) -> Cells:
    """Runs of one shape as one cell."""
    keys = hidden.chars.translate(_shape_keys())
    firsts = [at for at, key in enumerate(keys) if not at or key != keys[at - 1]]
    lasts = [after - 1 for after in (*firsts[1:], len(keys))] if firsts else []
    return Cells(
        keys="".join(keys[at] for at in firsts),
        contents=[hidden.chars[first : last + 1] for first, last in zip(firsts, lasts, strict=True)],
        at=firsts,
        starts=[hidden.starts[at] for at in firsts],
        ends=[hidden.ends[at] for at in lasts],
        hows={cell: hidden.hows[at] for cell, at in enumerate(firsts) if at in hidden.hows},
        hidden=hidden,
    )


def shape_keys(hidden: Hidden) -> str:
    """`shape_cells(hidden).keys` without the cells, to see whether they are worth making."""
    return _without_runs(hidden.chars.translate(_shape_keys()))


def sound_keys(hidden: Hidden) -> str:
    """`sound_cells(hidden).keys` without the cells, to see whether they are worth making."""
    chars, keys = hidden.chars, _sound_keys()
    if _LATIN.search(chars) is None:
        return _without_runs(chars).translate(keys)
    return "".join(
        _pinyin_keys(hidden, *match.span()) if match.group(1) else _without_runs(match.group()).translate(keys)
        for match in _LATIN_OR_NOT.finditer(chars)
    )


def _without_runs(chars: str) -> str:
    return _SAME.sub(r"\1", chars) if _has_run(chars) else chars


def _pinyin_keys(hidden: Hidden, first: int, after: int) -> str:
    """The keys of Latin letters, word by word as they stand in the original."""
    starts, ends = hidden.starts, hidden.ends
    cuts = [first, *(at for at in range(first + 1, after) if starts[at] != ends[at - 1]), after]
    return "".join(_word_keys(hidden.chars[start:end]) for start, end in pairwise(cuts))


@lru_cache(maxsize=16_384)
def _word_keys(word: str) -> str:
    return "".join(sounds().key_of[syllable] for syllable in split_syllables(word)) or _BREAK


def sound_cells(hidden: Hidden) -> Cells:
    """A cell a syllable: of a character (and its repetitions), or of pinyin."""
    chars = hidden.chars
    pieces = list(_pieces(hidden))
    return Cells(
        keys="".join(key for key, _, _ in pieces),
        contents=[chars[first:after] for _, first, after in pieces],
        at=[first for _, first, _ in pieces],
        starts=[hidden.starts[first] for _, first, _ in pieces],
        ends=[hidden.ends[after - 1] for _, _, after in pieces],
        hows=_hows(hidden, pieces),
        hidden=hidden,
    )


_SAME = re.compile(r"(.)\1+", re.DOTALL)
_LATIN = re.compile(r"[a-z]")
_LATIN_OR_NOT = re.compile(r"([a-z]+)|[^a-z]+")


class _ShapeKeys(dict[int, str]):
    """A table for `str.translate` in which what has no family stands for itself; remembered, as a miss is slow there."""

    def __missing__(self, char: int) -> str:
        self[char] = chr(char)
        return self[char]


@lru_cache(maxsize=1)
def _shape_keys() -> _ShapeKeys:
    return _ShapeKeys(look_alikes().classes)


class _SoundKeys(dict[int, str]):
    """A table for `str.translate` in which what has no sound is a break."""

    def __missing__(self, char: int) -> str:
        self[char] = _BREAK
        return _BREAK


@lru_cache(maxsize=1)
def _sound_keys() -> _SoundKeys:
    return _SoundKeys(sounds().keys)


def _hows(hidden: Hidden, pieces: Sequence[tuple[str, int, int]]) -> dict[int, View]:
    hows = {}
    for cell, (key, first, _) in enumerate(pieces):
        if hidden.chars[first].isascii() and key != _BREAK:
            hows[cell] = View.PINYIN
        elif first in hidden.hows:
            hows[cell] = hidden.hows[first]
    return hows


def _pieces(hidden: Hidden) -> Iterator[tuple[str, int, int]]:
    """(key, first, after) of each cell."""
    chars, keys, at = hidden.chars, sounds().keys, 0
    while at < len(chars):
        after = at + 1
        if "a" <= chars[at] <= "z":
            while after < len(chars) and "a" <= chars[after] <= "z" and hidden.ends[after - 1] == hidden.starts[after]:
                after += 1
            yield from _pinyin(chars, at, after)
        else:
            while after < len(chars) and chars[after] == chars[at]:
                after += 1
            yield keys.get(ord(chars[at]), _BREAK), at, after
        at = after


def _pinyin(chars: str, first: int, after: int) -> Iterator[tuple[str, int, int]]:
    syllables = split_syllables(chars[first:after])
    if not syllables:
        yield _BREAK, first, after
    for syllable in syllables:
        yield sounds().key_of[syllable], first, first + len(syllable)
        first += len(syllable)


@lru_cache(maxsize=4096)
def split_syllables(word: str) -> tuple[str, ...]:
    """A Latin word as pinyin syllables, the longest first; () where it is none."""
    if len(word) > 8 * _LONGEST_SYLLABLE:
        return ()
    best: list[tuple[str, ...] | None] = [None] * len(word) + [()]
    for at in range(len(word) - 1, -1, -1):
        for size in range(min(_LONGEST_SYLLABLE, len(word) - at), 0, -1):
            rest = best[at + size]
            if rest is not None and (size > 1 or word[at] in "aeo") and word[at : at + size] in sounds().key_of:
                best[at] = (word[at : at + size], *rest)
                break
    return best[0] or ()


def _hidden(text: NormalisedText, *, with_symbols: bool) -> Hidden:
    chars: list[str] = []
    spans: list[tuple[int, int]] = []
    hows: dict[int, View] = {}
    at = 0
    while at < len(text.text):
        read, how, after = _undo(text.text, at, with_symbols=with_symbols)
        if not read and text.text[at] == PERCENT and chars and chars[-1].isdigit():
            read = PERCENT
        for char in read:
            if how is not None:
                hows[len(chars)] = how
            chars.append(char)
            spans.append((text.origins[at], text.ends[after - 1]))
        at = after
    return Hidden(
        chars="".join(chars),
        starts=[start for start, _ in spans],
        ends=[end for _, end in spans],
        hows=hows,
        is_special=True,
    )


def _undo(text: str, at: int, *, with_symbols: bool) -> tuple[str, View | None, int]:
    """What stands at a place, how it was undone, and where the next character is."""
    table, char = look_alikes(), text[at]
    merged = table.splits.get(text[at : at + 2])
    if merged is not None:
        return merged, View.SPLIT, at + 2
    if char in table.symbols:
        return (table.symbols[char], View.SYMBOLS, at + 1) if with_symbols else ("", None, at + 1)
    if char in table.letters:
        return table.letters[char], View.COMPACT if compact_char(char) != char else View.LETTERS, at + 1
    if char in _SIGNS and _is_in_word(text, at):
        return char, None, at + 1
    if char in accented():
        return accented()[char], View.LETTERS, at + 1
    return compact_char(char), None, at + 1


def _is_in_word(text: str, at: int) -> bool:
    return any(0 <= other < len(text) and text[other].isascii() and text[other].isalnum() for other in (at - 1, at + 1))


@lru_cache(maxsize=1)
def _special() -> Any:
    """An automaton over the characters, and pairs of them, that `_undo` reads otherwise than the compact view."""
    table = look_alikes()
    singles = {*table.symbols, *table.letters, *_PARTS, *accented()}
    pairs = {pair for pair in table.splits if not set(pair) & set(_PARTS)}
    return daachorse.CharwiseDoubleArrayAhoCorasick(sorted(singles | pairs))


def _is_special(text: str) -> bool:
    return bool(_special().find(text)) or _SIGN_IN_WORD.search(text) is not None


@lru_cache(maxsize=1)
def _odd() -> re.Pattern[str]:
    """Characters that may stand for others of their shape."""
    table = look_alikes()
    chars = {*map(chr, table.classes), *"".join(table.signs.values()), *table.shapes, *"!|"}
    return re.compile(f"[{re.escape(''.join(sorted(chars)))}]")


@dataclass(frozen=True, slots=True)
class Runs:
    """Where the cells of a compact view that hold several characters are: all others hold one.

    `cells` are their numbers in order, `more[n]` the characters that the first `n` of them have beyond one.
    """

    cells: Sequence[int]
    more: Sequence[int]

    def first_char(self, cell: int) -> int:
        """The number of a cell's first character."""
        return cell + self.more[bisect_left(self.cells, cell)]


def shape_runs(chars: str) -> Runs:
    """The runs of one shape."""
    keys = chars.translate(_shape_keys())
    if not _has_run(keys):
        return NO_RUNS
    cells: list[int] = []
    more = [0]
    for match in _SAME.finditer(keys):
        cells.append(match.start() - more[-1])
        more.append(more[-1] + match.end() - match.start() - 1)
    return Runs(cells, more)


NO_RUNS = Runs((), (0,))


def cells_at(hidden: Hidden, keys: str, runs: Runs, start: int, end: int, *, is_sound: bool) -> Cells:
    """The cells `[start, end)` of a compact view alone; `keys` are those of all its cells, shapes or sounds."""
    at = [runs.first_char(cell) for cell in range(start, end)]
    after = [*at[1:], runs.first_char(end)]
    contents = [hidden.chars[first:behind] for first, behind in zip(at, after, strict=True)]
    return Cells(
        keys=keys[start:end],
        contents=contents,
        at=at,
        starts=[hidden.starts[first] for first in at],
        ends=[hidden.ends[behind - 1] for behind in after],
        hows={cell: View.PINYIN for cell, said in enumerate(contents) if is_sound and said.isascii()},
        hidden=hidden,
    )


def odd_cells(chars: str, runs: Runs) -> Sequence[int]:
    """The cells of a compact view in which another word may hide, in order: drawn out, or of characters that stand for others."""
    alone = (match.start() for match in _odd().finditer(chars))
    if not runs.cells:
        return list(alone)
    starts = [runs.first_char(cell) for cell in runs.cells]
    return sorted({*runs.cells, *(_cell_of(at, starts, runs) for at in alone)})


def _cell_of(at: int, starts: Sequence[int], runs: Runs) -> int:
    """The cell of a character; `starts` are the first characters of the runs."""
    before = bisect_right(starts, at)
    if not before:
        return at
    return max(at - runs.more[before], runs.cells[before - 1])


# A letter beside a digit may be leet.
_LEET = re.compile(r"[a-z]\W?[0-9]|[0-9]\W?[a-z]")


def _has_run(chars: str) -> bool:
    """Whether a character is said twice in a row."""
    return any(map(eq, chars, islice(chars, 1, None)))
