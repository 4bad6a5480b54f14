from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qa_service.domain.conversation import Agent
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


def test_a_segment_of_turns_that_could_not_be_read_is_unavailable_and_never_fine():
    curve = replace(CURVE, turns=(turn_mood("1", -0.2), replace(turn_mood("3", None), reason="unknown_script")))

    segment = segment_mood(TRANSFER, curve, "a-2")

    assert (segment.status, segment.reason) == (MoodStatus.UNAVAILABLE, "customer turns unknown_script")


BACK = conversation(
    "customer: 1", "agent[a-1]: 2", "customer: 3", "agent[a-1]: 4",
    "customer: 5", "agent[a-2]: 6", "customer: 7", "agent[a-2]: 8",
    "customer: 9", "agent[a-1]: 10", "customer: 11",
)  # fmt: skip
"""a-1 serves, then a-2, then a-1 again."""


def back(first: float, between: tuple[float, float], last: tuple[float, float], *tones):
    """The mood of `BACK`: calm at first, then `first` as a-1 goes on, `between` with a-2, `last` with a-1 again."""
    polarities = (0.0, first, *between, *last)
    turns = tuple(turn_mood(str(2 * at + 1), polarity) for at, polarity in enumerate(polarities))
    return mood(turns=turns, tones=tones, expected_changes={"neutral": 0.0, "negative": 0.0}, causes={"agent": 0.9})


def test_who_comes_back_answers_for_no_loss_that_came_between():
    known = back(0.0, (0.0, -0.9), (-0.9, -0.9), turn_tone("2", "a-1", 0.1), turn_tone("6", "a-2", 0.1))

    own, other = (segment_mood(BACK, known, agent_id) for agent_id in ("a-1", "a-2"))

    assert (own.shift, own.attributable_change) == (0.0, 0.0)
    assert (other.shift, other.attributable_change) == (-0.9, -0.9)
    assert gather(BACK, (), known, service("a-1")).read(Figure.AGENT_CAUSE).value == 0
    assert gather(BACK, (), known, service("a-2")).read(Figure.AGENT_CAUSE).value == Decimal("0.9")


def test_who_comes_back_is_paid_for_nothing_that_another_won_back():
    known = back(-0.9, (-0.9, 0.9), (0.9, 0.9))

    own, other = (segment_mood(BACK, known, agent_id) for agent_id in ("a-1", "a-2"))

    assert (own.start, own.end, own.lowest, own.shift, own.recovery) == (0.0, 0.9, -0.9, -0.9, 0.0)
    assert (other.shift, other.recovery) == (1.8, 1.0)


def test_what_both_own_runs_changed_adds_up():
    known = back(-0.5, (-0.5, -0.5), (-0.9, -0.1), turn_tone("2", "a-1", 0.1))

    own = segment_mood(BACK, known, "a-1")

    assert (own.shift, own.attributable_change, own.negative_share) == (0.3, 0.3, 0.5)
    assert (own.lowest, own.recovery) == (-0.9, pytest.approx(0.8889))


def test_the_only_named_agent_answers_for_nothing_that_nobody_known_said():
    agents = (Agent(id="a-1"), Agent(id="a-2"))
    chat = conversation("agent[a-1]: 0", "customer: 1", "agent: 2", "customer: 3", agents=agents)
    known = mood(
        turns=(turn_mood("2", 0.0), turn_mood("4", -0.9)),
        tones=(turn_tone("1", "a-1", 0.9), replace(turn_tone("3", "a-1", 0.1), agent_id=None)),
        expected_changes={"neutral": 0.0},
        attributable_change=-0.9,
    )

    assert segment_mood(chat, known, "a-1").status is MoodStatus.NOT_APPLICABLE
