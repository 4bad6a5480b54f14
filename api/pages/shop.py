"""The shop's month: totals and what happened each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import ServicesDep
from api.guard import needs
from api.pages.charts import Chart, ChartPoint, chart, rounded_up
from api.pages.months import month_of
from api.pages.rendering import PageRoute, render
from api.pages.session import CurrentViewer
from qa_service.domain.identity import Permission
from qa_service.reports import DayTrend

router = APIRouter(route_class=PageRoute)


@router.get("/shop", dependencies=[needs(Permission.READ)])
def show_shop(
    request: Request,
    services: ServicesDep,
    viewer: CurrentViewer,
    period: Annotated[str, Query(max_length=200)] = "",
    shop: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """One shop, or all of them together."""
    month = month_of(services, period)
    overview = services.performance.overview(month.name, shop.strip() or None)
    return render(
        request,
        "shop.html",
        month=month,
        shop=shop.strip(),
        overview=overview,
        hits=sum(overview.hits.values()),
        most_hits=max(overview.hits.values(), default=1),
        charts=_charts(overview.days),
    )


def _charts(days: Sequence[DayTrend]) -> dict[str, Chart]:
    """By the key of their heading. Days without chats have no place of their own."""
    counts = rounded_up(max((day.conversations for day in days), default=0))
    hits = rounded_up(max((sum(day.hits.values()) for day in days), default=0))
    return {
        "chats": _chart(days, lambda day: day.conversations, high=counts),
        "score": _chart(days, lambda day: day.total.mean, high=100),
        "negative": _chart(days, lambda day: _percent(day.negative_share), high=100, unit=" %"),
        "hits": _chart(days, lambda day: sum(day.hits.values()), high=hits),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _chart(days: Sequence[DayTrend], read: Callable[[DayTrend], float | None], *, high: float, unit: str = "") -> Chart:
    points = [ChartPoint(label=f"{day.day:%m-%d}", value=read(day), shown=_shown(read(day), unit)) for day in days]
    return chart(points, low=0, high=high, unit=unit)


def _shown(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:g}{unit}"
