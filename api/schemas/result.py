"""The result of an inspection as `qa_service.domain.document.inspection_document` writes it. Describes; builds nothing."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import Points, Polarity, Schema, Share
from qa_service.domain.finding import Outcome, RuleStatus, Severity
from qa_service.domain.inspection import InspectionStatus
from qa_service.domain.mood import Cause, Emotion, MoodStatus, Sentiment

FINDING_EXAMPLE: dict[str, Any] = {
    "key": "4f6b8f1d2a3c4e5f60718293a4b5c6d7",
    "rule_id": "promise.return_window",
    "rule_version": 1,
    "category": "unauthorized_promise",
    "severity": "major",
    "outcome": "hit",
    "agent_id": "a-7",
    "turn_id": "2",
    "start": 2,
    "end": 12,
    "text": "七天内不满意都可以退",
    "status": "scored",
    "explanation": {
        "stated": {"value": 7, "unit": "day"},
        "policy": {"key": "return_days", "value": 3, "source": "rules/policies/default.yaml"},
    },
}

SCORECARD_EXAMPLE: dict[str, Any] = {
    "agent_id": "a-7",
    "rubric": "default",
    "rubric_version": 1,
    "dimensions": {
        "compliance": {
            "score": 70.0,
            "weight": 0.4,
            "criteria": [
                {
                    "id": "promises",
                    "title": "不作超出政策的承诺",
                    "outcome": "hit",
                    "points": -30.0,
                    "reason": "1 major finding: −30",
                    "findings": ["4f6b8f1d2a3c4e5f60718293a4b5c6d7"],
                    "numbers": {},
                }
            ],
            "fatal": False,
            "reason": None,
        }
    },
    "total": 70.0,
    "fatal": False,
    "band": "needs_improvement",
    "reason": None,
}

RESULT_EXAMPLE: dict[str, Any] = {
    "external_id": "c-1001",
    "status": "complete",
    "findings": [FINDING_EXAMPLE],
    "mood": {
        "status": "complete",
        "reason": None,
        "turns": [
            {
                "turn_id": "1",
                "status": "complete",
                "reason": None,
                "polarity": -0.1,
                "sentiment": "neutral",
                "emotion": "neutral",
                "probabilities": {"neutral": 0.8, "anxious": 0.2},
                "confidence": 0.8,
                "risks": {"complain": 0.3},
                "evidence": [],
            }
        ],
        "tones": [
            {
                "turn_id": "2",
                "agent_id": "a-7",
                "status": "complete",
                "reason": None,
                "tone": 0.8,
                "acts": {"empathy": 0.1},
                "suspicions": {"unauthorized_promise": 0.9},
                "evidence": [
                    {
                        "call": "suspicion.unauthorized_promise",
                        "start": 2,
                        "end": 12,
                        "value": 0.9,
                        "value_without": 0.12,
                    }
                ],
            }
        ],
        "start": -0.1,
        "end": -0.1,
        "lowest": -0.1,
        "shift": 0.0,
        "negative_share": 0.0,
        "recovery": None,
        "satisfaction": 3.4,
        "satisfaction_low": 2.9,
        "satisfaction_high": 3.9,
        "cause": "policy",
        "causes": {"policy": 0.8, "unknown": 0.2},
        "expected_changes": {"negative": 0.92, "neutral": -0.34, "positive": -1.3},
        "expected_change": None,
        "attributable_change": None,
        "attributable_reason": "one scored customer turn shows no change",
    },
    "agents": [
        {
            "agent_id": "a-7",
            "tone": 0.8,
            "first_reply_seconds": 41.0,
            "average_reply_seconds": 41.0,
            "longest_reply_seconds": 41.0,
            "unanswered_turns": 0,
        }
    ],
    "scorecards": [SCORECARD_EXAMPLE],
    "provenance": {
        "text_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "rules_digest": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "policy_digest": "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
        "model_revision": "mood-1",
        "rubric": "default",
        "rubric_version": 1,
        "rubric_digest": "a4e624d686e03ed2767c0abd85c14426b0b1157d2ce81d27bb4fe4f6f01d688a",
        "code_version": "0.1.0",
    },
}


class FindingDocument(Schema):
    """One rule's outcome at one place; turn and span are null for an absence."""

    key: str = Field(description="Identity within the conversation; the same after a re-run.")
    rule_id: str
    rule_version: int
    category: str
    severity: Severity
    outcome: Outcome
    agent_id: str | None = Field(description="Null where no known person is responsible.")
    turn_id: str | None
    start: int | None = Field(description="Code points of the original turn text, half-open.")
    end: int | None
    text: str | None = Field(description="The evidence.")
    status: RuleStatus
    explanation: dict[str, Any]
    points: float | None = Field(
        default=None, description="What the rule itself deducts; absent: what the rubric says."
    )
    dimension: str | None = Field(
        default=None, description="The dimension the rule names; absent: what the rubric says."
    )


