"""`quantity`: a stated value about a subject, compared with a policy or a number. Owns no grammar (`values`)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qa_service.domain.rule_explanation import Measured
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Hit, found, join, not_applicable
from qa_service.rule_engine.nodes.base import Needed, Node, Reader, Triggers
from qa_service.rule_engine.nodes.elliptic import Inherit, read_inherit
from qa_service.rule_engine.nodes.stated_limit import Limit, MissingPolicy, read_limit
from qa_service.rule_engine.nodes.words import read_within
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.stated_value import StatedValue
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.values.quantity import Direction, Kind
from qa_service.rule_engine.yaml_field import Field

_DEFAULT_CHARS = 20
# No word of a pack, with the junk that hides it, is longer.
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedQuantity:
    """A value of these kinds with a word of its subject near, beyond the limit."""

    kinds: frozenset[Kind]
    subject: frozenset[int]
    without: frozenset[int]
    chars: int
    within: Within
    directions: frozenset[Direction]
    limit: Limit | None
    inherit: Inherit | None

    @property
    def triggers(self) -> Triggers:
        """A word of the subject, here or in the question that this turn answers."""
        inherit = self.inherit
        return Needed(self.subject, inherit.turns, inherit.agree) if inherit else Needed(self.subject)

    def evaluate(self, place: Place) -> Answer:
        """One hit a value; inherited ones only where the turn has none of its own."""
        try:
            # Words are looked up with the exceptions around them: only where a value may need them.
            subjects = place.words(self.subject) if self._is_valued(place) else []
            hits = self.beyond_limit(place, self.pairs(place, subjects), place) if subjects else []
            if not hits and self.inherit is not None:
                hits = self.inherit.hits(self, place)
        except MissingPolicy as missing:
            return not_applicable(f"no policy {missing.key} is in force")
        return found(hits)

    def _is_valued(self, place: Place) -> bool:
        return not self.subject.isdisjoint(place.said) and any(
            value.quantity.kind in self.kinds for value in place.turn.quantities
        )

    def values(self, place: Place) -> list[StatedValue]:
        """The turn's values of the right kind, bounded as asked."""
        others = _clauses(place, (hit.span for hit in place.allowed(self.without)))
        return [
            value
            for value in place.turn.quantities
            if value.quantity.kind in self.kinds
            and place.reads(value.undone)
            and (not self.directions or value.quantity.direction in self.directions)
            and place.turn.piece(value.span.start, Within.CLAUSE) not in others
        ]

    def pairs(self, place: Place, subjects: Sequence[Hit]) -> list[tuple[StatedValue, Hit]]:
        """Each value with the words of its subject."""
        values = self.values(place)
        clauses = _Clauses(
            with_subject=_clauses(place, (hit.span for hit in subjects)),
            with_value=_clauses(place, (value.span for value in values)),
        )
        pairs = []
        for value in values:
            around = self._around(value, subjects)
            near = [hit for hit in around if self._belong(place, value, hit, clauses)]
            if near:
                nearest = min(near, key=lambda hit: (hit.cue is not None, _gap(value.outer, hit.span), hit.span))
                pairs.append((value, _widened(nearest, around)))
        return pairs

    def beyond_limit(self, place: Place, pairs: Sequence[tuple[StatedValue, Hit]], said_at: Place) -> list[Hit]:
        """The pairs that break the limit, explained. `place` holds the words, `said_at` the promise."""
        hits = []
        for value, subject in pairs:
            details = self.explain(place, value, said_at)
            if details is not None:
                cue = place.exceptions.covering(place.turn, value.outer)
                stated = Hit((value.outer,), value.view, cue, value.undone, details)
                hits.append(join([stated, subject]))
        return hits

    def explain(self, place: Place, value: StatedValue, said_at: Place) -> dict[str, Any] | None:
        """What the explanation says of a value beyond the limit; None if it is not beyond."""
        stated = {"stated": value.quantity.as_json(place.turn.original[value.span.start : value.span.end])}
        if self.limit is None:
            return stated
        broken = self.limit.broken_by(value.quantity, said_at)
        return None if broken is None else {**stated, **broken}

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """Words of the subject, and each value of the right kind: how near a subject stands, and what it is held against.

        Where subject or value are those of the customer's question, that question instead.
        """
        inherited = self._measure_inherited(place)
        if inherited:
            return inherited
        subjects = place.words(self.subject)
        count = Measured(name="subject words", value=len(subjects), bound="at least 1", holds=bool(subjects))
        values, uncounted = self.values(place), self._measure_uncounted(place)
        if not values:
            kinds = " or ".join(sorted(self.kinds))
            return (count, Measured(name="values", value=0, bound=f"at least 1 of {kinds}", holds=False), *uncounted)
        return (
            count,
            *uncounted,
            *(measured for value in values for measured in self._measure_value(place, value, subjects)),
        )

    def _measure_inherited(self, place: Place) -> tuple[Measured, ...]:
        hits = self.evaluate(place).hits if self.inherit is not None else ()
        hit = next((hit for hit in hits if "inherited" in hit.details), None)
        if hit is None:
            return ()
        question = hit.details["inherited"]
        name, bound = f"answers turn {question['turn_id']}", "a question about the subject"
        answers = Measured(name=name, value=question["text"], bound=bound, holds=True)
        if self.limit is None:
            return (answers,)
        stated = Measured(name="stated", value=hit.details["stated"], bound=self.limit.bound(place), holds=True)
        return answers, stated

    def _measure_uncounted(self, place: Place) -> tuple[Measured, ...]:
        if Kind.DATE not in self.kinds:
            return ()
        turn = place.turn
        bound = (
            "the time of the message" if turn.sent is None else "a day that had not passed when the message was sent"
        )
        return tuple(
            Measured(
                name=f"days to {turn.original[day.span.start : day.span.end]}", value=None, bound=bound, holds=False
            )
            for day in turn.uncounted_days
        )

    def _measure_value(self, place: Place, value: StatedValue, subjects: Sequence[Hit]) -> tuple[Measured, ...]:
        said = place.turn.original[value.span.start : value.span.end]
        nearest = min((_gap(value.outer, hit.span) for hit in subjects), default=None)
        measured = [
            Measured(
                name=f"characters from {said} to the subject",
                value=nearest,
                bound=f"at most {self.chars} in one {self.within}",
                holds=bool(self.pairs(place, subjects)) and nearest is not None and nearest <= self.chars,
            )
        ]
        if self.limit is not None:
            try:
                is_broken = self.limit.broken_by(value.quantity, place) is not None
            except MissingPolicy:
                is_broken = False
            stated = value.quantity.as_json(said)
            measured.append(Measured(name="stated", value=stated, bound=self.limit.bound(place), holds=is_broken))
        return tuple(measured)

    def _around(self, value: StatedValue, subjects: Sequence[Hit]) -> Sequence[Hit]:
        """The subject words that may be near enough: keeps long turns linear."""
        first = bisect_left(subjects, value.outer.start - self.chars - _LONGEST_WORD, key=_start)
        return subjects[first : bisect_right(subjects, value.outer.end + self.chars, key=_start)]

    def _belong(self, place: Place, value: StatedValue, hit: Hit, clauses: _Clauses) -> bool:
        """Near and in one piece; over a clause end only if neither has a partner in its own clause."""
        turn = place.turn
        if _gap(value.outer, hit.span) > self.chars or not turn.share(value.span, hit.span, self.within):
            return False
        of_value, of_subject = turn.piece(value.span.start, Within.CLAUSE), turn.piece(hit.span.start, Within.CLAUSE)
        if of_value == of_subject:
            return True
        return of_value not in clauses.with_subject and of_subject not in clauses.with_value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clauses:
    """The clauses of a turn that hold a word of the subject, and those that hold a value."""

    with_subject: frozenset[Span]
    with_value: frozenset[Span]


