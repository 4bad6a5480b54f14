"""Performance of a month: figures, files, pushes to the configured address."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.deps import KeyedRoute, Services, ServicesDep
from api.guard import needs
from api.openapi import REF, problems
from api.schemas.base import Name, Period
from api.schemas.performance import (
    AgentPerformanceDocument,
    DeliveryDocument,
    DeliveryList,
    ExportRequest,
    PerformanceDocument,
)
from qa_service.domain.identity import Permission
from qa_service.errors import Conflict, ErrorCode, InvalidInput, Unavailable

router = APIRouter(prefix="/v1/performance", tags=["performance"], route_class=KeyedRoute)

_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_EXPORTED: dict[str, Any] = {
    "description": "The file; for a push the record of the last attempt (`DeliveryDocument`).",
    "content": {
        "text/csv": {**_FILE, "example": "agent_id,conversations,total\r\na-7,42,86.3\r\n"},
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _FILE,
        "application/json": {
            "schema": {"anyOf": [{"$ref": REF.format(model="DeliveryDocument")}, {"type": "object"}]},
        },
    },
}


@router.get(
    "", dependencies=[needs(Permission.READ)], summary="Read the performance of a month", responses=problems(422, 503)
)
def read_performance(
    services: ServicesDep, period: Annotated[Period, Query()], shop: Annotated[Name | None, Query()] = None
) -> PerformanceDocument:
    """One row an agent: means of final scores with 95 % intervals, findings, verdicts."""
    agents = [AgentPerformanceDocument.model_validate(agent) for agent in services.performance.agents(period, shop)]
    return PerformanceDocument(period=period, shop=shop, agents=agents)


@router.post(
    "/exports",
    dependencies=[needs(Permission.EXPORT)],
    summary="Export the performance of a month",
    response_class=Response,
    responses={**problems(400, 409, 413, 422, 502, 503), 200: _EXPORTED},
)
def export_performance(services: ServicesDep, request: ExportRequest) -> Response:
    """Download a CSV, XLSX or JSON file, or push the JSON, signed, to the address in the service's settings."""
    if request.push:
        _refuse_file_fields(request)
        return JSONResponse(_push(services, request.period).model_dump(mode="json"))
    content, media_type, name = services.performance.export(request.period, request.format, request.shop)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


@router.get(
    "/deliveries",
    dependencies=[needs(Permission.EXPORT, everything=True)],
    summary="List pushes",
    responses=problems(422, 503),
)
def list_deliveries(
    services: ServicesDep, limit: Annotated[int, Query(ge=1, le=200, description="How many attempts.")] = 50
) -> DeliveryList:
    """Every attempt, the newest first."""
    records = services.performance.deliveries(limit)
    return DeliveryList(deliveries=[DeliveryDocument.model_validate(record) for record in records])


def _refuse_file_fields(request: ExportRequest) -> None:
    for field in ("shop", "format"):
        if field in request.model_fields_set:
            message = f"{field}: only a file takes it; a push is always the JSON of all shops"
            raise InvalidInput(message, code=ErrorCode.INVALID_FIELD, field=field)


def _push(services: Services, period: str) -> DeliveryDocument:
    if services.settings.push_url is None:
        raise Conflict("no push address is configured: set QA_PUSH_URL and QA_PUSH_SECRET")
    record = DeliveryDocument.model_validate(services.performance.push(period))
    if not record.delivered:
        message = "the receiver did not take the push; GET /v1/performance/deliveries lists the attempts"
        raise Unavailable(message, code=ErrorCode.DELIVERY_FAILED)
    return record
