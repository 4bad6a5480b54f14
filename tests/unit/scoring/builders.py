"""Findings, moods and rubrics in a line each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qa_service.domain.conversation import AgentId, TurnId
from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.domain.mood import (
    AgentService,
    ConversationMood,
    MoodStatus,
    Sentiment,
    TurnMood,
    TurnTone,
)
from qa_service.scoring.load import load_rubric
from qa_service.scoring.rubric import Rubric

RUBRICS = Path(__file__).parents[3] / "rules" / "rubrics"
AGENT = AgentId("a-1")


def default_rubric() -> Rubric:
    return load_rubric(RUBRICS / "default.yaml")


def finding(category: str = "dismissive", severity: str = "minor", outcome: str = "hit", **fields: Any) -> Finding:
    defaults = {
        "rule_id": f"{category}.rule",
        "rule_version": 1,
        "agent_id": AGENT,
        "turn_id": TurnId("2"),
        "start": 0,
        "end": 3,
    }
    return Finding(
        **{**defaults, "category": category, "severity": Severity(severity), "outcome": Outcome(outcome), **fields}
    )


def mood(**figures: Any) -> ConversationMood:
    """A calm, known mood unless told otherwise."""
    calm = {"start": 0.0, "end": 0.0, "lowest": 0.0, "shift": 0.0, "negative_share": 0.0, "satisfaction": 3.0}
    return ConversationMood(**{"status": MoodStatus.COMPLETE, **calm, **figures})


def no_mood(reason: str = "model_unavailable", **fields: Any) -> ConversationMood:
    return ConversationMood(status=MoodStatus.UNAVAILABLE, reason=reason, **fields)


def turn_mood(turn_id: str, polarity: float | None) -> TurnMood:
    status = MoodStatus.UNAVAILABLE if polarity is None else MoodStatus.COMPLETE
    sentiment = None if polarity is None else Sentiment.NEGATIVE if polarity < -0.25 else Sentiment.NEUTRAL
    return TurnMood(turn_id=TurnId(turn_id), status=status, polarity=polarity, sentiment=sentiment)


def turn_tone(turn_id: str, agent_id: str, tone: float | None, **fields: Any) -> TurnTone:
    status = MoodStatus.UNAVAILABLE if tone is None else MoodStatus.COMPLETE
    return TurnTone(turn_id=TurnId(turn_id), agent_id=AgentId(agent_id), status=status, tone=tone, **fields)


def service(agent_id: str = AGENT, **figures: Any) -> AgentService:
    return AgentService(agent_id=AgentId(agent_id), **{"tone": 0.6, **figures})
