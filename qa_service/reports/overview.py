"""What the overview pages draw: a shop's days and agents. Owns no drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from qa_service.domain.performance import AgentPerformance, MeanScore, ScoredFigures
from qa_service.domain.scorecard import Band
from qa_service.reports.performance import PerformanceTallies
from qa_service.reports.statistics import RunningMean


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTrend:
    """One day.

    `hits` counts standing hits by category; `negative_share` (0…1) is the mean over the conversations whose mood is
    known, None without any.
    """

    day: date
    conversations: int
    total: MeanScore
    hits: Mapping[str, int]
    negative_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOverview:
    """A period: days with conversations, in order, and agents by shop and id. `total` is over all scorecards."""

    conversations: int
    total: MeanScore
    hits: Mapping[str, int]
    negative_share: float | None
    days: tuple[DayTrend, ...]
    agents: tuple[AgentPerformance, ...]


def shop_overview(
    records: Iterable[ScoredFigures], *, period: str, zone: tzinfo, bands: Sequence[Band]
) -> ShopOverview:
    """Sum up days and agents in one pass; memory grows with days and agents only.

    Args:
        records: figures of scorecards by time, then conversation, as the repository gives them: the scorecards of one transferred
            conversation stand together and are counted as one conversation.
        period: its name, for the agents' rows.
        zone: where the days begin.
        bands: of the rubric.
    """
    everything = _DayTally()
    days: dict[date, _DayTally] = {}
    agents = PerformanceTallies()
    previous: str | None = None
    for record in records:
        is_new = record.conversation_id != previous
        previous = record.conversation_id
        everything.add(record, is_new_conversation=is_new)
        days.setdefault(record.at.astimezone(zone).date(), _DayTally()).add(record, is_new_conversation=is_new)
        agents.add(record)
    return ShopOverview(
        conversations=everything.conversations,
        total=everything.total.result(),
        hits=everything.sorted_hits(),
        negative_share=everything.negative_share(),
        days=tuple(tally.trend(day) for day, tally in sorted(days.items())),
        agents=tuple(agents.rows(period=period, bands=bands)),
    )


@dataclass(slots=True)
class _DayTally:
    conversations: int = 0
    total: RunningMean = field(default_factory=RunningMean)
    hits: Counter[str] = field(default_factory=Counter)
    moods: int = 0
    negative: float = 0.0

    def add(self, record: ScoredFigures, *, is_new_conversation: bool) -> None:
        self.total.add(record.final_total)
        self.hits.update(record.findings_by_category)
        if is_new_conversation:
            self.conversations += 1
            if record.negative_share is not None:
                self.moods += 1
                self.negative += record.negative_share

    def sorted_hits(self) -> dict[str, int]:
        return dict(sorted(self.hits.items()))

    def negative_share(self) -> float | None:
        return round(self.negative / self.moods, 4) if self.moods else None

    def trend(self, day: date) -> DayTrend:
        return DayTrend(
            day=day,
            conversations=self.conversations,
            total=self.total.result(),
            hits=self.sorted_hits(),
            negative_share=self.negative_share(),
        )
