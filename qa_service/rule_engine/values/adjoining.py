"""Time spans said in two pieces: 一年六个月, 1 year and 6 months, 三天五天. Owns no grammar of single values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_AND = re.compile(r"\s?(?:零|又|加|外加|再加|\+|and|plus|,(?=\s))?\s?")
_NOTHING = re.compile(r"\s?")
_LONGEST_GAP = 6
# 1 year 6 months is 18 months; over other units days, hours, minutes are counted.
_IN_SMALLER = {
    (Unit.YEAR, Unit.MONTH): Fraction(12), (Unit.YEAR, Unit.WEEK): Fraction(52), (Unit.YEAR, Unit.DAY): Fraction(365),
    (Unit.MONTH, Unit.WEEK): Fraction(30, 7), (Unit.MONTH, Unit.DAY): Fraction(30), (Unit.WEEK, Unit.DAY): Fraction(7),
    (Unit.DAY, Unit.HOUR): Fraction(24), (Unit.HOUR, Unit.MINUTE): Fraction(60),
}  # fmt: skip


def adjoining(text: str, found: Sequence[Quantity]) -> Iterator[Quantity]:
    """One span for each row of spans that belong together, beside the pieces."""
    spans = sorted((q for q in found if q.kind is Kind.DURATION and not q.vague), key=lambda q: (q.start, -q.end))
    at = 0
    while at < len(spans):
        whole, at = spans[at], at + 1
        first = whole
        while at < len(spans) and (more := _joined(text, whole, spans[at])) is not None:
            whole, at = more, at + 1
        if whole is not first:
            yield whole


def _joined(text: str, first: Quantity, second: Quantity) -> Quantity | None:
    """Both as one; None where a bound or a word stands between, or the second is not part of the first."""
    gap = second.start - first.end
    is_next = 0 <= gap <= _LONGEST_GAP and first.outer_end == first.end and second.outer_start == second.start
    if not is_next or first.low is None or second.low is None or first.high is None or second.high is None:
        return None
    between = text[first.end : second.start]
    whole = replace(
        first,
        direction=second.direction if first.direction is Direction.EXACT else first.direction,
        end=second.end,
        outer_end=second.outer_end,
    )
    if first.unit is second.unit:
        if (
            _NOTHING.fullmatch(between) is None
            or not text[first.end - 1 : first.end].isalpha()
            or text[second.start].isascii()
        ):
            return None
        return replace(whole, low=min(first.low, second.low), high=max(first.high, second.high))
    times = _IN_SMALLER.get((first.unit, second.unit))
    is_part = times is not None and first.low == first.high and second.high < times and _AND.fullmatch(between)
    if times is None or not is_part:
        return None
    return replace(whole, unit=second.unit, low=first.low * times + second.low, high=first.high * times + second.high)
