"""`near`: two groups of words not far apart, or one without the other near it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.rule_explanation import Measured
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Hit, found, join
from qa_service.rule_engine.blocks import JOINT
from qa_service.rule_engine.nodes.base import Needed, Reader, Triggers, fewest_triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.yaml_field import Field

# A Chinese character counts as a word, as spaCy's tokens do.
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['’][^\W\u3400-\u9fff]+)?")


class Order(StrEnum):
    """Which of the two comes first."""

    ANY = "any"
    A_FIRST = "a_first"
    B_FIRST = "b_first"


class Measure(StrEnum):
    """What is counted between the two."""

    CHARS = "chars"
    WORDS = "words"
    CLAUSES = "clauses"

    @property
    def noun(self) -> str:
        """As explanations call it."""
        return {Measure.CHARS: "characters", Measure.WORDS: "words", Measure.CLAUSES: "clause ends"}[self]

    def between(self, turn: TurnReading, gap: Span) -> int:
        """How many characters or words lie in a gap of the original, or how many clauses end there."""
        if self is Measure.CHARS:
            return gap.end - gap.start - len(JOINT) * turn.original.count(JOINT, gap.start, gap.end)
        if self is Measure.WORDS:
            return len(_WORD.findall(turn.original, gap.start, gap.end))
        return turn.clause_ends(gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A word of `a` and one of `b`, at most so far apart in one piece of text; or `a` without any such `b`."""

    a: frozenset[int]
    b: frozenset[int]
    most: int
    counted: Measure
    order: Order
    within: Within
    is_without: bool

    @property
    def triggers(self) -> Triggers:
        """The smaller of the two groups; without `b`, those of `a`."""
        return Needed(self.a) if self.is_without else fewest_triggers((Needed(self.a), Needed(self.b)))

    def evaluate(self, place: Place) -> Answer:
        """One hit for each word of `a`: with the nearest `b`, or where none is near."""
        hits = place.words(self.a)
        others = place.words(self.b)
        if self.is_without:
            others = [other for other in others if other.cue is None]
            return found([hit for hit in hits if self._pair(place, hit, others) is None])
        pairs = [self._pair(place, hit, others) for hit in hits]
        return found([join(pair) for pair in pairs if pair is not None])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The least between two words that stand in the order and piece asked for; else between any two."""
        hits, others = place.words(self.a), place.words(self.b)
        pairs = [
            (not self._fits(place, hit, other), self.counted.between(place.turn, _gap(hit, other)))
            for hit in hits
            for other in _around(hit, others)
            if not other.span.overlaps(hit.span)
        ]
        is_far, nearest = min(pairs, default=(True, None))
        order = "" if self.order is Order.ANY else f", {self.order}"
        bound = f"{'more than' if self.is_without else 'at most'} {self.most} in one {self.within}{order}"
        holds = bool(hits) and is_far == self.is_without
        return (Measured(name=f"{self.counted.noun} apart", value=nearest, bound=bound, holds=holds),)

    def _pair(self, place: Place, hit: Hit, others: list[Hit]) -> tuple[Hit, Hit] | None:
        near = [other for other in _around(hit, others) if self._fits(place, hit, other)]
        if not near:
            return None
        return hit, min(near, key=lambda other: _distance(hit, other))

    def _fits(self, place: Place, hit: Hit, other: Hit) -> bool:
        if other.span.overlaps(hit.span) or self.counted.between(place.turn, _gap(hit, other)) > self.most:
            return False
        if self.order is not Order.ANY and (self.order is Order.A_FIRST) != (hit.span < other.span):
            return False
        return place.turn.share(hit.span, other.span, self.within)


def _gap(one: Hit, other: Hit) -> Span:
    """What lies between two spans that do not overlap."""
    first, second = sorted((one.span, other.span))
    return Span(first.end, max(second.start, first.end))


def _distance(hit: Hit, other: Hit) -> tuple[bool, int, int, Span]:
    """What counts before what an exception covers, the literal before the hidden (voucher's is vouchers, too), then the nearest."""
    gap = _gap(hit, other)
    return other.cue is not None, other.view.rank, gap.end - gap.start, other.span


def _around(hit: Hit, others: list[Hit]) -> list[Hit]:
    """The few occurrences next to a hit: enough to hold the nearest, and keeps long turns linear."""
    at = bisect_left(others, hit.span, key=lambda other: other.span)
    return others[max(at - 4, 0) : at + 4]


def read_near(field: Field, reader: Reader) -> Near:
    """`near: {a: $x, b: [word], chars: 8, order: any, within: sentence}`; `words` or `clauses`; `without` for `b`."""
    fields = field.fields(required=("a",), optional=("b", "without", *Measure, "order", "within"))
    measures = [measure for measure in Measure if measure in fields]
    if len(measures) != 1:
        raise field.error("give one of chars, words and clauses")
    if ("b" in fields) == ("without" in fields):
        raise field.error("give one of b and without")
    measure = measures[0]
    widest = Within.TURN if measure is Measure.CLAUSES else Within.SENTENCE
    return Near(
        a=reader.words(fields["a"]),
        b=reader.words(fields["b"] if "b" in fields else fields["without"]),
        most=fields[measure].integer(minimum=0),
        counted=measure,
        order=fields["order"].choice(Order) if "order" in fields else Order.ANY,
        within=fields["within"].choice(Within) if "within" in fields else widest,
        is_without="without" in fields,
    )
