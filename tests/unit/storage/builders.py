"""Inspections, findings and scorecards by hand, for tests of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from qa_service.domain.conversation import AgentId, Conversation, TurnId
from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnTone
from qa_service.domain.provenance import Provenance
from qa_service.domain.review import Decision, SuspicionReview, Verdict
from qa_service.domain.scorecard import CriterionScore, DimensionScore, Scorecard
from tests.builders import conversation

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def chat(external_id: str = "c-1", text: str = "七天内都可以退", **fields: Any) -> Conversation:
    """A customer's question and the answer of agent a-7."""
    defaults: dict[str, Any] = {"shop": "demo", "channel": "taobao", "started_at": NOW}
    return conversation(
        "customer: 你好，能退吗", f"agent[a-7]: {text}", external_id=external_id, **{**defaults, **fields}
    )


def digest(content: Conversation) -> str:
    """Stands in for the digest of the content: 64 characters that differ when a turn does."""
    return "-".join(turn.text for turn in content.turns).encode().hex()[-64:].rjust(64, "0")


def finding(rule_id: str = "promise.return_window", **fields: Any) -> Finding:
    """A major hit of agent a-7 in turn 2."""
    defaults: dict[str, Any] = {
        "rule_version": 1,
        "category": "unauthorized_promise",
        "severity": Severity.MAJOR,
        "outcome": Outcome.HIT,
        "agent_id": AgentId("a-7"),
        "turn_id": TurnId("2"),
        "start": 0,
        "end": 3,
        "text": "七天内",
        "explanation": {"policy": {"key": "return_days", "value": Decimal("3.5")}},
    }
    return Finding(rule_id=rule_id, **{**defaults, **fields})


def scorecard(total: str | None = "83.25", agent: str = "a-7", *, fatal: bool = False) -> Scorecard:
    """One dimension, `compliance`, with the same score as the card."""
    score = None if total is None else Decimal(total)
    criterion = CriterionScore(
        id="promises",
        title="不越权承诺",
        outcome=Outcome.HIT,
        points=Decimal("-16.75"),
        reason="1 hit",
        findings=("k",),
    )
    dimension = DimensionScore(id="compliance", score=score, weight=Decimal("0.5"), criteria=(criterion,), fatal=fatal)
    return Scorecard(
        agent_id=AgentId(agent),
        rubric="default",
        rubric_version=1,
        dimensions=(dimension,),
        total=score,
        fatal=fatal,
        band="达标",
    )


def inspection(
    content: Conversation,
    *findings: Finding,
    cards: tuple[Scorecard, ...] = (scorecard(),),
    lowest: float | None = -0.25,
    suspicion: float = 0.0,
    rules: str = "r1",
) -> Inspection:
    """A complete result of `content`; another `rules` digest makes another provenance."""
    tone = TurnTone(
        turn_id=TurnId("2"),
        agent_id=AgentId("a-7"),
        status=MoodStatus.COMPLETE,
        tone=0.75,
        suspicions={"dismissive": suspicion},
    )
    mood = ConversationMood(
        status=MoodStatus.COMPLETE, tones=(tone,), lowest=lowest, negative_share=0.5, satisfaction=3.5
    )
    return Inspection(
        external_id=content.external_id,
        status=InspectionStatus.COMPLETE,
        findings=findings,
        mood=mood,
        agents=(),
        scorecards=cards,
        provenance=Provenance(
            text_sha256=digest(content),
            rules_digest=rules,
            policy_digest="p",
            model_revision="m",
            rubric="default",
            rubric_version=1,
            rubric_digest="b",
            code_version="1",
        ),
    )


def verdict(finding_id: str, decision: Decision = Decision.OVERTURN, *, minutes: int = 0) -> Verdict:
    """A decision of 王 some minutes after `NOW`."""
    return Verdict(
        finding_id=finding_id,
        decision=decision,
        comment="引用客户原话",
        reviewer="王",
        created_at=NOW + minutes * MINUTE,
    )


def suspicion_review(conversation_id: str, *, revision: int = 1, reviewer: str = "王") -> SuspicionReview:
    """A person found nothing in what the model suspected."""
    return SuspicionReview(
        conversation_id=conversation_id, revision=revision, comment="语气正常", reviewer=reviewer, created_at=NOW
    )


def mood_correction(conversation_id: str, *, revision: int = 1, emotion: Emotion = Emotion.ANGRY) -> MoodCorrection:
    """王 heard this emotion in turn 1."""
    return MoodCorrection(
        conversation_id=conversation_id,
        revision=revision,
        turn_id="1",
        emotion=emotion,
        reviewer="王",
        created_at=NOW,
    )


def shadow_difference(conversation_id: str, *, shadow_revision: str = "s", minutes: int = 0) -> ShadowDifference:
    """Two models differ in one of two turns."""
    return ShadowDifference(
        conversation_id=conversation_id,
        content_sha256=digest(chat()),
        live_revision="m",
        shadow_revision=shadow_revision,
        turns=2,
        one_sided=0,
        polarity_difference=0.25,
        changed_emotions=1,
        satisfaction_difference=None,
        created_at=NOW + minutes * MINUTE,
    )


def with_text(content: Conversation, text: str) -> Conversation:
    """The same conversation, its last turn changed."""
    return replace(content, turns=(*content.turns[:-1], replace(content.turns[-1], text=text)))
