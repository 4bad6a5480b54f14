"""What a model may learn from: corrected moods, decisions, consent; and how two models differ. Owns no training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qa_service.domain.conversation import Conversation
from qa_service.domain.mood import ConversationMood, Emotion

CONSENT = "training_consent"
"""The attribute by which a source says that the customer agreed to training with the chat."""


def has_consent(conversation: Conversation) -> bool:
    """Whether the source said so; anything but a plain yes is no."""
    return conversation.attributes.get(CONSENT, "").strip().lower() in ("yes", "true", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodCorrection:
    """What a person heard in a customer turn of a revision; append-only, the latest of a turn is the current one.

    It is for training and moves no score.
    """

    conversation_id: str
    revision: int
    turn_id: str
    emotion: Emotion
    reviewer: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowDifference:
    """How a second model judged a conversation beside the live one; no text.

    `polarity_difference` = mean |live − shadow| (0…2) over the `turns` customer turns that both judged, None without
    any; `changed_emotions` of these; `satisfaction_difference` = shadow − live (−4…4), None unless both have it;
    `one_sided` = turns that only one of them could judge.
    """

    conversation_id: str
    content_sha256: str
    live_revision: str
    shadow_revision: str
    turns: int
    one_sided: int
    polarity_difference: float | None
    changed_emotions: int
    satisfaction_difference: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodDifference:
    """The figures of `ShadowDifference` alone."""

    turns: int
    one_sided: int
    polarity_difference: float | None
    changed_emotions: int
    satisfaction_difference: float | None


def mood_difference(live: ConversationMood, shadow: ConversationMood) -> MoodDifference:
    """Compare two moods of one conversation, turn by turn."""
    ours = {mood.turn_id: mood for mood in live.turns if mood.polarity is not None}
    theirs = {mood.turn_id: mood for mood in shadow.turns if mood.polarity is not None}
    both = [turn_id for turn_id in ours if turn_id in theirs]
    apart = [abs((ours[t].polarity or 0.0) - (theirs[t].polarity or 0.0)) for t in both]
    known = live.satisfaction is not None and shadow.satisfaction is not None
    return MoodDifference(
        turns=len(both),
        one_sided=len(ours.keys() ^ theirs.keys()),
        polarity_difference=sum(apart) / len(apart) if apart else None,
        changed_emotions=sum(ours[t].emotion is not theirs[t].emotion for t in both),
        satisfaction_difference=(shadow.satisfaction or 0.0) - (live.satisfaction or 0.0) if known else None,
    )
