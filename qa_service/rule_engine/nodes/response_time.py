"""`response_time`: how long customers waited for each agent. Stands at the root of a rule only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from qa_service.domain.conversation import AgentId, Role, TurnKind
from qa_service.rule_engine.answer import NO, Answer, Truth, not_applicable
from qa_service.rule_engine.nodes.base import Reader
from qa_service.rule_engine.place import AgentAnswer, Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field

_NO_REPLY = "no_reply"


class Measure(StrEnum):
    """What is measured for an agent."""

    FIRST = "first"
    LONGEST = "longest"
    AVERAGE = "average"
    UNANSWERED = "unanswered"


@dataclass(slots=True)
class _Waits:
    """One agent's replies: seconds waited (None: no times), in order, and customer messages left open."""

    seconds: list[float | None] = field(default_factory=list)
    unanswered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTime:
    """YES where the measure is over the threshold (seconds, or messages for `unanswered`)."""

    measure: Measure
    over: float
    no_reply: frozenset[int]

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer an agent. A reply counts for the agent who gives it, an open message for the last one there."""
        key = ("waits", self.no_reply, place.views)
        if key not in place.conversation.memo:
            place.conversation.memo[key] = self._measure(place)
        waits: dict[AgentId, _Waits] = place.conversation.memo[key]
        return [
            AgentAnswer(agent_id, self._judge_agent(waits.get(agent_id, _Waits())))
            for agent_id in place.conversation.conversation.agent_ids
        ]

    def _judge_agent(self, waits: _Waits) -> Answer:
        if self.measure is Measure.UNANSWERED:
            return self._compare(waits.unanswered)
        if not waits.seconds:
            return not_applicable("no_reply_due")
        known = [seconds for seconds in waits.seconds if seconds is not None]
        if len(known) < len(waits.seconds):
            return not_applicable("times_missing")
        if self.measure is Measure.FIRST:
            return self._compare(known[0])
        return self._compare(max(known) if self.measure is Measure.LONGEST else sum(known) / len(known))

    def _compare(self, value: float) -> Answer:
        if value <= self.over:
            return NO
        measured = {"measure": str(self.measure), "value": round(value, 3), "over": self.over}
        return Answer(Truth.YES, details={"measured": measured})

    def _measure(self, place: Place) -> dict[AgentId, _Waits]:
        waits: dict[AgentId, _Waits] = {agent: _Waits() for agent in place.conversation.conversation.agent_ids}
        waiting = 0
        since: TurnReading | None = None
        last_agent: AgentId | None = next(iter(waits), None)
        for turn in place.conversation.turns:
            if turn.role is Role.CUSTOMER and self._needs_reply(place.at(turn)):
                waiting, since = waiting + 1, since or turn
            elif turn.role is Role.BOT and since is not None:
                # A bot answers, but may also only say that an agent will come: the wait for the agent begins anew.
                waiting, since = 0, turn
            elif turn.role is Role.AGENT:
                if turn.agent_id is not None and turn.agent_id in waits:
                    last_agent = turn.agent_id
                    if since is not None:
                        waits[last_agent].seconds.append(_seconds(since, turn))
                waiting, since = 0, None
        if last_agent is not None:
            waits[last_agent].unanswered = waiting
        return waits

    def _needs_reply(self, place: Place) -> bool:
        """Whether there is more in a message than thanks and marks; an image needs an answer, a question mark does too."""
        if not place.turn.is_inspectable:
            return place.turn.turn.turn.kind not in (TurnKind.TEXT, TurnKind.RECALL)
        if "?" in place.turn.turn.text.text:
            return True
        covered = {at for hit in place.words(self.no_reply) for at in range(hit.span.start, hit.span.end)}
        return any(at not in covered for at in place.turn.turn.compact.origins)


def _seconds(first: TurnReading, reply: TurnReading) -> float | None:
    asked, answered = first.turn.turn.at, reply.turn.turn.at
    return (answered - asked).total_seconds() if asked is not None and answered is not None else None


def read_response_time(field: Field, reader: Reader) -> ResponseTime:
    """`response_time: {measure: first, over_seconds: 60}` or `{measure: unanswered, over: 0}`."""
    fields = field.fields(required=("measure",), optional=("over_seconds", "over"))
    measure = fields["measure"].choice(Measure)
    name = "over" if measure is Measure.UNANSWERED else "over_seconds"
    if set(fields) != {"measure", name}:
        raise field.error(f"{measure} takes {name} and nothing else")
    return ResponseTime(
        measure=measure, over=fields[name].number(minimum=0), no_reply=reader.cue_words(_NO_REPLY, field)
    )
