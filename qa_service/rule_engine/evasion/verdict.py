"""Decides whether cells spell a word, and what was undone to read it so. Exact spelling is not its business (`lexicon`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_service.domain.text import Span
from qa_service.rule_engine.evasion.reading import Cells
from qa_service.rule_engine.evasion.tables import is_in_ordinary_word, look_alikes, sounds
from qa_service.rule_engine.evasion.view import Undone, View

# Shorter words meet their neighbours too often when a letter is doubled (to, too) or read otherwise.
_SHORTEST_LEET = 3
_SHORTEST_DOUBLED = 5
_SHORTEST_PINYIN = 5
_SHORTEST_MERGED = 3
# One changed character in so many may be a word of its own.
_ORDINARY_EVERY = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Cells `[start, end)` of a reading, and the original text."""

    cells: Cells
    start: int
    end: int
    original: str

    @property
    def said(self) -> Sequence[str]:
        """What the cells hold."""
        return self.cells.contents[self.start : self.end]

    @property
    def ends(self) -> tuple[int, int]:
        """Start and end in the original."""
        return self.cells.starts[self.start], self.cells.ends[self.end - 1]

    def undone(self, cell: int, how: View, read_as: str) -> Undone:
        """That cell, read as something else."""
        span = Span(self.cells.starts[self.start + cell], self.cells.ends[self.start + cell])
        said = self.original[span.start : span.end]
        return Undone(span, how, said, look_alikes().symbols.get(said, read_as) if how is View.SYMBOLS else read_as)

    def how(self, cell: int) -> View | None:
        """How the cell's character came about, where it is not the original one."""
        return self.cells.hows.get(self.start + cell)


def shape_undone(place: Place, meant: Sequence[str]) -> tuple[Undone, ...] | None:
    """What makes these cells the word of which `meant` are the runs; None if they do not spell it."""
    undone: list[Undone] = []
    for cell, (said, run) in enumerate(zip(place.said, meant, strict=True)):
        found = _run_undone(place, cell, said, run)
        if found is None:
            return None
        undone.extend(found)
    size = sum(map(len, meant))
    if size == 1 and {item.how for item in undone} != {View.SYMBOLS}:
        return None
    undone.extend(inserted(place))
    if not _are_letters_enough(undone, size, place, has_letter=any("a" <= run[0] <= "z" for run in meant)):
        return None
    return _unless_ordinary(place, undone)


def _run_undone(place: Place, cell: int, said: str, run: str) -> list[Undone] | None:
    how = place.how(cell)
    undone = [] if how is None else [place.undone(cell, how, run)]
    if said == run:
        return undone
    if len(said) > len(run):
        if said[0].isdigit() or run[0].isdigit():
            return None
        undone.append(place.undone(cell, View.COLLAPSED, run))
        run = run[0] * len(said)
    if len(said) != len(run):
        return None
    for one, other in zip(said, run, strict=True):
        if one != other:
            view = _likeness(one, other)
            if view is None:
                return None
            undone.append(place.undone(cell, view, run))
    return undone


def _likeness(said: str, meant: str) -> View | None:
    if look_alikes().stands_for(said, meant):
        return View.LETTERS
    return View.SHAPES if look_alikes().is_shape_of(said, meant) else None


def _are_letters_enough(undone: Sequence[Undone], size: int, place: Place, *, has_letter: bool) -> bool:
    """Whether a Latin word is long enough for what was undone: 5s is no ss, and too is no to."""
    hows = {item.how for item in undone}
    text = "".join(place.said)
    if View.LETTERS in hows:
        letters = sum("a" <= char <= "z" for char in text)
        if size < _SHORTEST_LEET or 2 * letters < size or not has_letter:
            return False
    doubled = [item for item in undone if item.how is View.COLLAPSED and item.read_as.isascii()]
    is_slight = all(len(item.text) <= 2 for item in doubled)
    return not (doubled and hows == {View.COLLAPSED} and is_slight and size < _SHORTEST_DOUBLED)


def sound_undone(place: Place, meant: Sequence[str]) -> tuple[Undone, ...] | None:
    """What makes these syllables the word of which `meant` are the runs; None if they are other words."""
    undone: list[Undone] = []
    for cell, (said, run) in enumerate(zip(place.said, meant, strict=True)):
        found = _syllable_undone(place, cell, said, run)
        if found is None:
            return None
        undone.extend(found)
    hows = {item.how for item in undone}
    if not hows & {View.SOUND, View.PINYIN} or not _is_pinyin_meant(place, meant):
        return None
    undone.extend(inserted(place))
    return _unless_ordinary(place, undone)


def _syllable_undone(place: Place, cell: int, said: str, run: str) -> list[Undone] | None:
    how, table = place.how(cell), sounds()
    if how is View.PINYIN:
        return [place.undone(cell, how, run)] if said == table.syllables.get(run[0]) and len(run) == 1 else None
    undone = [] if how is None else [place.undone(cell, how, run)]
    if len(said) < len(run):
        return None
    if len(said) > len(run):
        undone.append(place.undone(cell, View.COLLAPSED, run))
    if said[0] != run[0]:
        is_same = table.syllables[said[0]] == table.syllables[run[0]]
        if not is_same and place.end - place.start < _SHORTEST_MERGED:
            return None
        is_shape = look_alikes().is_shape_of(said[0], run[0])
        undone.append(place.undone(cell, View.SHAPES if is_shape else View.SOUND, run))
    return undone


def _is_pinyin_meant(place: Place, meant: Sequence[str]) -> bool:
    """Whether pinyin alone is no English: he long, women; and not as short as ni ma."""
    latin = [said for said in place.said if said.isascii()]
    if len(latin) < len(meant):
        return True
    cells, first, last = place.cells, place.start, place.end - 1
    word = place.original[cells.starts[first] : cells.ends[last]].lower()
    words = {*word.split(), word, *latin}
    letters = sum(map(len, latin))
    return letters >= _SHORTEST_PINYIN and not words & look_alikes().english


def inserted(place: Place) -> Iterator[Undone]:
    """What stands between the cells and was passed over."""
    for cell in range(place.start, place.end - 1):
        gap = Span(place.cells.ends[cell], place.cells.starts[cell + 1])
        if gap.start < gap.end:
            yield Undone(gap, View.COMPACT, place.original[gap.start : gap.end], "")


def _unless_ordinary(place: Place, undone: Sequence[Undone]) -> tuple[Undone, ...] | None:
    """Nothing where the changed characters are ordinary words: 安徽信 hides no 微信, 为新 is no 微信."""
    changed = [
        cell
        for cell, said in enumerate(place.said)
        if place.how(cell) is None
        and any(
            item.how in (View.SHAPES, View.SOUND) and item.span.start == place.cells.starts[place.start + cell]
            for item in undone
        )
    ]
    table, size = look_alikes(), place.end - place.start
    ordinary = sum(place.said[cell][0] in table.ordinary for cell in changed)
    if ordinary > size // _ORDINARY_EVERY or any(_is_ordinary(place, cell) for cell in changed):
        return None
    return tuple(sorted(set(undone)))


def _is_ordinary(place: Place, cell: int) -> bool:
    return is_in_ordinary_word(place.cells.hidden.chars, place.cells.at[place.start + cell])
