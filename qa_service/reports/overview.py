"""What the overview pages draw: a shop's days and agents. Owns no drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qa_service.domain.performance import SHARE_SCALE, AgentPerformance, DaySums, MeanScore, ScoreSum
from qa_service.reports.statistics import mean_score


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


def shop_overview(days: Sequence[DaySums], agents: Sequence[AgentPerformance]) -> ShopOverview:
    """Means of the days and of all of them together.

    Args:
        days: each at most once, in any order.
        agents: the rows of the same scorecards.
    """
    return ShopOverview(
        conversations=sum(day.conversations for day in days),
        total=mean_score(sum((day.total for day in days), ScoreSum())),
        hits=_sorted_hits(days),
        negative_share=_negative_share(days),
        days=tuple(_trend(day) for day in sorted(days, key=lambda day: day.since)),
        agents=tuple(agents),
    )


def _trend(day: DaySums) -> DayTrend:
    return DayTrend(
        day=day.since.date(),
        conversations=day.conversations,
        total=mean_score(day.total),
        hits=_sorted_hits([day]),
        negative_share=_negative_share([day]),
    )


def _sorted_hits(days: Iterable[DaySums]) -> dict[str, int]:
    hits: Counter[str] = Counter()
    for day in days:
        hits.update(day.hits)
    return dict(sorted(hits.items()))


def _negative_share(days: Sequence[DaySums]) -> float | None:
    moods = sum(day.moods for day in days)
    return round(sum(day.negative_billionths for day in days) / (moods * SHARE_SCALE), 4) if moods else None
