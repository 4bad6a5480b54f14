"""`response_time`: how long customers waited for each agent. Stands at the root of a rule only. Owns no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.conversation import AgentId
from qa_service.domain.mood import AgentService
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, Answer, Truth, not_applicable
from qa_service.rule_engine.nodes.base import Reader
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.place import AgentAnswer, Place
from qa_service.rule_engine.yaml_field import Field


class Measure(StrEnum):
    """What is measured for an agent."""

    FIRST = "first"
    LONGEST = "longest"
    AVERAGE = "average"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTime:
    """YES where the measure is over the threshold (seconds, or messages for `unanswered`)."""

    measure: Measure
    over: float
    calendar: Calendar | None = None

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer for each agent who was measured."""
        return [AgentAnswer(service.agent_id, self._judge_agent(service)) for service in self._services(place)]

    def measure_agent(self, place: Place, agent_id: AgentId) -> tuple[Measured, ...]:
        """The figure beside its threshold, in seconds (messages for `unanswered`)."""
        return tuple(
            Measured(
                name=f"{self.measure} ({'messages' if self.measure is Measure.UNANSWERED else 'seconds'})",
                value=value,
                bound=f"over {self.over:g}",
                holds=value is not None and value > self.over,
            )
            for service in self._services(place)
            if service.agent_id == agent_id
            for value in (self._value(service),)
        )

    def _services(self, place: Place) -> Sequence[AgentService]:
        return place.conversation.services_in(self.calendar.of(place) if self.calendar else None)

    def _value(self, service: AgentService) -> float | None:
        return {
            Measure.FIRST: service.first_reply_seconds,
            Measure.LONGEST: service.longest_reply_seconds,
            Measure.AVERAGE: service.average_reply_seconds,
            Measure.UNANSWERED: service.unanswered_turns,
        }[self.measure]

    def _judge_agent(self, service: AgentService) -> Answer:
        value = self._value(service)
        if value is None:
            return not_applicable("no_reply_time")
        if value <= self.over:
            return NO
        measured = {"measure": str(self.measure), "value": round(value, 3), "over": self.over}
        return Answer(Truth.YES, details={"measured": measured})


def read_response_time(field: Field, reader: Reader) -> ResponseTime:
    """`response_time: {measure: first, over_seconds: 60, hours: shop_hours}` or `{measure: unanswered, over: 0}`."""
    fields = field.fields(required=("measure",), optional=("over_seconds", "over", "hours"))
    measure = fields["measure"].choice(Measure)
    name = "over" if measure is Measure.UNANSWERED else "over_seconds"
    allowed = {"measure", name} if measure is Measure.UNANSWERED else {"measure", name, "hours"}
    if name not in fields or set(fields) - allowed:
        raise field.error(
            f"{measure} takes {' and '.join(sorted(allowed - {'measure'}, reverse=True))} and nothing else"
        )
    return ResponseTime(
        measure=measure,
        over=fields[name].number(minimum=0),
        calendar=reader.calendar(fields["hours"]) if "hours" in fields else None,
    )
