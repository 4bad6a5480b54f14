"""The scorecards of one agent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api.deps import KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.base import Name, Period
from api.schemas.performance import AgentScorecards
from qa_service.domain.document import scorecard_document
from qa_service.domain.identity import Permission
from qa_service.domain.performance import ScoredConversation

router = APIRouter(prefix="/v1", tags=["performance"], route_class=KeyedRoute)

AgentIdPath = Annotated[Name, Path(description="The agent's id in its conversations.", examples=["a-7"])]


@router.get(
    # `path`: an agent's id comes from outside and may hold a slash; one with a line break is no address (404)
    "/agents/{agent_id:path}/scorecards",
    dependencies=[needs(Permission.READ)],
    response_model=AgentScorecards,
    summary="Read an agent's scorecards",
    responses=problems(404, 422, 503),
)
def read_scorecards(
    services: ServicesDep, agent_id: AgentIdPath, period: Annotated[Period | None, Query()] = None
) -> JSONResponse:
    """Each conversation's scorecard before and after verdicts, of one month or of all time."""
    records = services.performance.scorecards(agent_id, period)
    scorecards = [_document(record) for record in records]
    return JSONResponse({"agent_id": agent_id, "period": period, "scorecards": scorecards})


def _document(record: ScoredConversation) -> dict[str, object]:
    return {
        "conversation_id": record.conversation_id,
        "external_id": record.external_id,
        "shop": record.shop,
        "channel": record.channel,
        "at": record.at.isoformat(),
        "machine": scorecard_document(record.machine),
        "final": scorecard_document(record.final),
        "findings_by_category": dict(record.findings_by_category),
        "verdicts": dict(record.verdicts),
        "negative_share": record.negative_share,
    }
