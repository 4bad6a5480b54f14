from __future__ import annotations

import pytest

from qa_service.domain.conversation import Agent, AgentId
from tests.builders import conversation

LINES = ("customer: 在吗", "agent[a]: 您好", "agent: 滚")


def declared(*agents: str) -> tuple[Agent, ...]:
    return tuple(Agent(id=AgentId(agent)) for agent in agents)


@pytest.mark.parametrize(
    ("agents", "lines", "owners"),
    [
        ((), LINES, (None, "a", "a")),
        (("a",), LINES, (None, "a", "a")),
        (("a", "b"), LINES, (None, "a", None)),
        (("b",), LINES, (None, "a", None)),
        ((), ("agent[a]: 1", "agent[b]: 2", "agent: 3", "bot: 4", "system: 5"), ("a", "b", None, None, None)),
        ((), ("agent: 1", "customer: 2"), ("unknown", None)),
        (("a",), ("agent: 1", "customer: 2"), ("a", None)),
        (("a", "b"), ("agent: 1", "customer: 2"), (None, None)),
    ],
    ids=[
        "one sender", "the same declared", "another declared", "one other declared", "two senders", "nobody named",
        "one declared", "two declared",
    ],
)  # fmt: skip
def test_an_unnamed_turn_belongs_to_the_one_person_named_or_to_nobody(agents, lines, owners):
    assert conversation(*lines, agents=declared(*agents)).owners() == owners


def test_the_agents_are_those_who_spoke_in_order_of_first_turn():
    chat = conversation("agent[b]: 1", "agent[a]: 2", "agent: 3", "agent[b]: 4", agents=declared("a", "b", "c"))

    assert chat.agent_ids == ("b", "a")


def test_a_chat_without_agent_turns_has_no_agents():
    assert conversation("customer: 在吗", "bot: 您好", agents=declared("a")).agent_ids == ()
