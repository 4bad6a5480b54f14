"""`after`, `before`, `sequence`: what is said around a turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

from qa_service.domain.conversation import Role
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, Truth, not_applicable, worse
from qa_service.rule_engine.blocks import as_said
from qa_service.rule_engine.nodes.base import Glance, Node, Part, Reader, Triggers
from qa_service.rule_engine.nodes.noted import noted
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field

NO_TIME = not_applicable("no_time")

# How many turns around an anchor an explanation shows.
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far apart two turns may be; None is any."""

    turns: int | None
    seconds: float | None

    def holds(self, one: TurnReading, other: TurnReading) -> Answer:
        """Whether two turns are near enough; not applicable where only a missing time leaves it open."""
        if self.turns is not None and abs(one.index - other.index) > self.turns:
            return NO
        if self.seconds is None:
            return YES
        seconds = seconds_between(one, other)
        if seconds is None:
            return NO_TIME
        return YES if seconds <= self.seconds else NO

    def as_json(self) -> dict[str, Any]:
        """The bounds that are set."""
        bounds = {"turns": self.turns, "seconds": self.seconds}
        return {name: bound for name, bound in bounds.items() if bound is not None}

    def measure(self, one: TurnReading, other: TurnReading) -> tuple[Measured, ...]:
        """How far apart two turns are, for each bound there is."""
        measured = []
        number = other.turn.turn.id
        if self.turns is not None:
            apart = abs(one.index - other.index)
            bound = f"at most {self.turns}"
            measured.append(
                Measured(name=f"turns to turn {number}", value=apart, bound=bound, holds=apart <= self.turns)
            )
        if self.seconds is not None:
            seconds = seconds_between(one, other)
            bound, holds = f"at most {self.seconds:g}", seconds is not None and seconds <= self.seconds
            measured.append(Measured(name=f"seconds to turn {number}", value=seconds, bound=bound, holds=holds))
        return tuple(measured)


