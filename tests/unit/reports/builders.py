"""Scored conversations and reports in a line each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from qa_service.domain.conversation import AgentId
from qa_service.domain.performance import AgentPerformance, MeanScore, ScoredConversation
from qa_service.domain.scorecard import Band, DimensionScore, Scorecard

BANDS = (
    Band(id="needs_improvement", minimum=Decimal(0), label="待改进"),
    Band(id="pass", minimum=Decimal(80), label="达标"),
)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def card(total: str | None, **dimensions: str | None) -> Scorecard:
    return Scorecard(
        agent_id=AgentId("a-1"),
        rubric="default",
        rubric_version=1,
        dimensions=tuple(
            DimensionScore(id=name, score=None if score is None else Decimal(score), weight=Decimal(1), criteria=())
            for name, score in dimensions.items()
        ),
        total=None if total is None else Decimal(total),
        fatal=False,
        band=None,
    )


def scored(total: str | None = "90", machine: str | None = None, **fields: Any) -> ScoredConversation:
    defaults = {
        "conversation_id": "c-1",
        "external_id": "c-1",
        "agent_id": "a-1",
        "agent_name": "小林",
        "group": "售后",
        "shop": "demo",
        "channel": "taobao",
        "at": NOON,
        "final": card(total, service_attitude=total),
        "machine": card(machine or total),
    }
    return ScoredConversation(**{**defaults, **fields})


def mean(n: int = 0, value: float | None = None, low: float | None = None, high: float | None = None) -> MeanScore:
    return MeanScore(n=n, mean=value, low=low, high=high)


def row(**fields: Any) -> AgentPerformance:
    defaults = {
        "agent_id": "a-1",
        "agent_name": "小林",
        "group": "售后",
        "shop": "demo",
        "period": "2026-11",
        "conversations": 3,
        "unscored": 1,
        "dimensions": {"service_attitude": mean(2, 90.5, 80.0, 100.0)},
        "total": mean(2, 88.25, 70.0, 100.0),
        "machine_total": mean(2, 86.0, 60.0, 100.0),
        "band": "pass",
        "findings_by_category": {"dismissive": 2},
        "verdicts": {"overturn": 1},
    }
    return AgentPerformance(**{**defaults, **fields})
