from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa_service.domain.conversation import Turn, TurnId, TurnKind
from qa_service.domain.mood import Cause, Emotion, MoodStatus, Sentiment
from qa_service.mood.interpret import conversation_mood, turn_mood, turn_tone
from qa_service.mood.manifest import Manifest
from qa_service.mood.own_words import Said
from qa_service.mood.prepare import prepare
from qa_service.normalise import ConversationNormaliser
from tests.builders import conversation

EMOTIONS = ("neutral", "satisfied", "anxious", "disappointed", "angry", "abusive")
MANIFEST = Manifest(
    folder=Path(),
    revision="r1",
    languages=("zh", "en"),
    max_tokens=96,
    temperature=1.0,
    labels={
        "emotion": EMOTIONS,
        "risk": ("complain",),
        "act": ("apology",),
        "category": ("abuse",),
        "cause": ("agent", "logistics", "unknown"),
    },
    satisfaction_margin=0.6,
    expectations={
        "neutral": {"any": 0.1, "logistics": -0.3, "unknown": 0.2},
        "negative": {"any": 1.0, "logistics": 1.2},
    },
)


def interpret(chat, rows, manifest=MANIFEST):
    """The moods of the whole conversation, as the model puts them together."""
    moods, tones = [], []
    for at, (turn, owner) in enumerate(zip(chat.turns, chat.conversation.owners(), strict=True)):
        row = {name: values[at] for name, values in rows.items()}
        if turn.turn.role == "customer":
            moods.append(turn_mood(turn.turn.id, prepare(turn, bool, Said()), row, manifest))
        if turn.turn.role == "agent":
            tones.append(turn_tone(turn.turn.id, owner, prepare(turn, bool, Said()), row, manifest))
    last = {name: values[-1] for name, values in rows.items()}
    return conversation_mood(chat.conversation, moods, tones, last, manifest)


def logits(*emotions: str, satisfaction: tuple[float, ...] = (0, 0, 0, 0, 0), cause: tuple[float, ...] = (0, 20, 0)):
    """Almost certain emotions, one a turn."""
    turns = len(emotions)
    emotion = np.zeros((turns, len(EMOTIONS)), dtype=np.float32)
    for row, name in enumerate(emotions):
        emotion[row, EMOTIONS.index(name)] = 20.0
    return {
        "emotion": emotion,
        "risk": np.full((turns, 1), 20.0, dtype=np.float32),
        "tone": np.full((turns, 1), -20.0, dtype=np.float32),
        "act": np.zeros((turns, 1), dtype=np.float32),
        "category": np.zeros((turns, 1), dtype=np.float32),
        "satisfaction": np.tile(np.array(satisfaction, dtype=np.float32), (turns, 1)),
        "cause": np.tile(np.array(cause, dtype=np.float32), (turns, 1)),
    }


def normalised(*lines: str):
    return ConversationNormaliser().normalise(conversation(*lines))


def test_the_curve_follows_the_customer_only():
    mood = interpret(
        normalised("customer: a", "agent: b", "customer: c", "customer: d"),
        logits("neutral", "angry", "angry", "satisfied"),
        MANIFEST,
    )

    assert [turn.emotion for turn in mood.turns] == [Emotion.NEUTRAL, Emotion.ANGRY, Emotion.SATISFIED]
    assert (mood.start, mood.end, mood.lowest, mood.shift) == (0.0, 1.0, -1.0, 1.0)
    assert mood.negative_share == pytest.approx(1 / 3, abs=1e-4)


def test_polarity_is_positive_minus_negative_probability():
    even = logits("neutral")
    even["emotion"][:] = 0.0  # every emotion one sixth: one positive, four negative

    (turn,) = interpret(normalised("customer: a"), even, MANIFEST).turns

    assert turn.polarity == pytest.approx(-0.5, abs=1e-4)
    assert turn.sentiment is Sentiment.NEGATIVE
    assert sum(turn.probabilities.values()) == pytest.approx(1.0, abs=1e-3)


def test_the_emotion_has_the_sign_that_is_likeliest():
    torn = logits("neutral")
    torn["emotion"][0] = np.log(
        [0.4, 0.02, 0.1, 0.25, 0.2, 0.03]
    )  # neutral leads each, but not all of the negative ones

    (turn,) = interpret(normalised("customer: a"), torn, MANIFEST).turns

    assert (turn.sentiment, turn.emotion) == (Sentiment.NEGATIVE, Emotion.DISAPPOINTED)
    assert turn.confidence == pytest.approx(0.25, abs=1e-3)


