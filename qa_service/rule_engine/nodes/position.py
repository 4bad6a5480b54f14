"""`position`: among the speaker's first or last turns, or in the first or last seconds."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, not_applicable
from qa_service.rule_engine.nodes.base import Node, Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Within the speaker's first or last n turns; 0 stands for neither."""

    first: int
    last: int

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits."""
        segment = place.conversation.segment(place.turn)
        at = segment.index(place.turn)
        return YES if at < self.first or at >= len(segment) - self.last else NO

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The turn's number among the speaker's, from the start or the end."""
        segment = place.conversation.segment(place.turn)
        at = segment.index(place.turn)
        name, number, bound = (
            ("turn from the start", at + 1, self.first)
            if self.first
            else ("turn from the end", len(segment) - at, self.last)
        )
        return (Measured(name=name, value=number, bound=f"at most {bound}", holds=number <= bound),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Within so many seconds of the conversation's first known time, or of its last."""

    seconds: float
    is_first: bool

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits; not applicable without times."""
        seconds = self._seconds(place)
        if seconds is None:
            return not_applicable("no_time")
        return YES if seconds <= self.seconds else NO

    def _seconds(self, place: Place) -> float | None:
        """From the edge to the turn; None where a missing time leaves open whether it lies in the period."""
        turns = place.conversation.turns
        if self.is_first:
            at, times = place.turn.began, [turn.began for turn in turns]
        else:
            at, times = place.turn.ended, [turn.ended for turn in reversed(turns)]
        started_at = place.conversation.conversation.started_at if self.is_first else None
        edge = started_at or next((time for time in times if time is not None), None)
        if at is None or edge is None:
            return None
        seconds = abs((at - edge).total_seconds())
        # What has no time and lies beyond the first known one may have been sent long before it, or long after.
        is_open = started_at is None and times[0] is None and seconds <= self.seconds
        return None if is_open else seconds

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The seconds from the start or the end."""
        seconds = self._seconds(place)
        name = f"seconds from the {'start' if self.is_first else 'end'}"
        holds = seconds is not None and seconds <= self.seconds
        return (Measured(name=name, value=seconds, bound=f"at most {self.seconds:g}", holds=holds),)


def read_position(field: Field, reader: Reader) -> Node:
    """`position: {first: 2}`, `{last: 3}`, `{first_seconds: 30}` or `{last_seconds: 30}`."""
    fields = field.fields(optional=("first", "last", "first_seconds", "last_seconds"))
    if len(fields) != 1:
        raise field.error("give first, last, first_seconds or last_seconds")
    name, value = next(iter(fields.items()))
    if name.startswith("last"):
        reader.defer()
    if name.endswith("seconds"):
        return Period(seconds=value.number(minimum=0), is_first=name == "first_seconds")
    size = value.integer(minimum=1)
    return Position(first=size if name == "first" else 0, last=size if name == "last" else 0)
