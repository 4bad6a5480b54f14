"""How the customer felt and how the agent sounded. Owns no model (`mood`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qa_service.domain.conversation import AgentId, TurnId


class MoodStatus(StrEnum):
    """Whether a mood is known."""

    COMPLETE = "complete"
    UNAVAILABLE = "unavailable"
    NOT_APPLICABLE = "not_applicable"


class Sentiment(StrEnum):
    """The sign of a feeling."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Emotion(StrEnum):
    """The customer's emotion (`training/corpus/LABELLING.md`)."""

    NEUTRAL = "neutral"
    SATISFIED = "satisfied"
    ANXIOUS = "anxious"
    DISAPPOINTED = "disappointed"
    ANGRY = "angry"
    ABUSIVE = "abusive"


class Cause(StrEnum):
    """What the customer's trouble comes from (`training/corpus/LABELLING.md`)."""

    LOGISTICS = "logistics"
    PRODUCT = "product"
    POLICY = "policy"
    AGENT = "agent"
    PRICE = "price"
    SYSTEM = "system"
    NONE = "none"
    UNKNOWN = "unknown"


SUSPECTED_AT_LEAST = 0.5
"""A suspicion from here on, held more likely than not, sends the conversation to review."""
COLD_AT_MOST = 0.25
"""A tone up to here is curt and cold, by the labelling guide."""
CAUSE_AT_LEAST = 0.5
"""A cause that is less likely than this is `unknown`: no blame on a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvidence:
    """The words that a strong call of the model rests on: without them its figure is `value_without`, measured.

    `call` is `polarity`, `abusive`, `risk.<signal>`, `tone` or `suspicion.<category>`. The span is of the original text;
    None where leaving out no words of the turn weakens the call: it rests on what was said before. `value_without` is None
    there, and where the words are the whole turn: without them nothing is left to measure.
    """

    call: str
    start: int | None
    end: int | None
    value: float
    value_without: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnMood:
    """One customer turn; all None or empty, with `reason`, unless complete.

    `sentiment` = the likeliest sign, `emotion` = the likeliest emotion of that sign.
    `polarity` = P(positive) − P(negative), −1…1; `probabilities` per emotion, sum 1; `confidence` = that of `emotion`;
    `risks` per signal 0…1; `evidence` of its strong calls.
    """

    turn_id: TurnId
    status: MoodStatus
    reason: str | None = None
    polarity: float | None = None
    sentiment: Sentiment | None = None
    emotion: Emotion | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None
    risks: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[CallEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTone:
    """One agent turn: `tone` 0 (hostile) … 1 (warm), `acts` (apology, empathy, ownership) and `suspicions` 0…1.

    A suspicion sends to review; alone it never moves a score. `evidence` of its strong calls.
    """

    turn_id: TurnId
    agent_id: AgentId | None
    status: MoodStatus
    reason: str | None = None
    tone: float | None = None
    acts: Mapping[str, float] = field(default_factory=dict)
    suspicions: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[CallEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMood:
    """The mood curve of a conversation: polarities −1…1, shares 0…1, satisfaction 1…5 with its 80 % interval.

    `shift` = end − start; `negative_share` of the scored customer turns; `recovery` = the share of the way from the
    lowest point back to neutral, None where the customer was never unhappy. `causes` are probabilities, sum 1.
    `attributable_change` = `shift` − `expected_change`, the change that such conversations have on average (by the
    starting sentiment and the causes: `expected_changes`); None, with `attributable_reason`, where nothing can be
    compared, and 0, with it, where a loss meets no agent turn that is cold or suspected of abuse or dismissal. Such a turn
    answers for what was lost behind it, as long as the customer is not content again.
    All None, with `reason`, unless complete.
    """

    status: MoodStatus
    reason: str | None = None
    turns: tuple[TurnMood, ...] = ()
    tones: tuple[TurnTone, ...] = ()
    start: float | None = None
    end: float | None = None
    lowest: float | None = None
    shift: float | None = None
    negative_share: float | None = None
    recovery: float | None = None
    satisfaction: float | None = None
    satisfaction_low: float | None = None
    satisfaction_high: float | None = None
    cause: Cause | None = None
    causes: Mapping[str, float] = field(default_factory=dict)
    expected_changes: Mapping[str, float] = field(default_factory=dict)
    expected_change: float | None = None
    attributable_change: float | None = None
    attributable_reason: str | None = None

    @property
    def is_suspected(self) -> bool:
        """Whether the model suspects an agent turn strongly enough for a person to look at it."""
        return any(value >= SUSPECTED_AT_LEAST for tone in self.tones for value in tone.suspicions.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentService:
    """One agent's own segment: mean tone 0…1 and reply times in seconds (None without times or tone)."""

    agent_id: AgentId
    tone: float | None = None
    first_reply_seconds: float | None = None
    average_reply_seconds: float | None = None
    longest_reply_seconds: float | None = None
    unanswered_turns: int = 0
