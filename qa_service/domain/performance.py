"""Scored conversations, and what becomes of them: one agent over one period. Owns no sums (`reports`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from qa_service.domain.scorecard import Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredConversation:
    """One agent's scorecard in one conversation that began at `at`; `machine` is before, `final` after verdicts.

    `findings_by_category` counts the agent's hits that still stand, `verdicts` the newest decision on each
    of them that has one, by kind.
    `negative_share` (0…1) is of the whole conversation's customer turns, None where the mood is unknown.
    """

    conversation_id: str
    external_id: str
    agent_id: str
    agent_name: str | None
    group: str | None
    shop: str | None
    channel: str | None
    at: datetime
    machine: Scorecard
    final: Scorecard
    findings_by_category: Mapping[str, int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)
    negative_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFigures:
    """What reports add up of one agent's scorecard: totals before (`machine`) and after verdicts, 0…100 to four digits.

    `dimensions` are the final scores by id; the counts and `negative_share` are those of `ScoredConversation`.
    """

    conversation_id: str
    agent_id: str
    agent_name: str | None
    group: str | None
    shop: str | None
    at: datetime
    machine_total: Decimal | None
    final_total: Decimal | None
    dimensions: Mapping[str, Decimal | None] = field(default_factory=dict)
    findings_by_category: Mapping[str, int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)
    negative_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanScore:
    """A mean 0…100 over `n` scorecards with its 95 % interval; all None at n = 0, the interval None at n = 1."""

    n: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPerformance:
    """An agent's month (`period` = `YYYY-MM`).

    Means are of **final** scores (after verdicts); `machine_total` is of the same conversations before them.
    `unscored` conversations had a null total (a stage unavailable) and are in no mean.
    """

    agent_id: str
    agent_name: str | None
    group: str | None
    shop: str | None
    period: str
    conversations: int
    unscored: int
    dimensions: Mapping[str, MeanScore]
    total: MeanScore
    machine_total: MeanScore
    band: str | None
    findings_by_category: Mapping[str, int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)
