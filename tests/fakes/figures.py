"""Reports' sums in plain Python, one scorecard after the other: what the SQL of the real store is compared with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from qa_service.domain.performance import SHARE_SCALE, AgentSums, DaySums, ScoredConversation, ScoreSum


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFigures:
    """What reports add up of one scorecard; the fields are those of `ScoredConversation`."""

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


class FakeFigures:
    """Adds up what `scorecards` of the store gives."""

    def scorecards(
        self, *, since: datetime | None, until: datetime | None, agent_id: str | None = None, shop: str | None = None
    ) -> Iterator[ScoredConversation]:
        raise NotImplementedError

    def agent_sums(
        self, *, since: datetime, until: datetime, shop: str | None = None, agent_id: str | None = None
    ) -> list[AgentSums]:
        return agent_sums(map(figures_of, self.scorecards(since=since, until=until, shop=shop, agent_id=agent_id)))

    def day_sums(self, midnights: Sequence[datetime], *, until: datetime, shop: str | None = None) -> list[DaySums]:
        scored = self.scorecards(since=midnights[0], until=until, shop=shop)
        return day_sums(map(figures_of, scored), midnights)


def agent_sums(records: Iterable[ScoredFigures]) -> list[AgentSums]:
    agents: defaultdict[tuple[str, str], list[ScoredFigures]] = defaultdict(list)
    for record in records:
        agents[(record.shop or "", record.agent_id)].append(record)
    return [_agent(own) for own in agents.values()]


def day_sums(records: Iterable[ScoredFigures], midnights: Sequence[datetime]) -> list[DaySums]:
    days: defaultdict[datetime, list[ScoredFigures]] = defaultdict(list)
    for record in records:
        days[max(midnight for midnight in midnights if midnight <= record.at)].append(record)
    return [_day(midnight, own) for midnight, own in days.items()]


def score_sum(scores: Iterable[Decimal | None]) -> ScoreSum:
    known = [score for score in scores if score is not None]
    return ScoreSum(n=len(known), total=sum(known, Decimal(0)), squares=sum((s * s for s in known), Decimal(0)))


def _agent(records: list[ScoredFigures]) -> AgentSums:
    ordered = sorted(records, key=lambda record: record.at)
    scored = [record for record in records if record.final_total is not None]
    dimensions = {name for record in scored for name in record.dimensions}
    return AgentSums(
        agent_id=records[0].agent_id,
        agent_name=next((record.agent_name for record in reversed(ordered) if record.agent_name is not None), None),
        group=next((record.group for record in reversed(ordered) if record.group is not None), None),
        shop=records[0].shop,
        scorecards=len(records),
        total=score_sum(record.final_total for record in scored),
        machine_total=score_sum(record.machine_total for record in scored),
        dimensions={name: score_sum(record.dimensions.get(name) for record in scored) for name in dimensions},
        findings_by_category=_counted(record.findings_by_category for record in records),
        verdicts=_counted(record.verdicts for record in records),
    )


def _day(midnight: datetime, records: list[ScoredFigures]) -> DaySums:
    shares = {record.conversation_id: record.negative_share for record in records}
    known = [share for share in shares.values() if share is not None]
    return DaySums(
        since=midnight,
        conversations=len(shares),
        total=score_sum(record.final_total for record in records),
        hits=_counted(record.findings_by_category for record in records),
        moods=len(known),
        negative_billionths=sum(round(share * SHARE_SCALE) for share in known),
    )


def _counted(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def figures_of(scored: ScoredConversation) -> ScoredFigures:
    return ScoredFigures(
        conversation_id=scored.conversation_id,
        agent_id=scored.agent_id,
        agent_name=scored.agent_name,
        group=scored.group,
        shop=scored.shop,
        at=scored.at,
        machine_total=scored.machine.total,
        final_total=scored.final.total,
        dimensions={dimension.id: dimension.score for dimension in scored.final.dimensions},
        findings_by_category=scored.findings_by_category,
        verdicts=scored.verdicts,
        negative_share=scored.negative_share,
    )
