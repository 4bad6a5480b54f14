"""The audit log as a page: who did what on what, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api.deps import ServicesDep
from api.guard import needs
from api.pages.rendering import PageRoute, render
from qa_service.domain.audit import AuditEvent, AuditFilter, AuditRecord
from qa_service.domain.identity import Permission
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.workflows.audit import AuditTrail

router = APIRouter(prefix="/audit", route_class=PageRoute)

PAGE_ROWS = 50

Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value of an act; `before` and `after` are None where it had none."""

    name: str
    before: str | None
    after: str | None


@router.get("", dependencies=[needs(Permission.READ_AUDIT)])
def show_audit(request: Request, services: ServicesDep, event: Text = "", by: Text = "", cursor: Text = "") -> Response:
    """One page, of all acts or those of one kind or person."""
    if event and event not in list(AuditEvent):
        raise InvalidInput("event: no such kind of act", code=ErrorCode.INVALID_FIELD, field="event")
    trail = AuditTrail(unit_of_work=services.unit_of_work, clock=services.clock)
    query = AuditFilter(
        event=AuditEvent(event) if event else None, by=by.strip() or None, cursor=cursor or None, limit=PAGE_ROWS
    )
    page = trail.listing(query)
    return render(
        request,
        "audit.html",
        rows=[(record, changes(record)) for record in page.rows],
        next_cursor=page.next_cursor,
        event=event,
        by=by.strip(),
        events=list(AuditEvent),
        zone=ZoneInfo(services.settings.report_zone),
    )


def changes(record: AuditRecord) -> list[Change]:
    """What the act changed, value by value: `a-7 total`, `70`, `100`; a value that stayed is left out."""
    before, after = _flat(record.entry.before or {}), _flat(record.entry.after or {})
    return [
        Change(name=name, before=before.get(name), after=after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name} ")
        elif isinstance(value, list):
            flat[prefix + name] = ", ".join(map(str, value))
        elif value is not None:
            flat[prefix + name] = str(value)
    return flat
