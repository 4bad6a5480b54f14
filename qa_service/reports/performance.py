"""Scored conversations → one row an agent. Owns no files (`files`) and no days (`overview`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from qa_service.domain.performance import AgentPerformance, ScoredFigures
from qa_service.domain.scorecard import Band, band_of
from qa_service.reports.statistics import RunningMean


def agent_performance(
    records: Iterable[ScoredFigures], *, period: str, bands: Sequence[Band]
) -> list[AgentPerformance]:
    """Sum up each agent's period in one pass over `records`, in any order.

    Args:
        records: figures of the period's scorecards; one agent and conversation each.
        period: its name, e.g. `2026-11`.
        bands: of the rubric; the band is that of the mean total as shown.

    Returns:
        One row for each shop and agent, ordered so: an id used in two shops is two people, or one under two policies.
        Name and group are the latest known.
    """
    tallies = PerformanceTallies()
    for record in records:
        tallies.add(record)
    return tallies.rows(period=period, bands=bands)


class PerformanceTallies:
    """A tally for each shop and agent; memory grows with agents, not with conversations."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def add(self, record: ScoredFigures) -> None:
        """Count one scorecard."""
        self._tallies.setdefault((record.shop or "", record.agent_id), _Tally()).add(record)

    def rows(self, *, period: str, bands: Sequence[Band]) -> list[AgentPerformance]:
        """What was counted, by shop and agent."""
        return [tally.row(key, period=period, bands=bands) for key, tally in sorted(self._tallies.items())]


class _Tally:
    """One agent's sums."""

    def __init__(self) -> None:
        self._name = _Latest()
        self._group = _Latest()
        self._conversations = 0
        self._unscored = 0
        self._dimensions: defaultdict[str, RunningMean] = defaultdict(RunningMean)
        self._total = RunningMean()
        self._machine_total = RunningMean()
        self._findings: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()

    def add(self, record: ScoredFigures) -> None:
        self._conversations += 1
        self._name.see(record.agent_name, record.at)
        self._group.see(record.group, record.at)
        self._findings.update(record.findings_by_category)
        self._verdicts.update(record.verdicts)
        if record.final_total is None:
            self._unscored += 1
            return
        self._total.add(record.final_total)
        self._machine_total.add(record.machine_total)
        for dimension, score in record.dimensions.items():
            self._dimensions[dimension].add(score)

    def row(self, key: tuple[str, str], *, period: str, bands: Sequence[Band]) -> AgentPerformance:
        shop, agent_id = key
        total = self._total.result()
        return AgentPerformance(
            agent_id=agent_id,
            agent_name=self._name.value,
            group=self._group.value,
            shop=shop or None,
            period=period,
            conversations=self._conversations,
            unscored=self._unscored,
            dimensions={name: mean.result() for name, mean in self._dimensions.items()},
            total=total,
            machine_total=self._machine_total.result(),
            band=band_of(None if total.mean is None else Decimal(str(total.mean)), bands),
            findings_by_category=dict(sorted(self._findings.items())),
            verdicts=dict(sorted(self._verdicts.items())),
        )


class _Latest:
    """The latest known of some text."""

    def __init__(self) -> None:
        self.value: str | None = None
        self._at: datetime | None = None

    def see(self, value: str | None, at: datetime) -> None:
        if value is not None and (self._at is None or at >= self._at):
            self.value, self._at = value, at
