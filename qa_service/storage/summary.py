"""The figures of an inspection that lists select and sort by. Owns no column and no query, only the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, literal

from qa_service.domain.finding import Finding, Severity
from qa_service.domain.inspection import Inspection
from qa_service.domain.scorecard import Scorecard

NOTHING, SUSPECTED, MILDEST_HIT = 0, 1, 2
FATAL = MILDEST_HIT + len(Severity)

_A_HIT, _AN_URGENCY = 10**7, 10**12
_MOST_HITS = _AN_URGENCY // _A_HIT - 1
_A_POLARITY = 10**6
FIRST_UNFLAGGED = (FATAL - NOTHING) * _AN_URGENCY
"""The queue place before which all that is flagged stands."""


def summary_columns(inspection: Inspection) -> dict[str, Any]:
    """Columns of `conversations` that follow from its current inspection, before verdicts."""
    mood = inspection.mood
    return {
        "lowest_polarity": mood.lowest,
        "satisfaction": mood.satisfaction,
        "negative_share": mood.negative_share,
        "is_suspected": mood.is_suspected,
        **standing_columns(
            inspection.findings, inspection.scorecards, is_suspected=mood.is_suspected, lowest_polarity=mood.lowest
        ),
    }


def standing_columns(
    findings: Iterable[Finding],
    scorecards: Sequence[Scorecard],
    *,
    is_suspected: bool,
    lowest_polarity: float | None,
) -> dict[str, Any]:
    """Those of them that verdicts change: they follow from the findings that stand and their scorecards."""
    hits = [finding for finding in findings if finding.is_shown_hit]
    worst = max((hit.severity.rank for hit in hits), default=None)
    urgency = _urgency(scorecards, worst, is_suspected=is_suspected)
    return {
        "urgency": urgency,
        "queue_place": queue_place(urgency, len(hits), lowest_polarity),
        "hits": len(hits),
        "worst_severity": worst,
        "lowest_total": lowest_total(scorecards),
    }


def queue_place(urgency: int, hits: int, lowest_polarity: float | None) -> int:
    """Order of the review queue as one number, smaller first: by urgency, hits, polarity (to a millionth; unknown is 0)."""
    worse = (FATAL - urgency) * _AN_URGENCY + (_MOST_HITS - min(hits, _MOST_HITS)) * _A_HIT
    return worse + round(((lowest_polarity or 0.0) + 1) * _A_POLARITY)


def queue_place_expression(
    urgency: ColumnElement[int], hits: ColumnElement[int], lowest_polarity: Any
) -> ColumnElement[int]:
    """The same in SQL, for figures that no column holds."""
    fewer = case((hits > _MOST_HITS, 0), else_=_MOST_HITS - hits)
    happier = cast(func.round((func.coalesce(lowest_polarity, 0.0) + 1) * _A_POLARITY), BigInteger)
    return cast(FATAL - urgency, BigInteger) * _AN_URGENCY + fewer * literal(_A_HIT, BigInteger) + happier


UNINSPECTED_PLACE = queue_place(NOTHING, 0, None)


def lowest_total(scorecards: Sequence[Scorecard]) -> Decimal | None:
    """The lowest total that is known."""
    return min((scorecard.total for scorecard in scorecards if scorecard.total is not None), default=None)


def severity_of_rank(rank: int | None) -> Severity | None:
    """The inverse of `Severity.rank`."""
    ranked: Sequence[Severity] = list(Severity)
    return None if rank is None else ranked[rank]


def _urgency(scorecards: Sequence[Scorecard], worst: int | None, *, is_suspected: bool) -> int:
    if any(card.fatal or any(d.fatal for d in card.dimensions) for card in scorecards):
        return FATAL
    if worst is not None:
        return MILDEST_HIT + worst
    return SUSPECTED if is_suspected else NOTHING
