"""Which turns a `range` means: from and to, counted from an anchor or from the ends. Part of `scope`.

Source: the range semantics of Alibaba's intelligent speech analytics (operator documentation, `check_range`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_service.rule_engine.yaml_field import Field


class Location(StrEnum):
    """Where a range lies, seen from its anchor."""

    BEFORE = "before"
    AROUND = "around"
    AFTER = "after"
    AT = "at"


@dataclass(frozen=True, slots=True)
class TurnRange:
    """`start` to `stop`, both included, in either order.

    Without an anchor 1 is the first turn and −1 the last. `before` and `after` count away from the anchor: 1 is the
    nearest, −1 the farthest, 0 the anchor itself. `around` counts later turns up and earlier turns down from 0.
    """

    start: int
    stop: int

    def of(self, size: int) -> range:
        """The part of `size` turns (no anchor), as positions from 0."""
        first, last = self._ends(size)
        return range(max(first, 1) - 1, min(last, size))

    def beside(self, location: Location, *, earlier: int, own: int, size: int) -> range:
        """The part of `size` turns that the range means beside an anchor, as positions from 0.

        Args:
            location: on which side.
            earlier: how many of the turns stand before the anchor.
            own: 1 if the anchor is one of the turns, else 0.
            size: how many turns there are.
        """
        later = size - earlier - own
        if location is Location.AT:
            return range(earlier, earlier + own)
        if location is Location.AROUND:
            low, high = sorted((self.start, self.stop))
            start = earlier + low if low <= 0 else earlier + own + low - 1
            stop = earlier + own + high if high >= 0 else earlier + high + 1
            return range(max(start, 0), min(stop, size))
        first, last = self._ends(earlier if location is Location.BEFORE else later)
        nearest = own if 0 in (self.start, self.stop) else 0
        if location is Location.BEFORE:
            return range(max(earlier - last, 0), earlier - max(first, 1) + 1 + nearest)
        return range(earlier + own + max(first, 1) - 1 - nearest, min(earlier + own + last, size))

    def _ends(self, size: int) -> tuple[int, int]:
        """First and last position from 1; of a positive and a negative end the positive one is the first."""
        first, last = (end if end >= 0 else size + 1 + end for end in (self.start, self.stop))
        if (self.start < 0) == (self.stop < 0):
            return min(first, last), max(first, last)
        return (first, last) if self.start >= 0 else (last, first)


def first_covering(parts: Sequence[range], size: int) -> dict[int, int]:
    """For each of `size` positions the number of the first part that holds it.

    Each position is taken once, however many parts overlap, so the time grows with positions and parts alone.
    """
    found: dict[int, int] = {}
    # Where to look on from a position: itself while it is free, else further on.
    free = list(range(size + 1))
    for number, part in enumerate(parts):
        at = _free_from(free, part.start)
        while at < part.stop:
            found[at] = number
            free[at] = at + 1
            at = _free_from(free, at)
    return found


def _free_from(free: list[int], at: int) -> int:
    """The first free position from `at` on; the ways that were passed are shortened."""
    end = at
    while end < len(free) and free[end] != end:
        end = free[end]
    while at < end:
        free[at], at = end, free[at]
    return end


def read_range(field: Field, *, has_anchor: bool) -> TurnRange:
    """`range: {from: 1, to: -1}`; 0 is the anchor, and needs one."""
    fields = field.fields(required=("from", "to"))
    ends = [_read_end(fields[name], has_anchor=has_anchor) for name in ("from", "to")]
    return TurnRange(*ends)


def _read_end(field: Field, *, has_anchor: bool) -> int:
    value = field.integer(minimum=None)
    if value == 0 and not has_anchor:
        raise field.error("0 is the anchor's turn, and there is no anchor; count from 1, or from the end with -1")
    return value
