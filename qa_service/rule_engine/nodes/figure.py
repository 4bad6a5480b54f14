"""`figure`: a number about the whole conversation or the agent in it, compared. Owns no clock (`domain.reply_times`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from qa_service.domain.conversation import AgentId, Role
from qa_service.domain.mood import MoodStatus
from qa_service.domain.rule_explanation import Measured
from qa_service.domain.working_hours import WorkingHours
from qa_service.rule_engine.answer import NO, Answer, Truth, not_applicable, unavailable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.nodes.fact import Comparison, check_bounds, compare_numbers
from qa_service.rule_engine.place import AgentAnswer, Place
from qa_service.rule_engine.reading import ConversationReading
from qa_service.rule_engine.yaml_field import Field


class Name(StrEnum):
    """What is counted: of the conversation, of the agent, of the customer's mood."""

    DURATION = "duration_seconds"
    TURNS = "turns"
    CUSTOMER_TURNS = "customer_turns"
    AGENT_TURNS = "agent_turns"
    BOT_TURNS = "bot_turns"
    TRANSFERS = "transfers"
    LONGEST_SILENCE = "longest_silence_seconds"
    CSAT = "csat"
    OWN_TURNS = "own_turns"
    FIRST_REPLY = "first_reply_seconds"
    AVERAGE_REPLY = "average_reply_seconds"
    LONGEST_REPLY = "longest_reply_seconds"
    UNANSWERED = "unanswered_turns"
    MOOD_START = "mood_start"
    MOOD_END = "mood_end"
    MOOD_LOWEST = "mood_lowest"
    MOOD_SHIFT = "mood_shift"
    NEGATIVE_SHARE = "negative_share"
    SATISFACTION = "satisfaction"


_MOODS = {
    Name.MOOD_START: "start",
    Name.MOOD_END: "end",
    Name.MOOD_LOWEST: "lowest",
    Name.MOOD_SHIFT: "shift",
    Name.NEGATIVE_SHARE: "negative_share",
    Name.SATISFACTION: "satisfaction",
}
_SERVICES = (Name.FIRST_REPLY, Name.AVERAGE_REPLY, Name.LONGEST_REPLY, Name.UNANSWERED)
_OF_AGENT = (*_SERVICES, Name.OWN_TURNS)


