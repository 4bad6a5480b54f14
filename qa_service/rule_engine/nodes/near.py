"""`near`: two groups of words not far apart."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import Answer, Hit, found, join
from qa_service.rule_engine.nodes.base import Needed, Reader, Triggers, fewest_triggers
from qa_service.rule_engine.nodes.words import read_within
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import Within
from qa_service.rule_engine.yaml_field import Field


class Order(StrEnum):
    """Which of the two comes first."""

    ANY = "any"
    A_FIRST = "a_first"
    B_FIRST = "b_first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A word of `a` and one of `b`, at most `chars` characters apart in one piece of text."""

    a: frozenset[int]
    b: frozenset[int]
    chars: int
    order: Order
    within: Within

    @property
    def triggers(self) -> Triggers:
        """The smaller of the two groups."""
        return fewest_triggers((Needed(self.a), Needed(self.b)))

    def evaluate(self, place: Place) -> Answer:
        """One hit for each word of `a` that has a `b` near, with the nearest."""
        others = place.words(self.b)
        pairs = [self._pair(place, hit, others) for hit in place.words(self.a)]
        return found([join(pair) for pair in pairs if pair is not None])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The fewest characters between the two, whatever their order and piece."""
        others = place.words(self.b)
        gaps = [_gap(hit, other) for hit in place.words(self.a) for other in _around(hit, others)]
        apart = [gap for gap in gaps if gap >= 0]
        nearest = min(apart, default=None)
        is_near = nearest is not None and nearest <= self.chars
        return (Measured(name="characters apart", value=nearest, bound=f"at most {self.chars}", holds=is_near),)

    def _pair(self, place: Place, hit: Hit, others: list[Hit]) -> tuple[Hit, Hit] | None:
        near = [other for other in _around(hit, others) if self._fits(place, hit, other)]
        if not near:
            return None
        return hit, min(near, key=lambda other: (other.cue is not None, _gap(hit, other), other.span))

    def _fits(self, place: Place, hit: Hit, other: Hit) -> bool:
        if other.span.overlaps(hit.span) or _gap(hit, other) > self.chars:
            return False
        if self.order is not Order.ANY and (self.order is Order.A_FIRST) != (hit.span < other.span):
            return False
        return place.turn.share(hit.span, other.span, self.within)


def _gap(one: Hit, other: Hit) -> int:
    return max(other.span.start - one.span.end, one.span.start - other.span.end)


def _around(hit: Hit, others: list[Hit]) -> list[Hit]:
    """The few occurrences next to a hit: enough to hold the nearest, and keeps long turns linear."""
    at = bisect_left(others, hit.span, key=lambda other: other.span)
    return others[max(at - 4, 0) : at + 4]


def read_near(field: Field, reader: Reader) -> Near:
    """`near: {a: $x, b: [word], chars: 8, order: any, within: sentence}`."""
    fields = field.fields(required=("a", "b", "chars"), optional=("order", "within"))
    return Near(
        a=reader.words(fields["a"]),
        b=reader.words(fields["b"]),
        chars=fields["chars"].integer(minimum=0),
        order=fields["order"].choice(Order) if "order" in fields else Order.ANY,
        within=read_within(fields),
    )