def test_temperature_softens_the_probabilities():
    hot = Manifest(**{**{f: getattr(MANIFEST, f) for f in MANIFEST.__slots__}, "temperature": 20.0})

    (turn,) = interpret(normalised("customer: a"), logits("angry"), hot).turns

    assert turn.emotion is Emotion.ANGRY
    assert turn.confidence == pytest.approx(np.e / (np.e + 5), abs=1e-3)


def test_satisfaction_is_the_expected_rating():
    mood = interpret(normalised("customer: a"), logits("neutral", satisfaction=(0, 0, 0, 20, 20)), MANIFEST)

    assert mood.satisfaction == 4.5
    assert (mood.satisfaction_low, mood.satisfaction_high) == (3.9, 5.0)


def test_an_agent_turn_has_tone_acts_and_suspicions():
    mood = interpret(normalised("customer: a", "agent[a-7]: b"), logits("neutral", "neutral"), MANIFEST)

    (tone,) = mood.tones
    assert (tone.agent_id, tone.tone) == ("a-7", 0.0)
    assert tone.acts == {"apology": 0.5}
    assert tone.suspicions == {"abuse": 0.5}


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        pytest.param(TurnKind.IMAGE, "[图片]", "image turn", id="image"),
        pytest.param(TurnKind.TEXT, "\u200b ", "no text", id="invisible text"),
        pytest.param(
            TurnKind.TEXT, "[图片]", "only a placeholder of what is no text", id="image that was exported as text"
        ),
        pytest.param(TurnKind.TEXT, "客户撤回了一条消息", "recall turn", id="recall that was exported as text"),
        pytest.param(TurnKind.TEXT, "「小李：在吗」\n- - - - - - - -", "only a quoted message", id="quotation alone"),
    ],
)
def test_a_turn_without_text_has_no_mood_and_says_why(kind, text, reason):
    chat = conversation("customer: a")
    turn = Turn(id=TurnId("2"), role=chat.turns[0].role, text=text, kind=kind)
    both = ConversationNormaliser().normalise(conversation("customer: a", turns=(*chat.turns, turn)))

    mood = interpret(both, logits("satisfied", "angry"), MANIFEST)

    assert mood.turns[1].status is MoodStatus.NOT_APPLICABLE
    assert mood.turns[1].reason == reason
    assert mood.lowest == 1.0


def test_without_customer_text_there_is_no_curve():
    mood = interpret(normalised("agent: a", "bot: b"), logits("neutral", "neutral"), MANIFEST)

    assert mood.status is MoodStatus.NOT_APPLICABLE
    assert mood.start is None
    assert mood.satisfaction is None


@pytest.mark.parametrize(
    ("cause", "named", "expected"),
    [
        pytest.param((0, 20, 0), Cause.LOGISTICS, -0.3, id="a parcel"),
        pytest.param((20, 0, 0), Cause.AGENT, 0.1, id="the agent excuses nothing"),
        pytest.param((0, 0, 0), Cause.UNKNOWN, 0.0, id="no cause likelier than not"),
    ],
)
def test_a_change_is_held_against_what_is_usual_for_start_and_cause(cause, named, expected):
    chat = normalised("customer: a", "agent: b", "customer: c")

    mood = interpret(chat, logits("neutral", "neutral", "angry", cause=cause))

    assert mood.cause is named
    assert mood.expected_change == pytest.approx(expected, abs=1e-3)
    assert mood.attributable_change == pytest.approx(-1.0 - expected, abs=1e-3)


def test_a_model_that_was_not_taught_causes_names_none():
    untaught = replace(MANIFEST, labels={name: labels for name, labels in MANIFEST.labels.items() if name != "cause"})

    mood = interpret(
        normalised("customer: a", "agent: b", "customer: c"), logits("neutral", "neutral", "angry"), untaught
    )

    assert (mood.cause, mood.causes) == (None, {})
    assert mood.expected_change == 0.1


def test_a_customer_who_writes_another_language_has_no_mood_and_it_says_why():
    mood = interpret(normalised("customer: Где мой заказ?", "agent: 您好"), logits("satisfied", "neutral"))

    assert mood.status is MoodStatus.UNAVAILABLE
    assert "Cyrillic" in (mood.reason or "")


def test_a_foreign_turn_among_others_is_left_out_of_the_curve():
    mood = interpret(normalised("customer: 你好", "customer: Где мой заказ?"), logits("neutral", "angry"))

    assert mood.turns[1].status is MoodStatus.UNAVAILABLE
    assert mood.lowest == 0.0