class FigureComparison(StrEnum):
    """The comparisons of numbers."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure compares so with the values (two for `between`, else one). A condition, or a judgement at the root."""

    name: Name
    comparison: Comparison
    values: tuple[float, ...]
    calendar: Calendar | None

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits: of the conversation, or of the agent who says this turn."""
        return self._answer(place, place.turn.agent_id)

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer for each agent who spoke."""
        return [AgentAnswer(agent, self._answer(place, agent)) for agent in place.conversation.agent_ids]

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The figure, of the conversation or of the agent who says this turn."""
        return self.measure_agent(place, place.turn.agent_id)

    def measure_agent(self, place: Place, agent_id: AgentId | None) -> tuple[Measured, ...]:
        """The figure beside its bound."""
        value = None if self.name in _OF_AGENT and agent_id is None else self._value(place, agent_id)
        bound = f"{self.comparison} {' to '.join(f'{limit:g}' for limit in self.values)}"
        holds = value is not None and compare_numbers(self.comparison, value, self.values)
        return (Measured(name=str(self.name), value=value, bound=bound, holds=holds),)

    def _answer(self, place: Place, agent_id: AgentId | None) -> Answer:
        reading = place.conversation
        if self.name in _MOODS and reading.mood.status is MoodStatus.UNAVAILABLE:
            return unavailable(reading.mood.reason or "mood_unavailable")
        if self.name in _OF_AGENT and agent_id is None:
            return not_applicable("no_agent")
        value = self._value(place, agent_id)
        if value is None:
            return not_applicable(f"no_{self.name}")
        if not compare_numbers(self.comparison, value, self.values):
            return NO
        shown = {"measure": str(self.name), "value": round(value, 4), "op": str(self.comparison)}
        limit = self.values[0] if len(self.values) == 1 else list(self.values)
        return Answer(Truth.YES, details={"measured": {**shown, "limit": limit}})

    def _value(self, place: Place, agent_id: AgentId | None) -> float | None:
        reading = place.conversation
        if self.name in _MOODS:
            return _number(getattr(reading.mood, _MOODS[self.name]))
        hours = self.calendar.of(place) if self.calendar else None
        if self.name in _SERVICES:
            services = reading.services_in(hours)
            return next((_number(getattr(s, self.name)) for s in services if s.agent_id == agent_id), None)
        if self.name is Name.OWN_TURNS:
            return len(reading.segments.get((Role.AGENT, agent_id), ()))
        return _CONVERSATION[self.name](reading, hours)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _turns_of(*roles: Role) -> Callable[[ConversationReading, WorkingHours | None], float | None]:
    def count(reading: ConversationReading, _hours: WorkingHours | None) -> float:
        messages = (turn for turn in reading.turns if not turn.is_recalled)
        return sum(turn.role in roles for turn in messages)

    return count


def _times(reading: ConversationReading) -> list[datetime | None]:
    """When each message was sent, but those of systems and recalled ones."""
    turns = (turn for turn in reading.turns if turn.role is not Role.SYSTEM and not turn.is_recalled)
    return [sent.turn.turn.at for turn in turns for sent in turn.messages]


def _gaps(times: Iterable[datetime | None], hours: WorkingHours | None) -> list[float]:
    """The seconds between neighbours, where both are known."""
    count = hours.seconds_between if hours else _by_the_clock
    return [count(a, b) for a, b in pairwise(times) if a is not None and b is not None]


def _by_the_clock(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds()


def _duration(reading: ConversationReading, hours: WorkingHours | None) -> float | None:
    """From the first known time of a message to the last."""
    gaps = _gaps((at for at in _times(reading) if at is not None), hours)
    return sum(gaps) if gaps else None


def _longest_silence(reading: ConversationReading, hours: WorkingHours | None) -> float | None:
    """The longest gap; None where one beside a message without time may be longer."""
    times = _times(reading)
    if None in (times[:1] + times[-1:]):
        return None
    longest = max(_gaps(times, hours), default=None)
    across = max(_gaps((at for at in times if at is not None), hours), default=None)
    return longest if longest == across else None


def _transfers(reading: ConversationReading, _hours: WorkingHours | None) -> float:
    """How often another person goes on than the one who spoke before."""
    people = [turn.agent_id for turn in reading.agent_turns if turn.agent_id is not None]
    return sum(before != after for before, after in pairwise(people))


def _csat(reading: ConversationReading, _hours: WorkingHours | None) -> float | None:
    return reading.conversation.csat


_CONVERSATION: Mapping[Name, Callable[[ConversationReading, WorkingHours | None], float | None]] = {
    Name.DURATION: _duration,
    Name.TURNS: _turns_of(Role.CUSTOMER, Role.AGENT, Role.BOT),
    Name.CUSTOMER_TURNS: _turns_of(Role.CUSTOMER),
    Name.AGENT_TURNS: _turns_of(Role.AGENT),
    Name.BOT_TURNS: _turns_of(Role.BOT),
    Name.TRANSFERS: _transfers,
    Name.LONGEST_SILENCE: _longest_silence,
    Name.CSAT: _csat,
}
TIMED = (Name.DURATION, Name.LONGEST_SILENCE, *_SERVICES[:3])


def read_figure(field: Field, reader: Reader) -> Figure:
    """`figure: {name: transfers, op: ge, value: 2}`; figures in seconds may count `hours` alone."""
    # Every figure but a bound from below can still change, and no finding must be taken back.
    reader.defer()
    fields = field.fields(required=("name", "op", "value"), optional=("hours",))
    name = fields["name"].choice(Name)
    comparison = Comparison(fields["op"].choice(FigureComparison))
    items = fields["value"].one_or_many()
    wanted = 2 if comparison is Comparison.BETWEEN else 1
    if len(items) != wanted:
        raise fields["value"].error(f"{comparison} takes {wanted} value(s)")
    values = tuple(item.number() for item in items)
    check_bounds(fields["value"], values[0], values[-1])
    if "hours" in fields and name not in TIMED:
        raise fields["hours"].error(f"{name} is not counted in hours")
    return Figure(
        name=name,
        comparison=comparison,
        values=values,
        calendar=reader.calendar(fields["hours"]) if "hours" in fields else None,
    )
