"""What a stated value is. Owns no grammar (`chinese`, `english`) and no policy (`policies`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol


class Kind(StrEnum):
    """What is measured."""

    DURATION = "duration"
    UNLIMITED = "unlimited"
    IMMEDIATE = "immediate"
    AMOUNT = "amount"
    PERCENT = "percent"
    MULTIPLE = "multiple"
    DATE = "date"
    COUNT = "count"


class Direction(StrEnum):
    """How a value is bounded: `within` and `at_most` from above, `at_least` from below."""

    EXACT = "exact"
    WITHIN = "within"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOUT = "about"


class Unit(StrEnum):
    """Units of values and policies; `currency` is any currency."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    CURRENCY = "currency"
    CNY = "CNY"
    USD = "USD"
    EUR = "EUR"
    GBP = "GBP"
    AUD = "AUD"
    CAD = "CAD"
    SGD = "SGD"
    HKD = "HKD"
    TWD = "TWD"
    JPY = "JPY"
    KRW = "KRW"
    PERCENT = "percent"
    MULTIPLE = "multiple"
    COUNT = "count"
    UNLIMITED = "unlimited"


class NamedDays(Protocol):
    """A day or some days that only the date of the message settles."""

    def on(self, today: date) -> tuple[date, date]:
        """First and last day; ValueError or OverflowError where there is no such day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A value said in a text, `low` ≤ `high` in `unit`; both None if unlimited, or if `named` days are not settled yet.

    `until` is the last day of settled ones (`dates.settled`).
    `start`/`end` bound the value itself (七天), `outer_start`/`outer_end` also its bounding words (最多…, …以内);
    half-open, in the text that was read. `vague`: the speaker named no number (几天, a few days), the ends are conventions.
    """

    kind: Kind
    unit: Unit
    low: Fraction | None
    high: Fraction | None
    direction: Direction
    start: int
    end: int
    outer_start: int
    outer_end: int
    named: NamedDays | None = None
    until: date | None = None
    vague: bool = False

    def as_json(self, text: str) -> dict[str, Any]:
        """The `stated` part of an explanation; `value` is the upper end, `low` only given where it differs."""
        stated: dict[str, Any] = {"value": plain(self.high), "unit": str(self.unit), "text": text}
        if self.low != self.high:
            stated["low"] = plain(self.low)
        if self.direction is not Direction.EXACT:
            stated["direction"] = str(self.direction)
        if self.until is not None:
            stated["until"] = self.until.isoformat()
        return stated


def plain(value: Fraction | None) -> int | float | None:
    """`value` as a JSON number: whole where it is whole."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 4)
