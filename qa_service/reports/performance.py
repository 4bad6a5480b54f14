"""What agents' scorecards add up to → one row an agent. Owns no files (`files`) and no days (`overview`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from qa_service.domain.performance import AgentPerformance, AgentSums
from qa_service.domain.scorecard import Band, band_of
from qa_service.reports.statistics import mean_score


def agent_performance(sums: Iterable[AgentSums], *, period: str, bands: Sequence[Band]) -> list[AgentPerformance]:
    """Each agent's means and counts.

    Args:
        sums: of the period's scorecards; each shop and agent once, in any order.
        period: its name, e.g. `2026-11`.
        bands: of the rubric; the band is that of the mean total as shown.

    Returns:
        One row for each shop and agent, ordered so: an id used in two shops is two people, or one under two policies.
    """
    ordered = sorted(sums, key=lambda agent: (agent.shop or "", agent.agent_id))
    return [_row(agent, period=period, bands=bands) for agent in ordered]


def _row(agent: AgentSums, *, period: str, bands: Sequence[Band]) -> AgentPerformance:
    total = mean_score(agent.total)
    return AgentPerformance(
        agent_id=agent.agent_id,
        agent_name=agent.agent_name,
        group=agent.group,
        shop=agent.shop,
        period=period,
        conversations=agent.scorecards,
        unscored=agent.scorecards - agent.total.n,
        dimensions={name: mean_score(scores) for name, scores in agent.dimensions.items()},
        total=total,
        machine_total=mean_score(agent.machine_total),
        band=band_of(None if total.mean is None else Decimal(str(total.mean)), bands),
        findings_by_category=dict(sorted(agent.findings_by_category.items())),
        verdicts=dict(sorted(agent.verdicts.items())),
    )