def _clauses(place: Place, spans: Iterable[Span]) -> frozenset[Span]:
    return frozenset(place.turn.piece(span.start, Within.CLAUSE) for span in spans)


def _start(hit: Hit) -> int:
    return hit.span.start


def _gap(one: Span, other: Span) -> int:
    return max(other.start - one.end, one.start - other.end, 0)


def _widened(hit: Hit, subjects: Sequence[Hit]) -> Hit:
    """可以退 with an overlapping 退货 is 可以退货."""
    overlapping = [other for other in subjects if other.cue == hit.cue and other.span.overlaps(hit.span)]
    joined = join(overlapping)
    return Hit((joined.span,), joined.view, joined.cue, joined.undone)


def read_quantity(field: Field, reader: Reader) -> Node:
    """`quantity: {kind: duration, with: $words, compare: {policy: return_days, verdict: better}}`; see docs/rules.md."""
    fields = field.fields(
        required=("kind", "with"), optional=("without", "chars", "within", "direction", "compare", "inherit")
    )
    directions = fields["direction"].one_or_many() if "direction" in fields else ()
    kinds = frozenset(item.choice(Kind) for item in fields["kind"].one_or_many())
    return StatedQuantity(
        kinds=kinds,
        subject=reader.words(fields["with"]),
        without=reader.words(fields["without"]) if "without" in fields else frozenset(),
        chars=fields["chars"].integer(minimum=0) if "chars" in fields else _DEFAULT_CHARS,
        within=read_within(fields),
        directions=frozenset(item.choice(Direction) for item in directions),
        limit=read_limit(fields["compare"], reader, kinds) if "compare" in fields else None,
        inherit=read_inherit(fields["inherit"], reader) if "inherit" in fields else None,
    )
