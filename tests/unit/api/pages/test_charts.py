from __future__ import annotations

import pytest

from api.pages.charts import ChartPoint, chart, mood_curve, rounded_up
from qa_service.domain.conversation import TurnId
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood, TurnTone
from tests.builders import conversation

CHAT = conversation("customer: 1", "agent: 2", "customer: 3", "agent: 4", "customer: 5")


def mood(*polarities: float | None) -> ConversationMood:
    """Of turns 1, 3, 5; None: that turn could not be scored."""
    turns = tuple(
        TurnMood(
            turn_id=TurnId(str(2 * number + 1)),
            status=MoodStatus.UNAVAILABLE if polarity is None else MoodStatus.COMPLETE,
            polarity=polarity,
            emotion=None if polarity is None else Emotion.ANGRY if polarity < 0 else Emotion.NEUTRAL,
        )
        for number, polarity in enumerate(polarities)
    )
    tones = (TurnTone(turn_id=TurnId("2"), agent_id=None, status=MoodStatus.COMPLETE, tone=0.2),)
    return ConversationMood(status=MoodStatus.COMPLETE, turns=turns, tones=tones)


def test_a_worse_mood_is_drawn_lower_and_neutral_lies_on_the_zero_line() -> None:
    curve = mood_curve(CHAT, mood(0.0, -1.0, 1.0))
    assert curve is not None
    assert [point.y for point in curve.points] == [curve.zero_y, curve.plot.bottom, curve.plot.top]


def test_turns_keep_their_order_from_left_to_right() -> None:
    curve = mood_curve(CHAT, mood(0.0, 0.0, 0.0))
    assert curve is not None
    places = {item.turn_id: item.x for item in (*curve.points, *curve.ticks)}
    assert [turn_id for turn_id, _ in sorted(places.items(), key=lambda pair: pair[1])] == ["1", "2", "3", "4", "5"]


def test_the_line_breaks_where_a_mood_is_not_known() -> None:
    curve = mood_curve(CHAT, mood(0.5, None, 0.5))
    assert curve is not None
    assert curve.lines == ()
    assert [point.polarity for point in curve.points] == [0.5, None, 0.5]


def test_only_feelings_are_named() -> None:
    curve = mood_curve(CHAT, mood(-0.9, 0.0, -0.9))
    assert curve is not None
    assert [point.is_labelled for point in curve.points] == [True, False, True]


def test_an_agent_turn_is_a_tick_with_its_tone() -> None:
    curve = mood_curve(CHAT, mood(0.0, 0.0, 0.0))
    assert curve is not None
    assert [(tick.turn_id, tick.step) for tick in curve.ticks] == [("2", "cold"), ("4", "unknown")]


@pytest.mark.parametrize("status", [MoodStatus.UNAVAILABLE, MoodStatus.NOT_APPLICABLE])
def test_no_curve_is_drawn_where_no_mood_is_known(status: MoodStatus) -> None:
    assert mood_curve(CHAT, ConversationMood(status=status, reason="model_unavailable")) is None


def test_a_long_chat_gets_a_wide_drawing() -> None:
    chat = conversation(*["customer: a"] * 100)
    curve = mood_curve(chat, ConversationMood(status=MoodStatus.COMPLETE))
    assert curve is not None
    assert (curve.is_long, curve.plot.width) == (True, 3000)


def test_a_chart_leaves_room_for_what_has_no_value() -> None:
    points = [ChartPoint(label=str(n), value=value, shown="") for n, value in enumerate((0.0, None, 100.0))]
    drawn = chart(points, low=0, high=100)
    assert [(mark.point.label, mark.y) for mark in drawn.marks] == [("0", drawn.plot.bottom), ("2", drawn.plot.top)]
    assert drawn.marks[1].x - drawn.marks[0].x == pytest.approx(2 * (drawn.plot.x(1, 3) - drawn.plot.x(0, 3)), abs=0.2)


@pytest.mark.parametrize(("value", "end"), [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (101, 200)])
def test_an_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert rounded_up(value) == end
