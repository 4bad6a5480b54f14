"""Findings and the verdicts on them."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.deps import Id, KeyedRoute, ServicesDep
from api.guard import CurrentPrincipal, needs, permission_for
from api.openapi import problems
from api.schemas.review import StoredFindingDocument, VerdictDocument, VerdictRequest
from qa_service.domain.document import finding_document
from qa_service.domain.identity import Permission
from qa_service.domain.records import StoredFinding

router = APIRouter(prefix="/v1", tags=["review"], route_class=KeyedRoute)


@router.get(
    "/findings/{finding_id}",
    dependencies=[needs(Permission.READ)],
    response_model=StoredFindingDocument,
    summary="Read a finding",
    responses=problems(404, 422, 503),
)
def read_finding(services: ServicesDep, finding_id: Id) -> JSONResponse:
    """The finding, its evidence, where it stands and all verdicts."""
    with services.unit_of_work(is_read_only=True) as repository:
        stored = repository.get_finding(finding_id)
    return JSONResponse(_document(stored))


@router.post(
    "/findings/{finding_id}/verdicts",
    dependencies=[needs(Permission.DECIDE, Permission.APPEAL)],
    status_code=201,
    response_model=StoredFindingDocument,
    summary="Decide on a finding",
    responses=problems(400, 404, 409, 410, 413, 422, 503),
)
def add_verdict(
    services: ServicesDep, principal: CurrentPrincipal, finding_id: Id, verdict: VerdictRequest
) -> JSONResponse:
    """Append a verdict and score the conversation anew; verdicts before it stay on record."""
    principal.require(permission_for(verdict.decision))
    stored = services.review().decide(
        finding_id, decision=verdict.decision, comment=verdict.comment, reviewer=verdict.reviewer
    )
    return JSONResponse(_document(stored), status_code=201)


def _document(stored: StoredFinding) -> dict[str, object]:
    return {
        "id": stored.id,
        "conversation_id": stored.conversation_id,
        "external_id": stored.external_id,
        "state": stored.state,
        "finding": finding_document(stored.finding),
        "verdicts": [VerdictDocument.model_validate(verdict).model_dump(mode="json") for verdict in stored.verdicts],
    }
