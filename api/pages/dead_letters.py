"""Chats that could not be inspected: the cause of each, and the way back into the queue."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Id, ServicesDep
from api.guard import needs
from api.pages.rendering import PageRoute, render
from api.pages.session import CurrentViewer, PostingViewer
from qa_service.domain.identity import Permission

router = APIRouter(prefix="/dead-letters", route_class=PageRoute)

PAGE_ROWS = 50

Text = Annotated[str, Query(max_length=200)]


@router.get("", dependencies=[needs(Permission.OPERATE)])
def show_dead_letters(
    request: Request, services: ServicesDep, viewer: CurrentViewer, error: Text = "", cursor: Text = ""
) -> Response:
    """One page, newest first, of all causes or one."""
    page = services.dead_letters.listing(limit=PAGE_ROWS, cursor=cursor or None, error=error or None)
    zone = ZoneInfo(services.settings.report_zone)
    return render(request, "dead_letters.html", page=page, error=error, zone=zone, form_token=viewer.form_token)


@router.post("/requeue", dependencies=[needs(Permission.OPERATE)])
def requeue_all(
    services: ServicesDep, viewer: PostingViewer, error: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """All of them, or all with one cause."""
    services.dead_letters.requeue_all(error=error or None)
    return RedirectResponse("/dead-letters", status_code=303)


@router.post("/{conversation_id}/requeue", dependencies=[needs(Permission.OPERATE)])
def requeue_one(services: ServicesDep, viewer: PostingViewer, conversation_id: Id) -> Response:
    """One of them."""
    services.dead_letters.requeue(conversation_id)
    return RedirectResponse("/dead-letters", status_code=303)