class CallEvidenceDocument(Schema):
    """The words that a strong call rests on; the span is null where it rests on what was said before."""

    call: str = Field(description="`polarity`, `abusive`, `risk.<signal>`, `tone` or `suspicion.<category>`.")
    start: int | None = Field(description="Code points of the original turn text, half-open.")
    end: int | None
    value: float = Field(description="The figure of the call.")
    value_without: float | None = Field(
        description="The same, measured without these words; null where they are the whole turn."
    )


class TurnMoodDocument(Schema):
    """The mood of one customer turn; null, with `reason`, unless complete."""

    turn_id: str
    status: MoodStatus
    reason: str | None
    polarity: Polarity | None = Field(description="P(positive) − P(negative).")
    sentiment: Sentiment | None
    emotion: Emotion | None
    probabilities: dict[str, Share] = Field(description="Of each emotion; they sum to 1.")
    confidence: Share | None
    risks: dict[str, Share]
    evidence: list[CallEvidenceDocument]


class TurnToneDocument(Schema):
    """The tone of one agent turn; null, with `reason`, unless complete."""

    turn_id: str
    agent_id: str | None
    status: MoodStatus
    reason: str | None
    tone: Share | None = Field(description="0 hostile to 1 warm.")
    acts: dict[str, Share]
    suspicions: dict[str, Share] = Field(description="By category; they send to review and never move a score.")
    evidence: list[CallEvidenceDocument]


class MoodDocument(Schema):
    """The mood curve; null, with `reason`, unless complete."""

    status: MoodStatus
    reason: str | None
    turns: list[TurnMoodDocument]
    tones: list[TurnToneDocument]
    start: Polarity | None
    end: Polarity | None
    lowest: Polarity | None
    shift: float | None = Field(description="end − start.")
    negative_share: Share | None
    recovery: Share | None = Field(description="Share of the way from the lowest point back to neutral.")
    satisfaction: float | None = Field(ge=1, le=5)
    satisfaction_low: float | None = Field(ge=1, le=5, description="80 % interval.")
    satisfaction_high: float | None = Field(ge=1, le=5)
    cause: Cause | None = Field(description="What the trouble comes from; `unknown` under a probability of 0.5.")
    causes: dict[str, Share] = Field(description="Of each cause; {} where the model was not taught causes.")
    expected_changes: dict[str, float] = Field(description="By starting sentiment, the causes weighed.")
    expected_change: float | None = Field(description="What shift such conversations have on average.")
    attributable_change: float | None = Field(description="shift − expected_change.")
    attributable_reason: str | None = Field(description="Why there is no attributable change.")


class AgentServiceDocument(Schema):
    """One agent's own segment."""

    agent_id: str
    tone: Share | None
    first_reply_seconds: float | None
    average_reply_seconds: float | None
    longest_reply_seconds: float | None
    unanswered_turns: int


class CriterionDocument(Schema):
    """One criterion; `points` is what it moved the dimension by, null if it does not count."""

    id: str
    title: str
    outcome: Outcome
    points: float | None
    reason: str
    findings: list[str] = Field(description="Keys of the findings that moved it.")
    numbers: dict[str, Any] = Field(description="The figures that it compared.")


class DimensionDocument(Schema):
    """One dimension; the score is null, with `reason`, when a stage was unavailable or nothing applied."""

    score: Points | None
    weight: float
    criteria: list[CriterionDocument]
    fatal: bool
    reason: str | None


class ScorecardDocument(Schema):
    """One agent in one conversation."""

    agent_id: str
    rubric: str
    rubric_version: int
    dimensions: dict[str, DimensionDocument]
    total: Points | None
    fatal: bool
    band: str | None
    reason: str | None


class ProvenanceDocument(Schema):
    """What the result was made from."""

    text_sha256: str
    rules_digest: str
    policy_digest: str
    model_revision: str
    rubric: str
    rubric_version: int
    rubric_digest: str
    code_version: str


class InspectionResult(Schema):
    """Findings, mood, service figures and one scorecard an agent."""

    external_id: str
    status: InspectionStatus = Field(description="`partial`: a stage was unavailable, so a score is null.")
    findings: list[FindingDocument] = Field(
        description="Hits and suppressed hits, none of shadow rules, unless all outcomes were asked for."
    )
    mood: MoodDocument
    agents: list[AgentServiceDocument]
    scorecards: list[ScorecardDocument]
    provenance: ProvenanceDocument

    model_config = ConfigDict(json_schema_extra={"examples": [RESULT_EXAMPLE]})
