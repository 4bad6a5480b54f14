"""A rubric's judgement of one agent in one conversation. Owns no arithmetic (`scoring`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qa_service.domain.conversation import AgentId
from qa_service.domain.finding import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A grade: scores from `minimum` (0…100) up to the next band's. `label` is what people read."""

    id: str
    minimum: Decimal
    label: str


def band_of(score: Decimal | None, bands: Sequence[Band]) -> str | None:
    """The id of the highest band that `score` reaches; None for no score or a score below every band."""
    if score is None:
        return None
    reached = [band for band in bands if score >= band.minimum]
    return max(reached, key=lambda band: band.minimum).id if reached else None


def plain_points(score: Decimal | None) -> str | None:
    """A score as text: `83.2`, whatever zeros it is stored with."""
    if score is None:
        return None
    return f"{score:.4f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionScore:
    """One criterion. `points` moved the dimension (negative = deducted): 0 if clear, None if it does not count.

    `findings` are the keys of the findings that moved it; `numbers` the figures it compared, with the threshold.
    """

    id: str
    title: str
    outcome: Outcome
    points: Decimal | None
    reason: str
    findings: tuple[str, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """One dimension, 0…100; None, with `reason`, when a needed stage was unavailable or nothing applied."""

    id: str
    score: Decimal | None
    weight: Decimal
    criteria: tuple[CriterionScore, ...]
    fatal: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """All dimensions of one agent in one conversation; `total` 0…100 or None with `reason`.

    `fatal` says that a finding zeroed the whole card; a dimension's own `fatal` that one zeroed the dimension.
    `band` is the id of a `Band` of the rubric.
    """

    agent_id: AgentId
    rubric: str
    rubric_version: int
    dimensions: tuple[DimensionScore, ...]
    total: Decimal | None
    fatal: bool
    band: str | None
    reason: str | None = None
