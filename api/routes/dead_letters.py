"""Dead letters: what could not be inspected; list it, queue it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Id, KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.base import Name
from api.schemas.dead_letter import DeadLetterPage, DeadLetterRow, RequeueAnswer, RequeueRequest
from qa_service.domain.identity import Permission
from qa_service.errors import ErrorCode

router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], route_class=KeyedRoute)


@router.get("", dependencies=[needs(Permission.OPERATE)], summary="List dead letters", responses=problems(422, 503))
def list_dead_letters(
    services: ServicesDep,
    error: Annotated[ErrorCode | None, Query(description="Only those with this code.")] = None,
    cursor: Annotated[Name | None, Query(description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeadLetterPage:
    """Conversations whose inspection was given up, with the cause, newest first."""
    page = services.dead_letters.listing(limit=limit, cursor=cursor, error=error)
    return DeadLetterPage(
        dead_letters=[DeadLetterRow.model_validate(row) for row in page.rows], next_cursor=page.next_cursor
    )


@router.post(
    "/{conversation_id}/requeue",
    dependencies=[needs(Permission.OPERATE)],
    status_code=202,
    summary="Inspect one again",
    responses=problems(404, 409, 410, 422, 503),
)
def requeue_dead_letter(services: ServicesDep, conversation_id: Id) -> RequeueAnswer:
    """Make it pending, as if it had just come; `409` if it has not failed."""
    services.dead_letters.requeue(conversation_id)
    return RequeueAnswer(requeued=1)


@router.post(
    "/requeue",
    dependencies=[needs(Permission.OPERATE)],
    status_code=202,
    summary="Inspect all again",
    responses=problems(400, 413, 422, 503),
)
def requeue_dead_letters(services: ServicesDep, request: RequeueRequest) -> RequeueAnswer:
    """Make all of them (with this code) pending, behind live conversations."""
    return RequeueAnswer(requeued=services.dead_letters.requeue_all(error=request.error))
