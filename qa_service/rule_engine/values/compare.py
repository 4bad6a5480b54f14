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
    Unit.MONTH: Fraction(30),
    Unit.YEAR: Fraction(365),
}
_MONTHS = {Unit.MONTH: Fraction(1), Unit.YEAR: Fraction(12)}
_MONEY = (Unit.CURRENCY, Unit.CNY, Unit.USD, Unit.EUR, Unit.GBP)
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
class _Ends:
    low: Fraction
    high: Fraction
    limit: Fraction


def verdict(stated: Quantity, *, value: Fraction, unit: Unit, entitlement: Entitlement) -> Verdict | None:
    """Whether a promise of `stated` is better or worse for the customer than a policy; None if equal or not comparable.

    The customer relies on the upper end of what is said, and on the lower end of a value bounded from below: "at least 5
    days" of return time promises 5, while "at the earliest in 3 days" promises no delivery within any time. A vague value
    (几天) is compared only where the limit lies outside of it.
    """
    ends = _on_one_scale(stated, value, unit)
    if ends is None:
        return None
    if stated.vague and ends.low <= ends.limit <= ends.high:
        return None
    from_below = stated.direction is Direction.AT_LEAST
    relied_on = ends.low if from_below else ends.high
    if relied_on == ends.limit:
        return None
    more = relied_on > ends.limit
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
    return {
        Operator.EQ: ends.high == ends.limit,
        Operator.NE: ends.high != ends.limit,
        Operator.GT: ends.high > ends.limit,
        Operator.GE: ends.high >= ends.limit,
        Operator.LT: ends.high < ends.limit,
        Operator.LE: ends.high <= ends.limit,
    }[operator]


def _unless(condition: bool, value: Verdict) -> Verdict | None:
    return None if condition else value


def _on_one_scale(stated: Quantity, value: Fraction, unit: Unit) -> _Ends | None:
    if stated.low is None or stated.high is None:
        return _Ends(_ENDLESS, _ENDLESS, Fraction(0)) if unit in _DAYS else None
    if stated.unit == unit or (stated.unit in _MONEY and unit in _MONEY and Unit.CURRENCY in (stated.unit, unit)):
        return _Ends(stated.low, stated.high, value)
    for scale in (_MONTHS, _DAYS):
        if stated.unit in scale and unit in scale:
            limit = value * scale[unit]
            low, high = stated.low * scale[stated.unit], stated.high * scale[stated.unit]
            # Five working days may take seven: the latest day that the words allow.
            if stated.unit is Unit.WORKDAY:
                high = high * Fraction(7, 5)
            if unit is Unit.WORKDAY:
                limit = limit * Fraction(7, 5)
            return _Ends(low, high, limit)
    return None
