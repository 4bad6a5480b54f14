from __future__ import annotations

from dataclasses import replace

import pytest

from qa_service.domain.mood import ConversationMood, MoodStatus, Sentiment, TurnMood, TurnTone
from qa_service.domain.mood_curve import LOST_OTHERWISE, could_have_soured, recovery, with_curve
from tests.builders import conversation

USUAL = {"negative": 1.0, "neutral": -0.5}


def known(expected=USUAL, tones=()):
    return ConversationMood(status=MoodStatus.COMPLETE, expected_changes=expected, tones=tuple(tones))


def said(turn_id, tone, **suspicions):
    return TurnTone(turn_id=turn_id, agent_id=None, status=MoodStatus.COMPLETE, tone=tone, suspicions=suspicions)


def moods(**polarities):
    return [
        TurnMood(
            turn_id=name.removeprefix("t"),
            status=MoodStatus.COMPLETE,
            polarity=value,
            sentiment=Sentiment.NEGATIVE if value < -0.3 else Sentiment.POSITIVE if value > 0.3 else Sentiment.NEUTRAL,
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

    curve = with_curve(known(tones=[said("2", 0.1)]), moods(t1=-0.9, t3=-0.8), chat)

    assert (curve.shift, curve.expected_change, curve.attributable_change) == (0.1, 1.0, -0.9)
    assert curve.attributable_reason is None


@pytest.mark.parametrize(
    ("tone", "change"),
    [
        pytest.param(said("2", 0.9), 0.0, id="warm: a lost parcel stays lost"),
        pytest.param(said("2", 0.6, unauthorized_promise=0.9), 0.0, id="a promise makes nobody unhappy yet"),
        pytest.param(said("2", 0.25), -0.9, id="cold"),
        pytest.param(said("2", 0.6, dismissive=0.5), -0.9, id="suspected of dismissal"),
        pytest.param(said("2", 0.6, abuse=0.5), -0.9, id="suspected of abuse"),
        pytest.param(said("4", 0.1), 0.0, id="cold after the customer's last word"),
    ],
)
def test_a_loss_is_the_agents_only_where_the_agents_words_could_have_caused_it(tone, change):
    chat = conversation("customer: a", "agent: b", "customer: c", "agent: d")

    curve = with_curve(known(tones=[tone]), moods(t1=-0.9, t3=-0.8), chat)

    assert curve.attributable_change == change
    assert (curve.attributable_reason is None) == (change < 0)


@pytest.mark.parametrize(
    ("tones", "polarities", "change"),
    [
        pytest.param(["4"], (0.0, -0.9, -0.9), 0.0, id="lost to a parcel before the first cold word"),
        pytest.param(["4"], (0.0, -0.6, -0.9), -0.2, id="partly lost before it"),
        pytest.param(["2"], (0.0, 0.8, -0.9), 0.0, id="content again, then lost otherwise"),
        pytest.param(["2", "4"], (0.0, 0.8, -0.9), -0.8, id="content again, then cold once more"),
        pytest.param(["2"], (0.0, 0.1, -0.9), -0.8, id="neutral is not content: it may come late"),
        pytest.param(["2"], (0.0, -0.9, -0.8), -0.7, id="cold first, unhappy from then on"),
        pytest.param(["2", "4"], (0.0, -0.6, -0.9), -0.8, id="cold all along"),
    ],
)
def test_an_agent_answers_for_what_was_lost_behind_the_own_cold_words(tones, polarities, change):
    chat = conversation("customer: a", "agent: b", "customer: c", "agent: d", "customer: e")
    mood = known({"neutral": -0.1}, tones=[said(turn_id, 0.1) for turn_id in tones])

    curve = with_curve(mood, moods(**dict(zip(("t1", "t3", "t5"), polarities, strict=True))), chat)

    assert curve.attributable_change == change
    assert curve.attributable_reason == (None if change else LOST_OTHERWISE)


@pytest.mark.parametrize(
    ("tone", "could"),
    [
        pytest.param(said("2", 0.1), True, id="before an unhappy message"),
        pytest.param(said("2", 0.8), False, id="warm"),
        pytest.param(said("4", 0.1), False, id="behind the last of them"),
    ],
)
def test_only_what_was_said_before_an_unhappy_message_could_have_soured(tone, could):
    chat = conversation("customer: a", "agent: b", "customer: c", "agent: d", "customer: e")
    mood = replace(known(tones=[replace(tone, agent_id="a-1")]), turns=tuple(moods(t1=0.0, t3=-0.9, t5=0.0)))

    assert could_have_soured(mood, chat, "a-1", segment={"1", "3", "5"}) is could
    assert not could_have_soured(mood, chat, "a-2", segment={"1", "3", "5"})


@pytest.mark.parametrize(
    ("lines", "unhappy", "could"),
    [
        pytest.param(("customer: a", "agent[a-1]: b", "customer: c", "agent[a-2]: d"), "3", True, id="another answers"),
        pytest.param(("customer: a", "agent[a-1]: b", "agent[a-2]: c", "customer: d"), "4", True, id="another greets"),
        pytest.param(
            ("customer: a", "agent[a-1]: b", "customer: c", "agent[a-2]: d", "customer: e"),
            "5",
            False,
            id="not the answer",
        ),
    ],
)
def test_who_insults_and_hands_over_could_have_soured_the_next_message(lines, unhappy, could):
    mood = known(tones=[replace(said("2", 0.1), agent_id="a-1")])
    mood = replace(mood, turns=tuple(moods(t1=0.0, **{f"t{unhappy}": -0.9})))

    assert could_have_soured(mood, conversation(*lines), "a-1", segment={"1"}) is could


def test_what_an_agent_wins_back_needs_no_such_sign():
    chat = conversation("customer: a", "agent: b", "customer: c")

    curve = with_curve(known(), moods(t1=-0.9, t3=0.6), chat)

    assert curve.attributable_change == 0.5


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
        pytest.param(
            ("customer: a", "agent: b", "customer: c"),
            {"t1": 0.9, "t3": 0.0},
            USUAL,
            "a positive beginning",
            id="no row",
        ),
    ],
)
def test_where_nothing_can_be_compared_it_says_why(lines, turns, expected, why):
    curve = with_curve(known(expected), moods(**turns), conversation(*lines))

    assert (curve.expected_change, curve.attributable_change) == (None, None)
    assert why in (curve.attributable_reason or "")


def test_only_the_agents_own_turns_count_for_that_agent():
    chat = conversation("customer: a", "agent[a-1]: b", "customer: c", "agent[a-2]: d")

    mood = known(tones=[said("2", 0.1), said("4", 0.1)])
    ours = with_curve(mood, moods(t1=-0.9, t3=-0.8), chat, agent_id="a-1")
    theirs = with_curve(mood, moods(t1=-0.9, t3=-0.8), chat, agent_id="a-2")

    assert ours.attributable_change == -0.9
    assert theirs.attributable_change is None
