"""`silence`, `waited`: how long nothing was said before a turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.conversation import Role
from qa_service.domain.no_reply import needs_reply
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, Answer, found, not_applicable, whole_turn, worse
from qa_service.rule_engine.nodes.anchors import shown
from qa_service.rule_engine.nodes.base import Node, Reader, Triggers
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field

_SPEAKING = (Role.CUSTOMER, Role.AGENT, Role.BOT)


class Between(StrEnum):
    """Whose turns bound the silence."""

    ANY = "any"
    SAME = "same_speaker"
    OTHER = "other_speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody said anything for longer than `over_seconds` before this turn."""

    over_seconds: float
    between: Between
    unless: Node | None
    calendar: Calendar | None

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """A hit over the whole turn that ends the silence; not applicable where a time is missing."""
        unknown: Answer | None = None
        for ending in _one_reply(place):
            answer = self._ended_by(place, ending)
            if answer.is_yes:
                return answer
            if answer.is_unknown:
                unknown = worse(unknown, answer)
        return unknown or NO

    def _ended_by(self, place: Place, ending: TurnReading) -> Answer:
        before = _spoken_before(place, ending)
        if before is None or not self._is_between(before, ending):
            return NO
        seconds = self._seconds(place, before, ending)
        if seconds is None:
            return not_applicable("no_time")
        if seconds <= self.over_seconds:
            return NO
        excused = self._excused(place, before)
        if excused is not None:
            return excused
        details = {"silence": {"seconds": round(seconds, 3), "over_seconds": self.over_seconds, "since": shown(before)}}
        return found([whole_turn(place.turn.original, details)])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The seconds since the last message."""
        ended = ((_spoken_before(place, ending), ending) for ending in _one_reply(place))
        seconds = _longest([self._seconds(place, before, ending) for before, ending in ended if before is not None])
        bound, holds = f"over {self.over_seconds:g}", seconds is not None and seconds > self.over_seconds
        return (Measured(name="seconds of silence", value=seconds, bound=bound, holds=holds),)

    def _seconds(self, place: Place, before: TurnReading, ending: TurnReading) -> float | None:
        first, last = before.ended, ending.began
        if first is None or last is None:
            return None
        count = self.calendar.of(place).seconds_between if self.calendar else None
        return count(first, last) if count else (last - first).total_seconds()

    def _is_between(self, before: TurnReading, turn: TurnReading) -> bool:
        return self.between is Between.ANY or (self.between is Between.SAME) == (before.speaker == turn.speaker)

    def _excused(self, place: Place, before: TurnReading) -> Answer | None:
        """NO where the exception was said, what is unknown where it cannot be known, else None."""
        if self.unless is None:
            return None
        unknown: Answer | None = None
        for turn in (before, _asked_to_wait(place, before)):
            if turn is None or not turn.is_inspectable:
                continue
            answer = self.unless.evaluate(place.at(turn))
            if answer.stands:
                return NO
            if answer.is_unknown:
                unknown = worse(unknown, answer)
        return unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """The customer waited longer than `over_seconds` for this turn, as reply times are measured."""

    over_seconds: float
    calendar: Calendar | None

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """A hit over the whole turn that ends the wait; not applicable where it is not known how long that was."""
        waits = self._waits(place)
        seconds = _longest(waits)
        if seconds is None or seconds <= self.over_seconds:
            return not_applicable("no_reply_time") if None in waits else NO
        details = {"waited": {"seconds": round(seconds, 3), "over_seconds": self.over_seconds}}
        return found([whole_turn(place.turn.original, details)])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The seconds that the customer waited for this turn."""
        seconds = _longest(self._waits(place))
        bound, holds = f"over {self.over_seconds:g}", seconds is not None and seconds > self.over_seconds
        return (Measured(name="seconds waited", value=seconds, bound=bound, holds=holds),)

    def _waits(self, place: Place) -> list[float | None]:
        """The waits that this turn ended, or a message of it."""
        hours = self.calendar.of(place) if self.calendar else None
        return [seconds for ending in _one_reply(place) for seconds in place.conversation.waits_before(ending, hours)]


def _longest(waits: list[float | None]) -> float | None:
    return max((seconds for seconds in waits if seconds is not None), default=None)


def _one_reply(place: Place) -> Iterator[TurnReading]:
    """This turn, and right before it the sender's messages without text: a picture that is sent first is no turn to read."""
    turn: TurnReading | None = place.turn
    while turn is not None:
        yield turn
        turn = _spoken_before(place, turn)
        if turn is None or turn.is_inspectable or turn.speaker != place.turn.speaker:
            return


def _spoken_before(place: Place, turn: TurnReading) -> TurnReading | None:
    """The last message before a turn; a system's or a recalled one breaks no silence."""
    earlier = (place.conversation.turns[at] for at in range(turn.index - 1, -1, -1))
    return next((said for said in earlier if said.role in _SPEAKING and not said.is_recalled), None)


def _asked_to_wait(place: Place, before: TurnReading) -> TurnReading | None:
    """请稍等 / 好的 / (silence): what stands before a customer's 好的."""
    if before.role is not Role.CUSTOMER or not before.is_inspectable or needs_reply(before.original):
        return None
    return _spoken_before(place, before)


def read_silence(field: Field, reader: Reader) -> Silence:
    """`silence: {over_seconds: 120, between: any, unless: {any: [请稍等]}, hours: shop_hours}`."""
    fields = field.fields(required=("over_seconds",), optional=("between", "unless", "hours"))
    return Silence(
        over_seconds=fields["over_seconds"].number(minimum=0),
        between=fields["between"].choice(Between) if "between" in fields else Between.ANY,
        unless=reader.node(fields["unless"]) if "unless" in fields else None,
        calendar=reader.calendar(fields["hours"]) if "hours" in fields else None,
    )


def read_waited(field: Field, reader: Reader) -> Waited:
    """`waited: {over_seconds: 60, hours: shop_hours}`."""
    # A name that shows up later tells a thank-you from a question.
    reader.defer()
    fields = field.fields(required=("over_seconds",), optional=("hours",))
    return Waited(
        over_seconds=fields["over_seconds"].number(minimum=0),
        calendar=reader.calendar(fields["hours"]) if "hours" in fields else None,
    )
