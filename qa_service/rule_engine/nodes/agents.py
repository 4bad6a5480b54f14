"""`and`, `or`, `not` at the root over judgements of agents: their words, figures and duties together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qa_service.domain.conversation import AgentId, Role
from qa_service.rule_engine.answer import NO, Answer, Truth
from qa_service.rule_engine.nodes.anchors import shown
from qa_service.rule_engine.nodes.base import Check, Node, Part
from qa_service.rule_engine.nodes.logic import all_hold, one_holds, opposite
from qa_service.rule_engine.place import AgentAnswer, Place

# How many turns without the words an explanation shows.
_SHOWN_TURNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """All judgements of an agent hold."""

    checks: tuple[Check, ...]

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer an agent, with the details of all."""
        return _by_agent(place, [check.judge(place) for check in self.checks], all_hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One judgement of an agent holds."""

    checks: tuple[Check, ...]

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer an agent, with the details of those that hold."""
        return _by_agent(place, [check.judge(place) for check in self.checks], one_holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposite:
    """A judgement of an agent does not hold."""

    check: Check

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer an agent."""
        return _by_agent(place, [self.check.judge(place)], lambda answers: opposite(answers[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A condition on turns holds in one of the agent's own turns; the first is shown."""

    node: Node

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer for each agent who spoke."""
        agents = place.conversation.agent_ids
        return [AgentAnswer(agent_id, self._answer(place, agent_id)) for agent_id in agents]

    def agent_parts(self, place: Place, agent_id: AgentId) -> tuple[Part, ...]:
        """The condition at the agent's first turns, and at the one where it holds."""
        segment = place.conversation.segments.get((Role.AGENT, agent_id), ())
        said = next((turn for turn in segment if self.node.evaluate(place.at(turn)).stands), None)
        shown_turns = segment[:_SHOWN_TURNS] if said is None else (said,)
        return tuple(Part(label=f"turn {t.turn.turn.id}", node=self.node, place=place.at(t)) for t in shown_turns)

    def _answer(self, place: Place, agent_id: AgentId) -> Answer:
        unknown: Answer | None = None
        for turn in place.conversation.segments.get((Role.AGENT, agent_id), ()):
            answer = self.node.evaluate(place.at(turn))
            if answer.stands:
                details: dict[str, Any] = {**answer.details, "said": shown(turn)}
                for hit in answer.hits[:1]:
                    details.update(hit.details)
                return Answer(Truth.YES, details=details)
            if answer.truth in (Truth.UNAVAILABLE, Truth.NOT_APPLICABLE):
                unknown = answer
        return unknown or NO


def _by_agent(place: Place, judged: Sequence[list[AgentAnswer]], decide: Any) -> list[AgentAnswer]:
    known = [{answer.agent_id: answer.answer for answer in answers} for answers in judged]
    agents = place.conversation.agent_ids
    return [AgentAnswer(agent_id, decide([answers.get(agent_id, NO) for answers in known])) for agent_id in agents]
