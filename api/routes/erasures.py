"""Erasing one customer's data: ask for it, see where it stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Id, KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.erasure import ErasureDocument, ErasureList, ErasureRequest
from qa_service.domain.erasure import Erasure
from qa_service.domain.identity import Permission
from qa_service.workflows.erasure import LONGEST_LIST

router = APIRouter(prefix="/v1/erasures", tags=["erasures"], route_class=KeyedRoute)


@router.post(
    "",
    dependencies=[needs(Permission.ERASE)],
    status_code=202,
    summary="Erase a customer's data",
    responses=problems(400, 413, 422, 503),
)
def request_erasure(services: ServicesDep, request: ErasureRequest) -> ErasureDocument:
    """Note the request and erase soon: all text of the customer's conversations, and who the customer is.

    Figures, scores and decisions stay. It cannot be undone.
    """
    erasure = services.eraser.request(request.customer_id, source=request.source, shop=request.shop)
    services.erase_soon()
    return _document(erasure)


@router.get("", dependencies=[needs(Permission.ERASE)], summary="List erasures", responses=problems(422, 503))
def list_erasures(
    services: ServicesDep, limit: Annotated[int, Query(ge=1, le=LONGEST_LIST, description="How many.")] = 50
) -> ErasureList:
    """The newest requests first."""
    return ErasureList(erasures=[_document(erasure) for erasure in services.eraser.listing(limit)])


@router.get(
    "/{erasure_id}",
    dependencies=[needs(Permission.ERASE)],
    summary="Read an erasure",
    responses=problems(404, 422, 503),
)
def read_erasure(services: ServicesDep, erasure_id: Id) -> ErasureDocument:
    """Where a request stands."""
    return _document(services.eraser.get(erasure_id))


def _document(erasure: Erasure) -> ErasureDocument:
    return ErasureDocument(
        id=erasure.id,
        state=erasure.state,
        source=erasure.query.source,
        shop=erasure.query.shop,
        requested_by=erasure.requested_by,
        requested_at=erasure.requested_at,
        erased=erasure.erased,
        waiting=erasure.waiting,
        finished_at=erasure.finished_at,
    )
