"""The audit log: who did what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.audit import AuditList, AuditRow
from api.schemas.base import Name
from qa_service.domain.audit import AuditEvent, AuditFilter
from qa_service.domain.identity import Permission
from qa_service.workflows.audit import AuditTrail

router = APIRouter(prefix="/v1/audit", tags=["operation"], route_class=KeyedRoute)


@router.get("", dependencies=[needs(Permission.READ_AUDIT)], summary="Who did what", responses=problems(422, 503))
def list_audit(
    services: ServicesDep,
    event: Annotated[AuditEvent | None, Query(description="Only this kind of act.")] = None,
    by: Annotated[Name | None, Query(description="Only acts of this person or program.")] = None,
    cursor: Annotated[Name | None, Query(description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditList:
    """Rows of the append-only log, newest first. `qa-service audit verify` holds them against their hashes."""
    trail = AuditTrail(unit_of_work=services.unit_of_work, clock=services.clock)
    page = trail.listing(AuditFilter(event=event, by=by, cursor=cursor, limit=limit))
    rows = [AuditRow.model_validate(record.document()) for record in page.rows]
    return AuditList(rows=rows, next_cursor=page.next_cursor)
