"""Compares a stated value with a limit. Owns the scales of units and what "better for the customer" means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_DAYS = {
    Unit.MINUTE: Fraction(1, 1440),
    Unit.HOUR: Fraction(1, 24),
    Unit.DAY: Fraction(1),
    Unit.WORKDAY: Fraction(1),
    Unit.WEEK: Fraction(7),
}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_TIME = frozenset((*_DAYS, *_MONTHS))
# `currency` takes figures as they are, so it compares only where one unit is worth no less than a yuan.
_MONEY = (Unit.CURRENCY, Unit.CNY, Unit.USD, Unit.EUR, Unit.GBP, Unit.AUD, Unit.CAD, Unit.SGD)
_ALL_MONEY = frozenset((*_MONEY, Unit.HKD, Unit.TWD, Unit.JPY, Unit.KRW))
_UNITS_OF = {
    **dict.fromkeys((Kind.DURATION, Kind.DATE, Kind.IMMEDIATE, Kind.UNLIMITED), _TIME),
    Kind.AMOUNT: _ALL_MONEY,
    Kind.PERCENT: frozenset((Unit.PERCENT,)),
    Kind.MULTIPLE: frozenset((Unit.MULTIPLE,)),
    Kind.COUNT: frozenset((Unit.COUNT,)),
}
_ENDLESS = Fraction(10**12)


class Verdict(StrEnum):
    """Seen from the customer."""

    BETTER = "better"
    WORSE = "worse"


class Entitlement(StrEnum):
    """`at_most`: the customer gets at most so much; `at_least`: the shop needs up to so long."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class Operator(StrEnum):
    """Comparison of the stated upper end with a number."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


@dataclass(frozen=True, slots=True)
class _Span:
    """A number of days between these; both the same where no month or year is counted in days."""

    least: Fraction
    most: Fraction

    def is_over(self, other: _Span) -> bool:
        """More in any case: 31 days are not over a month."""
        return self.least > other.most


@dataclass(frozen=True, slots=True)
class _Ends:
    low: _Span
    high: _Span
    limit: _Span


def units_of(kind: Kind) -> frozenset[Unit]:
    """The units that values of a kind may be compared in."""
    return _UNITS_OF[kind]


def verdict(stated: Quantity, *, value: Fraction, unit: Unit, entitlement: Entitlement) -> Verdict | None:
    """Whether a promise of `stated` is better or worse for the customer than a policy; None if equal or not comparable.

    The customer relies on the upper end of what is said, and on the lower end of a value bounded from below: "at least 5
    days" of return time promises 5, while "at the earliest in 3 days" promises no delivery within any time. A vague value
    (几天) is compared only where the limit lies outside of it. A month is any of 28 to 31 days.
    """
    ends = _on_one_scale(stated, value, unit)
    if ends is None:
        return None
    if stated.vague and not ends.low.is_over(ends.limit) and not ends.limit.is_over(ends.high):
        return None
    from_below = stated.direction is Direction.AT_LEAST
    relied_on = ends.low if from_below else ends.high
    more = relied_on.is_over(ends.limit)
    if not more and not ends.limit.is_over(relied_on):
        return None
    if entitlement is Entitlement.AT_MOST:
        return Verdict.BETTER if more else _unless(from_below, Verdict.WORSE)
    if stated.kind is Kind.UNLIMITED:
        return None
    return Verdict.WORSE if more else _unless(from_below, Verdict.BETTER)


def compares(stated: Quantity, operator: Operator, *, value: Fraction, unit: Unit) -> bool:
    """Whether the upper end of `stated` stands so to `value`; False if the units do not compare."""
    ends = _on_one_scale(stated, value, unit)
    if ends is None:
        return False
    more, less = ends.high.is_over(ends.limit), ends.limit.is_over(ends.high)
    return {
        Operator.EQ: not more and not less,
        Operator.NE: more or less,
        Operator.GT: more,
        Operator.GE: not less,
        Operator.LT: less,
        Operator.LE: not more,
    }[operator]


def _unless(condition: bool, value: Verdict) -> Verdict | None:
    return None if condition else value


def _on_one_scale(stated: Quantity, value: Fraction, unit: Unit) -> _Ends | None:
    if stated.low is None or stated.high is None:
        return _Ends(_exactly(_ENDLESS), _exactly(_ENDLESS), _exactly(Fraction(0))) if unit in _TIME else None
    is_money = stated.unit in _MONEY and unit in _MONEY and Unit.CURRENCY in (stated.unit, unit)
    if stated.unit == unit or is_money:
        return _Ends(_exactly(stated.low), _exactly(stated.high), _exactly(value))
    if stated.unit in _MONTHS and unit in _MONTHS:
        said, limit = _MONTHS[stated.unit], _MONTHS[unit]
        return _Ends(_exactly(stated.low * said), _exactly(stated.high * said), _exactly(value * limit))
    if stated.unit not in _TIME or unit not in _TIME:
        return None
    # Five working days may take seven: the latest day that the words allow.
    later = Fraction(7, 5) if stated.unit is Unit.WORKDAY else 1
    limit_later = Fraction(7, 5) if unit is Unit.WORKDAY else 1
    return _Ends(
        _days(stated.low, stated.unit), _days(stated.high * later, stated.unit), _days(value * limit_later, unit)
    )


def _exactly(value: Fraction) -> _Span:
    return _Span(value, value)


def _days(value: Fraction, unit: Unit) -> _Span:
    """In days: a month is any of 28 to 31, twelve of them 364 (52 weeks) to 366."""
    if unit in _DAYS:
        return _exactly(value * _DAYS[unit])
    years, months = divmod(value * _MONTHS[unit], 12)
    return _Span(years * 364 + months * 28, years * 366 + months * 31)
