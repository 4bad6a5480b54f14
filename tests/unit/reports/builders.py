"""Scored conversations and reports in a line each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from qa_service.domain.performance import AgentPerformance, MeanScore
from qa_service.domain.scorecard import Band
from tests.fakes.figures import ScoredFigures

BANDS = (
    Band(id="needs_improvement", minimum=Decimal(0), label="待改进"),
    Band(id="pass", minimum=Decimal(80), label="达标"),
)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def scored(total: str | None = "90", machine: str | None = None, **fields: Any) -> ScoredFigures:
    defaults = {
        "conversation_id": "c-1",
        "agent_id": "a-1",
        "agent_name": "小林",
        "group": "售后",
        "shop": "demo",
        "at": NOON,
        "final_total": points(total),
        "machine_total": points(machine or total),
        "dimensions": {"service_attitude": points(total)},
    }
    return ScoredFigures(**{**defaults, **fields})


def points(score: str | None) -> Decimal | None:
    return None if score is None else Decimal(score)


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
