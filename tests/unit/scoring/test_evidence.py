from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qa_service.domain.mood import MoodStatus
from qa_service.scoring.evidence import gather, segment_mood
from qa_service.scoring.rubric import Figure
from tests.builders import conversation
from tests.unit.scoring.builders import mood, no_mood, service, turn_mood, turn_tone

TRANSFER = conversation(
    "customer: 怎么还没发货",
    "agent[a-1]: 不归我管",
    "customer: 你什么态度！",
    "agent[a-2]: 非常抱歉，我来跟进",
    "customer: 好吧",
    "agent[a-2]: 已经催发了",
    "customer: 谢谢，很满意",
)
CURVE = mood(
    start=-0.2,
    turns=(turn_mood("1", -0.2), turn_mood("3", -0.8), turn_mood("5", None), turn_mood("7", 0.6)),
)


def figures(result):
    return (result.start, result.end, result.lowest, result.shift, result.negative_share)


def test_alone_the_agent_has_the_whole_conversations_mood():
    chat = conversation("customer: 在吗", "agent[a-1]: 在的")
    assert segment_mood(chat, CURVE, "a-1") is CURVE


def test_in_a_transferred_chat_each_has_the_customer_turns_that_the_agent_answered():
    first = segment_mood(TRANSFER, CURVE, "a-1")
    second = segment_mood(TRANSFER, CURVE, "a-2")
    assert figures(first) == pytest.approx((-0.2, -0.2, -0.2, 0.0, 0.0))
    assert figures(second) == pytest.approx((-0.8, 0.6, -0.8, 1.4, 0.5))


def test_an_agent_who_comes_back_has_the_turns_of_the_own_runs_only():
    chat = conversation(
        "customer: 1", "agent[a-1]: 2", "customer: 3", "agent[a-2]: 4", "customer: 5", "agent[a-1]: 6", "customer: 7"
    )
    curve = mood(turns=tuple(turn_mood(n, p) for n, p in (("1", 0.1), ("3", -0.9), ("5", 0.2), ("7", 0.6))))
    assert [turn.turn_id for turn in segment_mood(chat, curve, "a-1").turns] == ["1", "5", "7"]
    assert [turn.turn_id for turn in segment_mood(chat, curve, "a-2").turns] == ["3"]


def test_customer_turns_that_nobody_known_answers_are_nobodys():
    chat = conversation("agent[a-1]: 1", "agent[a-2]: 2", "customer: 3", "agent: 4", "customer: 5", "agent[a-2]: 6")
    curve = mood(turns=(turn_mood("3", -0.9), turn_mood("5", 0.2)))
    assert [turn.turn_id for turn in segment_mood(chat, curve, "a-2").turns] == ["5"]
    assert segment_mood(chat, curve, "a-1").status is MoodStatus.NOT_APPLICABLE


def test_an_unknown_mood_stays_unknown_in_a_segment():
    assert segment_mood(TRANSFER, no_mood(), "a-1").status is MoodStatus.UNAVAILABLE


@pytest.mark.parametrize("agent_id", ["a-2", "a-9"], ids=["no scored turn", "said nothing"])
def test_a_segment_without_scored_customer_turns_has_no_mood(agent_id):
    result = segment_mood(TRANSFER, replace(CURVE, turns=(turn_mood("1", -0.2),)), agent_id)
    assert result.status is MoodStatus.NOT_APPLICABLE
    assert result.reason == "no scored customer turn in the agent's own segment"


def test_turns_are_counted_by_who_said_something():
    chat = conversation("customer: 在吗", "customer:  ", "agent[a-1]: 在", "agent[a-2]: 你好", "bot: 您好")
    evidence = gather(chat, (), mood(), service())
    assert (evidence.agent_turns, evidence.customer_turns) == (1, 1)


def test_an_insult_before_a_handover_is_its_agents_though_the_next_one_answers_for_it():
    tones = (turn_tone("2", "a-1", 0.1), turn_tone("4", "a-2", 0.8), turn_tone("6", "a-2", 0.7))
    known = replace(CURVE, tones=tones, causes={"agent": 0.9})

    causes = {
        agent_id: gather(TRANSFER, (), known, replace(service(), agent_id=agent_id)).read(Figure.AGENT_CAUSE).value
        for agent_id in ("a-1", "a-2")
    }

    assert causes == {"a-1": Decimal("0.9"), "a-2": 0}
