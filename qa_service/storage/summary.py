"""The figures of an inspection that lists select and sort by. Owns no column and no query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from qa_service.domain.finding import Severity
from qa_service.domain.inspection import Inspection
from qa_service.domain.scorecard import Scorecard

NOTHING, SUSPECTED, MILDEST_HIT = 0, 1, 2
FATAL = MILDEST_HIT + len(Severity)


def summary_columns(inspection: Inspection) -> dict[str, Any]:
    """Columns of `conversations` that follow from its current inspection."""
    hits = [finding for finding in inspection.findings if finding.is_shown_hit]
    worst = max((hit.severity.rank for hit in hits), default=None)
    return {
        "urgency": _urgency(inspection, worst),
        "hits": len(hits),
        "worst_severity": worst,
        "lowest_polarity": inspection.mood.lowest,
        "satisfaction": inspection.mood.satisfaction,
        "negative_share": inspection.mood.negative_share,
        "lowest_total": lowest_total(inspection.scorecards),
        "is_suspected": inspection.mood.is_suspected,
    }


def lowest_total(scorecards: Iterable[Scorecard]) -> Decimal | None:
    """The lowest total that is known."""
    return min((scorecard.total for scorecard in scorecards if scorecard.total is not None), default=None)


def severity_of_rank(rank: int | None) -> Severity | None:
    """The inverse of `Severity.rank`."""
    ranked: Sequence[Severity] = list(Severity)
    return None if rank is None else ranked[rank]


def _urgency(inspection: Inspection, worst: int | None) -> int:
    if any(card.fatal or any(d.fatal for d in card.dimensions) for card in inspection.scorecards):
        return FATAL
    if worst is not None:
        return MILDEST_HIT + worst
    return SUSPECTED if inspection.mood.is_suspected else NOTHING
