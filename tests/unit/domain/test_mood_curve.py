from __future__ import annotations

import pytest

from qa_service.domain.mood import ConversationMood, MoodStatus, Sentiment, TurnMood
from qa_service.domain.mood_curve import recovery, with_curve
from tests.builders import conversation

USUAL = {"negative": 1.0, "neutral": -0.5}


def known(expected=USUAL):
    return ConversationMood(status=MoodStatus.COMPLETE, expected_changes=expected)


def moods(**polarities):
    return [
        TurnMood(
            turn_id=name.removeprefix("t"),
            status=MoodStatus.COMPLETE,
            polarity=value,
            sentiment=Sentiment.NEGATIVE if value < -0.3 else Sentiment.NEUTRAL,
        )
        for name, value in polarities.items()
    ]


@pytest.mark.parametrize(
    ("lowest", "end", "expected"),
    [
        pytest.param(-0.2, -0.2, None, id="never unhappy"),
        pytest.param(-0.8, -0.8, 0.0, id="left at the lowest"),
        pytest.param(-0.8, -0.2, 0.75, id="three quarters of the way"),
        pytest.param(-0.8, 0.9, 1.0, id="better than neutral is all of it"),
    ],
)
def test_recovery_is_the_share_of_the_way_back_to_neutral(lowest, end, expected):
    assert recovery(lowest, end) == expected


def test_one_scored_turn_shows_no_recovery():
    curve = with_curve(known(), moods(t1=-0.9), conversation("customer: a", "agent: b"))

    assert (curve.start, curve.end, curve.shift, curve.recovery) == (-0.9, -0.9, 0.0, None)


def test_the_agent_answers_for_the_change_beyond_the_usual_one():
    chat = conversation("customer: a", "agent: b", "customer: c")

    curve = with_curve(known(), moods(t1=-0.9, t3=-0.8), chat)

    assert (curve.shift, curve.expected_change, curve.attributable_change) == (0.1, 1.0, -0.9)


@pytest.mark.parametrize(
    ("lines", "turns", "expected", "why"),
    [
        pytest.param(("customer: a", "agent: b"), {"t1": -0.9}, USUAL, "one scored", id="one customer turn"),
        pytest.param(
            ("customer: a", "customer: b", "agent: c"), {"t1": -0.9, "t2": 0.0}, USUAL, "no agent turn", id="no answer"
        ),
        pytest.param(
            ("customer: a", "agent: b", "customer: c"), {"t1": -0.9, "t3": 0.0}, {}, "no expectations", id="no table"
        ),
    ],
)
def test_where_nothing_can_be_compared_it_says_why(lines, turns, expected, why):
    curve = with_curve(known(expected), moods(**turns), conversation(*lines))

    assert (curve.expected_change, curve.attributable_change) == (None, None)
    assert why in (curve.attributable_reason or "")


def test_only_the_agents_own_turns_count_for_that_agent():
    chat = conversation("customer: a", "agent[a-1]: b", "customer: c", "agent[a-2]: d")

    ours = with_curve(known(), moods(t1=-0.9, t3=-0.8), chat, agent_id="a-1")
    theirs = with_curve(known(), moods(t1=-0.9, t3=-0.8), chat, agent_id="a-2")

    assert ours.attributable_change == -0.9
    assert theirs.attributable_change is None
