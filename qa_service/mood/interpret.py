"""Logits → moods: probabilities, polarity, the curve and satisfaction. Arithmetic only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qa_service.domain.conversation import AgentId, Role
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, Sentiment, TurnMood, TurnTone
from qa_service.domain.text import NormalisedConversation, NormalisedTurn
from qa_service.mood.manifest import Manifest
from qa_service.mood.prepare import reason_without_mood

Floats = npt.NDArray[np.float32]
Logits = Mapping[str, Floats]

POSITIVE = (Emotion.SATISFIED,)
NEGATIVE = (Emotion.ANXIOUS, Emotion.DISAPPOINTED, Emotion.ANGRY, Emotion.ABUSIVE)
CATEGORY_OF_LABEL = {
    "dismissive": "dismissive",
    "abuse": "abuse",
    "promise": "unauthorized_promise",
    "off_platform": "off_platform",
    "review": "review_inducement",
    "absolute": "absolute_claim",
    "privacy": "privacy",
}
"""The model's labels and the findings' categories; `commit`, a promise within policy, is learnt but is no suspicion."""
DIGITS = 4
"""Stored figures are rounded here, once, so that what is compared is what is shown."""


def interpret(conversation: NormalisedConversation, logits: Logits, manifest: Manifest) -> ConversationMood:
    """All moods and tones of one conversation, and its curve over the customer's readable turns.

    Args:
        conversation: T turns.
        logits: (T, k) by output: emotion, risk, tone, act, category, satisfaction.
        manifest: column labels and temperature.
    """
    moods, tones = [], []
    for at, (turn, owner) in enumerate(zip(conversation.turns, conversation.conversation.owners(), strict=True)):
        row = {name: values[at] for name, values in logits.items()}
        if turn.turn.role is Role.CUSTOMER:
            moods.append(_turn_mood(turn, row, manifest))
        elif turn.turn.role is Role.AGENT:
            tones.append(_turn_tone(turn, owner, row, manifest))
    return _curve(moods, tones, satisfaction=_satisfaction(logits["satisfaction"][-1]))


def _turn_mood(turn: NormalisedTurn, row: Logits, manifest: Manifest) -> TurnMood:
    reason = reason_without_mood(turn)
    if reason is not None:
        return TurnMood(turn_id=turn.turn.id, status=MoodStatus.NOT_APPLICABLE, reason=reason)
    shares = _softmax(row["emotion"] / manifest.temperature)
    probabilities = {Emotion(label): float(p) for label, p in zip(manifest.labels["emotion"], shares, strict=True)}
    positive = sum(probabilities[e] for e in POSITIVE)
    negative = sum(probabilities[e] for e in NEGATIVE)
    sides = {Sentiment.NEGATIVE: negative, Sentiment.NEUTRAL: 1 - positive - negative, Sentiment.POSITIVE: positive}
    emotion = max(probabilities, key=probabilities.__getitem__)
    return TurnMood(
        turn_id=turn.turn.id,
        status=MoodStatus.COMPLETE,
        polarity=round(positive - negative, DIGITS),
        sentiment=max(sides, key=sides.__getitem__),
        emotion=emotion,
        probabilities={str(label): round(p, DIGITS) for label, p in probabilities.items()},
        confidence=round(probabilities[emotion], DIGITS),
        risks=_shares(row["risk"], manifest.labels["risk"]),
    )


def _turn_tone(turn: NormalisedTurn, agent_id: AgentId | None, row: Logits, manifest: Manifest) -> TurnTone:
    reason = reason_without_mood(turn)
    if reason is not None:
        return TurnTone(turn_id=turn.turn.id, agent_id=agent_id, status=MoodStatus.NOT_APPLICABLE, reason=reason)
    return TurnTone(
        turn_id=turn.turn.id,
        agent_id=agent_id,
        status=MoodStatus.COMPLETE,
        tone=round(float(_sigmoid(row["tone"])[0]), DIGITS),
        acts=_shares(row["act"], manifest.labels["act"]),
        suspicions=_suspicions(row["category"], manifest.labels["category"]),
    )


def _curve(moods: Sequence[TurnMood], tones: Sequence[TurnTone], *, satisfaction: float) -> ConversationMood:
    polarities = [mood.polarity for mood in moods if mood.polarity is not None]
    if not polarities:
        return ConversationMood(
            status=MoodStatus.NOT_APPLICABLE,
            reason="the customer wrote nothing",
            turns=tuple(moods),
            tones=tuple(tones),
        )
    negative = sum(mood.sentiment is Sentiment.NEGATIVE for mood in moods)
    return ConversationMood(
        status=MoodStatus.COMPLETE,
        turns=tuple(moods),
        tones=tuple(tones),
        start=polarities[0],
        end=polarities[-1],
        lowest=min(polarities),
        shift=round(polarities[-1] - polarities[0], DIGITS),
        negative_share=round(negative / len(polarities), DIGITS),
        satisfaction=satisfaction,
    )


def _satisfaction(logits: Floats) -> float:
    """The expected rating 1…5."""
    return round(float(_softmax(logits) @ np.arange(1, 6)), 2)


def _suspicions(logits: Floats, labels: Sequence[str]) -> dict[str, float]:
    shares = _shares(logits, labels)
    return {category: shares[label] for label, category in CATEGORY_OF_LABEL.items() if label in shares}


def _shares(logits: Floats, labels: Sequence[str]) -> dict[str, float]:
    return {label: round(float(p), DIGITS) for label, p in zip(labels, _sigmoid(logits), strict=True)}


def _softmax(logits: Floats) -> npt.NDArray[np.float64]:
    powers = np.exp((logits - logits.max()).astype(np.float64))
    shares: npt.NDArray[np.float64] = powers / powers.sum()
    return shares


def _sigmoid(logits: Floats) -> npt.NDArray[np.float64]:
    shares: npt.NDArray[np.float64] = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return shares