def seconds_between(one: TurnReading, other: TurnReading) -> float | None:
    """From the end of the earlier turn to the beginning of the later one; None where a time is missing."""
    earlier, later = (one, other) if one.index < other.index else (other, one)
    if earlier.ended is None or later.began is None:
        return None
    return abs((later.began - earlier.ended).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Another turn of `role`, earlier or later, matches."""

    node: Node
    role: Role
    distance: Distance
    is_earlier: bool
    _glance: Glance = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_glance", Glance(self.node))

    @property
    def triggers(self) -> Triggers:
        """The words stand in another turn."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes with the nearest such turn in the explanation; unknown if only unknown ones are there."""
        unknown: Answer | None = None
        for turn, answer in self._noted(place):
            near = self.distance.holds(place.turn, turn)
            if near.truth is Truth.NO:
                continue
            if answer.stands and near.is_yes:
                return Answer(Truth.YES, details={self._name: shown(turn)})
            unknown = worse(unknown, near if answer.stands else answer)
        return unknown or NO

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The distance to the nearest turn that matches, also where it is too far."""
        matching = self._matching(place)
        if matching is None:
            bound = f"one of the {self.role} {'before' if self.is_earlier else 'behind'} this one"
            return (Measured(name="turns that match", value=0, bound=bound, holds=False),)
        return self.distance.measure(place.turn, matching)

    def parts(self, place: Place) -> tuple[Part, ...]:
        """The condition at the nearest turns of the role, and at the nearest that matches."""
        shown_turns = list(islice(self._around(place), _NEAREST))
        matching = self._matching(place)
        if matching is not None and matching not in shown_turns:
            shown_turns.append(matching)
        return tuple(
            Part(label=f"turn {turn.turn.turn.id}", node=self.node, place=place.at(turn)) for turn in shown_turns
        )

    @property
    def _name(self) -> str:
        return "after" if self.is_earlier else "before"

    def _matching(self, place: Place) -> TurnReading | None:
        """The nearest turn where the node stands."""
        return next((turn for turn, answer in self._noted(place) if answer.stands), None)

    def _noted(self, place: Place) -> Iterator[tuple[TurnReading, Answer]]:
        """The turns on this side where the node does not say no, the nearest first."""
        here = place.turn.index
        end = here if self.is_earlier else len(place.conversation.turns)
        known = noted(self.node, self._glance, place, self.role, end=end)
        return known.before(here) if self.is_earlier else known.behind(here)

    def _around(self, place: Place) -> Iterator[TurnReading]:
        turns, here = place.conversation.turns, place.turn.index
        nearest_first = range(here - 1, -1, -1) if self.is_earlier else range(here + 1, len(turns))
        return (turns[at] for at in nearest_first if turns[at].role is self.role and turns[at].is_inspectable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a sequence; without a role it is whoever the rule asks, which only the last step may be."""

    node: Node
    role: Role | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """The last step matches this turn and each earlier one a turn before it, near enough to the next."""

    steps: tuple[Step, ...]
    distance: Distance

    @property
    def triggers(self) -> Triggers:
        """Those of the last step."""
        return self.steps[-1].node.triggers

    def evaluate(self, place: Place) -> Answer:
        """The hits of the last step, with the earlier turns in the explanation."""
        if self.steps[-1].role not in (None, place.turn.role):
            return NO
        last = self.steps[-1].node.evaluate(place)
        if not last.is_yes:
            return last
        path = self._path(place, is_sure=True)
        if path is None:
            return NO_TIME if self._lacks_times(place) and self._path(place, is_sure=False) else NO
        details = {"sequence": [shown(turn) for turn in path]}
        return Answer(Truth.YES, tuple(hit.with_details(details) for hit in last.hits), details)

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The distances between the turns that were found for a step and for the next."""
        return tuple(
            measured
            for one, other in pairwise([*self._nearest(place), place.turn])
            if one is not None and other is not None
            for measured in self.distance.measure(other, one)
        )

    def parts(self, place: Place) -> tuple[Part, ...]:
        """Each step: at the nearest turn that matches it, else at the nearest of its role."""
        found = [
            Part(label=f"step {at}: turn {turn.turn.turn.id}", node=step.node, place=place.at(turn))
            for at, (step, turn) in enumerate(zip(self.steps, self._nearest(place), strict=False), start=1)
            if turn is not None
        ]
        return (*found, Part(label=f"step {len(self.steps)}: this turn", node=self.steps[-1].node, place=place))

    def _nearest(self, place: Place) -> list[TurnReading | None]:
        """For each earlier step, going back from this turn."""
        found: list[TurnReading | None] = []
        upto = place.turn.index
        for at in range(len(self.steps) - 2, -1, -1):
            role = self.steps[at].role
            earlier = [t for t in place.conversation.turns[:upto] if t.role is role and t.is_inspectable]
            matching = [turn for turn in earlier if self._matches(at, place.at(turn))]
            candidates = matching or earlier
            nearest = candidates[-1] if candidates else None
            found.append(nearest)
            upto = nearest.index if nearest is not None else upto
        return found[::-1]

    def _lacks_times(self, place: Place) -> bool:
        """Whether a missing time may be why there is no path."""
        if self.distance.seconds is None:
            return False
        turns, remembered = place.conversation.turns, place.conversation.remembered
        if "untimed" not in remembered:
            untimed = (turn.index for turn in turns if turn.began is None or turn.ended is None)
            remembered["untimed"] = next(untimed, len(turns))
        first: int = remembered["untimed"]
        return first <= place.turn.index

    def _path(self, place: Place, *, is_sure: bool) -> list[TurnReading] | None:
        """Turns before this one that match the earlier steps; unless sure, missing times may be any."""
        key = ("paths", id(self), place.language, is_sure)
        known: list[list[list[TurnReading] | None]] = place.conversation.remembered.setdefault(
            key, [[None] * (len(self.steps) - 1)]
        )
        for turn in place.conversation.turns[len(known) - 1 : place.turn.index]:
            known.append(self._with(known[-1], place.at(turn), is_sure=is_sure))
        found = known[place.turn.index][-1]
        return found if found and self._continues(found, place.turn, is_sure=is_sure) else None

    def _with(
        self, known: list[list[TurnReading] | None], place: Place, *, is_sure: bool
    ) -> list[list[TurnReading] | None]:
        """The paths to each step with one turn more; `known` are those without it.

        The latest turn that ends a path leaves the next step the shortest distance, so one path a step is enough. A turn
        without time leads on to nothing that is sure, and must not stand before an earlier one that does.
        """
        turn = place.turn
        if is_sure and self.distance.seconds is not None and turn.ended is None:
            return known
        paths = known
        for at in range(len(known)):
            before = known[at - 1] if at else []
            if before is not None and self._continues(before, turn, is_sure=is_sure) and self._matches(at, place):
                paths = [*paths[:at], [*before, turn], *paths[at + 1 :]]
        return paths

    def _continues(self, path: list[TurnReading], turn: TurnReading, *, is_sure: bool) -> bool:
        if not path:
            return True
        near = self.distance.holds(path[-1], turn)
        return near.is_yes or (near.is_unknown and not is_sure)

    def _matches(self, at: int, place: Place) -> bool:
        step = self.steps[at]
        return place.turn.role is step.role and place.turn.is_inspectable and step.node.evaluate(place).stands


def shown(turn: TurnReading) -> dict[str, Any]:
    """A turn in an explanation."""
    return {"turn_id": turn.turn.turn.id, "text": as_said(turn.original)}


def read_after(field: Field, reader: Reader) -> Anchor:
    """`after: {match: node, role: customer, turns: 3, seconds: 600}`."""
    return _read_anchor(field, reader, is_earlier=True)


def read_before(field: Field, reader: Reader) -> Anchor:
    """`before:` with the fields of `after`."""
    reader.defer()
    return _read_anchor(field, reader, is_earlier=False)


def read_sequence(field: Field, reader: Reader) -> Sequence:
    """`sequence: {steps: [{match: node, role: customer}, {match: node}], turns: 6, seconds: 600}`."""
    fields = field.fields(required=("steps",), optional=("turns", "seconds"))
    *earlier, last = fields["steps"].items()
    if not earlier:
        raise fields["steps"].error("needs at least two steps")
    steps = (*(_read_step(item, reader, Role.AGENT) for item in earlier), _read_step(last, reader, None))
    return Sequence(steps=steps, distance=read_distance(fields))


def _read_anchor(field: Field, reader: Reader, *, is_earlier: bool) -> Anchor:
    fields = field.fields(required=("match",), optional=("role", "turns", "seconds"))
    role = fields["role"].choice(Role) if "role" in fields else Role.CUSTOMER
    return Anchor(node=reader.node(fields["match"]), role=role, distance=read_distance(fields), is_earlier=is_earlier)


def _read_step(field: Field, reader: Reader, role: Role | None) -> Step:
    fields = field.fields(required=("match",), optional=("role",))
    role = fields["role"].choice(Role) if "role" in fields else role
    return Step(node=reader.node(fields["match"]), role=role)


def read_distance(fields: dict[str, Field]) -> Distance:
    """The optional fields `turns` and `seconds`."""
    return Distance(
        turns=fields["turns"].integer(minimum=1) if "turns" in fields else None,
        seconds=fields["seconds"].number(minimum=0) if "seconds" in fields else None,
    )
