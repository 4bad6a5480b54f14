"""Logits → moods: probabilities, polarity, the curve, satisfaction and cause. Arithmetic only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from qa_service.domain.conversation import AgentId, Conversation, TurnId
from qa_service.domain.mood import (
    CAUSE_AT_LEAST,
    Cause,
    ConversationMood,
    Emotion,
    MoodStatus,
    Sentiment,
    TurnMood,
    TurnTone,
)
from qa_service.domain.mood_curve import DIGITS, with_curve
from qa_service.mood.figures import CATEGORY_OF_LABEL, NEGATIVE, POSITIVE, Floats, Logits, sigmoid, softmax
from qa_service.mood.manifest import ANY_CAUSE, Manifest
from qa_service.mood.prepare import PreparedTurn

_OF_SIGN = {Sentiment.NEGATIVE: NEGATIVE, Sentiment.NEUTRAL: (Emotion.NEUTRAL,), Sentiment.POSITIVE: POSITIVE}


def turn_mood(turn_id: TurnId, prepared: PreparedTurn, row: Logits, manifest: Manifest) -> TurnMood:
    """The mood of a customer turn; `row` has (k,) logits by output."""
    if prepared.reason is not None:
        return TurnMood(turn_id=turn_id, status=prepared.status, reason=prepared.reason)
    shares = softmax(row["emotion"] / manifest.temperature)
    probabilities = {Emotion(label): float(p) for label, p in zip(manifest.labels["emotion"], shares, strict=True)}
    positive = sum(probabilities[e] for e in POSITIVE)
    negative = sum(probabilities[e] for e in NEGATIVE)
    sides = {Sentiment.NEGATIVE: negative, Sentiment.NEUTRAL: 1 - positive - negative, Sentiment.POSITIVE: positive}
    sentiment = max(sides, key=sides.__getitem__)
    # Within the likeliest sign: several negative emotions may share what outweighs a neutral that leads each of them.
    emotion = max(_OF_SIGN[sentiment], key=probabilities.__getitem__)
    return TurnMood(
        turn_id=turn_id,
        status=MoodStatus.COMPLETE,
        polarity=round(positive - negative, DIGITS),
        sentiment=sentiment,
        emotion=emotion,
        probabilities={str(label): round(p, DIGITS) for label, p in probabilities.items()},
        confidence=round(probabilities[emotion], DIGITS),
        risks=_shares(row["risk"], manifest.labels["risk"]),
    )


def turn_tone(
    turn_id: TurnId, agent_id: AgentId | None, prepared: PreparedTurn, row: Logits, manifest: Manifest
) -> TurnTone:
    """The tone of an agent turn; `row` has (k,) logits by output."""
    if prepared.reason is not None:
        return TurnTone(turn_id=turn_id, agent_id=agent_id, status=prepared.status, reason=prepared.reason)
    shares = _shares(row["category"], manifest.labels["category"])
    return TurnTone(
        turn_id=turn_id,
        agent_id=agent_id,
        status=MoodStatus.COMPLETE,
        tone=round(float(sigmoid(row["tone"])[0]), DIGITS),
        acts=_shares(row["act"], manifest.labels["act"]),
        suspicions={category: shares[label] for label, category in CATEGORY_OF_LABEL.items() if label in shares},
    )


def conversation_mood(
    conversation: Conversation, moods: Sequence[TurnMood], tones: Sequence[TurnTone], row: Logits, manifest: Manifest
) -> ConversationMood:
    """The curve over the customer's readable turns, with what the last turn's logits (`row`) say of the whole."""
    if all(mood.polarity is None for mood in moods):
        unread = [mood.reason for mood in moods if mood.status is MoodStatus.UNAVAILABLE]
        return ConversationMood(
            status=MoodStatus.UNAVAILABLE if unread else MoodStatus.NOT_APPLICABLE,
            reason=f"customer turns {unread[0]}" if unread else "the customer wrote nothing",
            turns=tuple(moods),
            tones=tuple(tones),
        )
    satisfaction = float(softmax(row["satisfaction"]) @ np.arange(1, 6))
    causes = _causes(row, manifest.labels.get("cause", ()))
    mood = ConversationMood(
        status=MoodStatus.COMPLETE,
        turns=tuple(moods),
        tones=tuple(tones),
        satisfaction=round(satisfaction, 2),
        satisfaction_low=round(max(1.0, satisfaction - manifest.satisfaction_margin), 2),
        satisfaction_high=round(min(5.0, satisfaction + manifest.satisfaction_margin), 2),
        cause=_cause(causes),
        causes=causes,
        expected_changes=_expected_changes(causes, manifest.expectations),
    )
    return with_curve(mood, moods, conversation)


def _causes(row: Logits, labels: Sequence[str]) -> dict[str, float]:
    """Probabilities; {} where the model was not taught causes, which its manifest says by naming none."""
    shares = softmax(row["cause"]) if labels else ()
    return {label: round(float(p), DIGITS) for label, p in zip(labels, shares, strict=True)}


def _cause(causes: Mapping[str, float]) -> Cause | None:
    if not causes:
        return None
    likeliest = max(causes, key=causes.__getitem__)
    return Cause(likeliest) if causes[likeliest] >= CAUSE_AT_LEAST else Cause.UNKNOWN


def _expected_changes(causes: Mapping[str, float], expectations: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """By starting sentiment, the causes weighed by their probability; the agent as a cause excuses nothing (`any`)."""
    weights = causes or {ANY_CAUSE: 1.0}
    return {
        sentiment: round(sum(p * row.get(cause, row[ANY_CAUSE]) for cause, p in weights.items()), DIGITS)
        for sentiment, row in expectations.items()
        if row
    }


def _shares(logits: Floats, labels: Sequence[str]) -> dict[str, float]:
    return {label: round(float(p), DIGITS) for label, p in zip(labels, sigmoid(logits), strict=True)}
