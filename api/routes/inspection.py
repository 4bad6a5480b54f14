"""Inspecting at once, with nothing stored."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.deps import KeyedRoute, PostedConversation, ServicesDep
from api.guard import needs
from api.openapi import body_ref, problems
from api.schemas.result import InspectionResult
from qa_service.domain.document import inspection_document
from qa_service.domain.identity import Permission

router = APIRouter(prefix="/v1", tags=["inspection"], route_class=KeyedRoute)


@router.post(
    "/inspect",
    dependencies=[needs(Permission.SUBMIT)],
    response_model=InspectionResult,
    summary="Inspect a conversation, store nothing",
    responses=problems(400, 413, 422, 503),
    openapi_extra=body_ref("ConversationDocument"),
)
def inspect_conversation(
    services: ServicesDep,
    conversation: PostedConversation,
    all_outcomes: Annotated[
        bool, Query(description="List clear and not applicable outcomes and shadow rules too.")
    ] = False,
) -> JSONResponse:
    """The same result as `qa-service inspect` gives."""
    inspector = services.inspector()
    began = time.perf_counter()
    (inspection,) = inspector.inspect([conversation])
    services.telemetry.inspected(inspection, time.perf_counter() - began)
    return JSONResponse(inspection_document(inspection, all_outcomes=all_outcomes))
