"""Agents over a month: the table, one agent's chats and trend, the files."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import ServicesDep
from api.guard import needs
from api.pages.charts import ChartPoint, Plot, chart
from api.pages.months import month_of
from api.pages.rendering import PageRoute, render, words_of
from api.pages.scorecard_view import band_word
from api.pages.session import CurrentViewer
from qa_service.domain.identity import Permission
from qa_service.domain.performance import AgentPerformance, ScoredConversation
from qa_service.errors import NotFound

router = APIRouter(route_class=PageRoute)

Text = Annotated[str, Query(max_length=200)]
INTERVAL = Plot(width=120, height=14, left=2, right=118, top=0, bottom=14)
"""The small drawing of a mean and its interval, 0…100 from left to right."""


@router.get("/agents", dependencies=[needs(Permission.READ)])
def show_agents(
    request: Request, services: ServicesDep, viewer: CurrentViewer, period: Text = "", shop: Text = ""
) -> Response:
    """Everybody with scored chats in the month."""
    month = month_of(services, period)
    rows = services.performance.agents(month.name, shop.strip() or None)
    words = words_of(request)
    return render(
        request,
        "agents.html",
        month=month,
        shop=shop.strip(),
        rows=rows,
        dimensions=_dimensions(rows),
        bands={row.band: band_word(row.band, services.performance.bands, words) for row in rows},
        interval=INTERVAL,
    )


@router.get("/performance/export", dependencies=[needs(Permission.EXPORT)])
def export_agents(
    services: ServicesDep, viewer: CurrentViewer, period: Text = "", format: Text = "csv", shop: Text = ""
) -> Response:
    """The table as a file."""
    month = month_of(services, period)
    content, media_type, name = services.performance.export(month.name, format, shop.strip() or None)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/agents/{agent_id:path}", dependencies=[needs(Permission.READ)])
def show_agent(
    request: Request, services: ServicesDep, viewer: CurrentViewer, agent_id: str, period: Text = ""
) -> Response:
    """One agent's month: figures, the score of each chat, the chats. Somebody who never served is not found."""
    month = month_of(services, period)
    records = services.performance.scorecards(agent_id, month.name)
    if not records and not services.performance.has_scorecards(agent_id):
        raise NotFound("no such agent")
    rows = services.performance.agents(month.name, agent_id=agent_id)
    words = words_of(request)
    return render(
        request,
        "agent.html",
        month=month,
        agent_id=agent_id,
        rows=rows,
        records=list(reversed(records)),
        name=next((record.agent_name for record in reversed(records) if record.agent_name), agent_id),
        zone=services.performance.zone,
        dimensions=_dimensions(rows),
        bands={row.band: band_word(row.band, services.performance.bands, words) for row in rows},
        interval=INTERVAL,
        chart=chart([_point(record, services.performance.zone) for record in records], low=0, high=100, height=200)
        if records
        else None,
    )


def _dimensions(rows: list[AgentPerformance]) -> list[str]:
    """All dimensions of the rows, in order of first appearance: rubrics may change within a month."""
    return list(dict.fromkeys(dimension for row in rows for dimension in row.dimensions))


def _point(record: ScoredConversation, zone: tzinfo) -> ChartPoint:
    total = record.final.total
    return ChartPoint(
        label=f"{record.at.astimezone(zone):%m-%d}",
        value=None if total is None else float(total),
        shown=f"{record.external_id}: {total}",
        link=f"/chats/{record.conversation_id}",
    )
