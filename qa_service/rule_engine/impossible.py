"""Conditions that nothing can meet: ranges that exclude each other. Owns no reading, which refuses a range without values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from math import inf

from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.base import held
from qa_service.rule_engine.nodes.count import Count, Counting
from qa_service.rule_engine.nodes.fact import Comparison, Fact
from qa_service.rule_engine.nodes.figure import Figure
from qa_service.rule_engine.nodes.logic import And, Not
from qa_service.rule_engine.nodes.mood import Mood, MoodShift
from qa_service.rule_engine.nodes.position import Position
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.unreachable import place_of, required


def impossible_conditions(rules: Iterable[Rule]) -> Iterator[ConfigError]:
    """Each such condition with its place."""
    for rule in rules:
        for part, why in _of(rule.node if rule.node is not None else rule.check):
            yield place_of(rule, part).error(f"{rule.id}: can never be met: {why}")


def over_rules(rules: Iterable[Rule], today: date) -> Iterator[ConfigError]:
    """The rules whose time is over."""
    for rule in rules:
        end = rule.effective.end
        if end is not None and end < today:
            yield rule.place.error(f"{rule.id} was in force until {end} and finds nothing said since")


def _of(part: object) -> Iterator[tuple[object, str]]:
    if not is_dataclass(part):
        return
    yield from ((part, why) for why in _alone(part))
    if isinstance(part, And):
        yield from ((part, why) for why in _together(tuple(required(part))))
        # A nested `and` was held against its siblings.
        children: Iterable[object] = (one for one in required(part) if not isinstance(one, And))
    else:
        children = held(part)
    for child in children:
        yield from _of(child)


def _alone(part: object) -> Iterator[str]:
    if isinstance(part, Mood | MoodShift) and _is_crossed(part.below, part.above):
        yield f"nothing is below {part.below:g} and above {part.above:g}"
    elif isinstance(part, Count) and part.per is Counting.TURN and part.at_least > (part.turns or inf):
        yield f"{part.turns} turns cannot have {part.at_least} turns with a hit"


def _is_crossed(below: float | None, above: float | None) -> bool:
    return below is not None and above is not None and below <= above


def _together(parts: Sequence[object]) -> Iterator[str]:
    """Of conditions that must all hold: figures, facts and places in the conversation that exclude each other."""
    intervals: dict[object, _Interval] = {}
    texts: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Fact) and part.comparison is Comparison.EQ:
            known = texts.setdefault(part.field, part.values[0])
            if known != part.values[0]:
                yield f"{part.field} cannot be both {known} and {part.values[0]}"
        elif isinstance(part, Fact | Figure):
            own = _interval(part)
            key = part.field if isinstance(part, Fact) else (part.name, part.calendar)
            name = part.field if isinstance(part, Fact) else str(part.name)
            intervals[key] = intervals.get(key, _ALL).and_(own)
            if intervals[key].is_empty and not own.is_empty:
                yield f"no value of {name} is in all of its ranges"
    wanted = [part for part in parts if isinstance(part, Position)]
    refused = [part.node for part in parts if isinstance(part, Not) and isinstance(part.node, Position)]
    for one in wanted:
        if any(0 < one.first <= other.first or 0 < one.last <= other.last for other in refused):
            yield "it asks for turns at the edge of the conversation and for none of them"


@dataclass(frozen=True, slots=True)
class _Interval:
    """From `low` to `high`, without an end that is open."""

    low: float = -inf
    high: float = inf
    is_low_open: bool = False
    is_high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.is_low_open or self.is_high_open))

    def and_(self, other: _Interval) -> _Interval:
        low, high = max(self.low, other.low), min(self.high, other.high)
        return _Interval(
            low,
            high,
            any(one.is_low_open for one in (self, other) if one.low == low),
            any(one.is_high_open for one in (self, other) if one.high == high),
        )


_ALL = _Interval()


def _interval(part: Fact | Figure) -> _Interval:
    """The numbers that meet it; all where it compares otherwise."""
    if part.comparison not in _RANGES:
        return _ALL
    first, last = float(part.values[0]), float(part.values[-1])
    return _RANGES[part.comparison](first, last)


_RANGES: Mapping[Comparison, Callable[[float, float], _Interval]] = {
    Comparison.EQ: _Interval,
    Comparison.BETWEEN: _Interval,
    Comparison.GT: lambda value, _: _Interval(low=value, is_low_open=True),
    Comparison.GE: lambda value, _: _Interval(low=value),
    Comparison.LT: lambda value, _: _Interval(high=value, is_high_open=True),
    Comparison.LE: lambda value, _: _Interval(high=value),
}
