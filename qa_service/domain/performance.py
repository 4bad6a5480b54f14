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
class ScoreSum:
    """`n` scores 0…100 to four digits, their exact sum and that of their squares: enough for a mean and its interval."""

    n: int = 0
    total: Decimal = Decimal(0)
    squares: Decimal = Decimal(0)

    def __add__(self, other: ScoreSum) -> ScoreSum:
        """Both together."""
        return ScoreSum(n=self.n + other.n, total=self.total + other.total, squares=self.squares + other.squares)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSums:
    """What an agent's scorecards of some time add up to; an id used in two shops is two people.

    `total` and `dimensions` (by id) are of final scores, `machine_total` is before verdicts; scorecards without a final
    total are in none of the three. The counts are those of `ScoredConversation`. Name and group are the latest known.
    """

    agent_id: str
    agent_name: str | None
    group: str | None
    shop: str | None
    scorecards: int
    total: ScoreSum
    machine_total: ScoreSum
    dimensions: Mapping[str, ScoreSum] = field(default_factory=dict)
    findings_by_category: Mapping[str, int] = field(default_factory=dict)
    verdicts: Mapping[str, int] = field(default_factory=dict)


SHARE_SCALE = 10**9
"""Shares are added up as whole billionths: a sum of floats would depend on the order in which a store reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """What a day's scorecards add up to; `since` is the midnight that it begins at.

    A chat counts once in `conversations`, whoever served in it; `moods` of them have a known negative share, and
    `negative_billionths` is the sum of these, each rounded to `1 / SHARE_SCALE`. `hits` counts standing hits by category.
    """

    since: datetime
    conversations: int
    total: ScoreSum
    hits: Mapping[str, int] = field(default_factory=dict)
    moods: int = 0
    negative_billionths: int = 0


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
