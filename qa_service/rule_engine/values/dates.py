"""Days that are named relative to today (周五, 12号, next Monday), and how many days off they are. Owns no grammar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from qa_service.rule_engine.values.quantity import Direction, Kind, NamedDays, Quantity, Unit


@dataclass(frozen=True, slots=True)
class Weekday:
    """`number` 0 is Monday. Without `weeks` the next such day, today included; else of that many calendar weeks on.

    A week begins on Monday: on any day of it, 下周一 is the Monday that comes next.
    """

    number: int
    weeks: int | None = None

    def on(self, today: date) -> tuple[date, date]:
        """That day."""
        days = (self.number - today.weekday()) % 7
        if self.weeks is not None:
            days = 7 * self.weeks + self.number - today.weekday()
        day = today + timedelta(days=days)
        return day, day


@dataclass(frozen=True, slots=True)
class Week:
    """All of the calendar week that many weeks on."""

    weeks: int

    def on(self, today: date) -> tuple[date, date]:
        """Monday to Sunday."""
        monday = today + timedelta(days=7 * self.weeks - today.weekday())
        return monday, monday + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """12号, the 12th: of the month that many months on; without `months` the one that comes next.

    Unless it is a bound (by the 12th), a day that has passed more recently than it comes again is told, not promised.
    """

    number: int
    months: int | None = None
    is_bound: bool = False

    def on(self, today: date) -> tuple[date, date]:
        """That day."""
        if self.months is not None:
            return self._of(today, self.months)
        if self.number >= today.day:
            return self._of(today, 0)
        coming, gone = self._of(today, 1), self._of(today, 0)
        return coming if self.is_bound or coming[0] - today <= today - gone[0] else gone

    def _of(self, today: date, months: int) -> tuple[date, date]:
        day = _month(today, months).replace(day=self.number)
        return day, day


@dataclass(frozen=True, slots=True)
class MonthDay:
    """3月5日, March 5th: of that year, else of the year in which it is nearest."""

    month: int
    number: int
    year: int | None = None

    def on(self, today: date) -> tuple[date, date]:
        """That day."""
        day = date(self.year or today.year, self.month, self.number)
        if self.year is None and today - day > timedelta(days=183):
            day = date(today.year + 1, self.month, self.number)
        return day, day


@dataclass(frozen=True, slots=True)
class MonthOn:
    """The month that many months on; `is_end`: its last day alone."""

    months: int
    is_end: bool = False

    def on(self, today: date) -> tuple[date, date]:
        """First and last day."""
        first = _month(today, self.months)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return (last if self.is_end else first), last


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """3月底: the last day of a named month, of the year in which it is nearest."""

    month: int

    def on(self, today: date) -> tuple[date, date]:
        """That day."""
        first, _ = MonthDay(self.month, 1).on(today)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return last, last


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The last day of this year."""

    def on(self, today: date) -> tuple[date, date]:
        """That day."""
        last = today.replace(month=12, day=31)
        return last, last


def named_days(days: NamedDays, direction: Direction, core: tuple[int, int], outer: tuple[int, int]) -> Quantity:
    """The quantity of a text that names days, before it is known when it was said."""
    return Quantity(
        kind=Kind.DATE, unit=Unit.DAY, low=None, high=None, direction=direction,
        start=core[0], end=core[1], outer_start=outer[0], outer_end=outer[1], named=days,
    )  # fmt: skip


def settled(quantity: Quantity, today: date | None) -> Quantity | None:
    """The quantity with its value; None where it names days and the date of the message is unknown or later than they.

    The value counts days as 今天 and 明天 do: today is 1, since a promise for a day may be kept until its end.
    """
    if quantity.named is None:
        return quantity
    if today is None:
        return None
    try:
        first, last = quantity.named.on(today)
    except (ValueError, OverflowError):
        return None
    if last < today:
        return None
    low, high = max((first - today).days, 0) + 1, (last - today).days + 1
    return replace(quantity, low=Fraction(low), high=Fraction(high), until=last)


def _month(today: date, months: int) -> date:
    """The first day of the month that many months on."""
    at = today.year * 12 + today.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)
