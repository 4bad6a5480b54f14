"""Which reviewer each chat is for: the page of QA leads, and the buttons of the queue and of a chat."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Id, Services, ServicesDep, assignments_of
from api.guard import needs
from api.pages.rendering import PageRoute, render
from api.pages.session import CurrentViewer, PostingViewer, Viewer
from api.schemas.base import Name
from qa_service.domain.assignment import Reviewer
from qa_service.domain.identity import Permission

router = APIRouter(route_class=PageRoute)

PAGE = "/assignments"
MOST_TICKED = 200
Text = Annotated[str, Form(max_length=200, pattern=r"^[^\x00]*$")]
Ticked = Annotated[list[Name], Form(max_length=MOST_TICKED, default_factory=list)]


def reviewers_for(services: Services, viewer: Viewer) -> tuple[Reviewer, ...]:
    """Whom the viewer may give chats to; nobody where the viewer may not."""
    return assignments_of(services).reviewers() if viewer.principal.may(Permission.ASSIGN) else ()


@router.get(PAGE, dependencies=[needs(Permission.ASSIGN)])
def show_assignments(request: Request, services: ServicesDep, viewer: CurrentViewer) -> Response:
    """Who reviews, what waits for each, and how much nobody has."""
    work = assignments_of(services)
    return render(request, "assignments.html", reviewers=work.reviewers(), unassigned=work.count_unassigned())


@router.post(f"{PAGE}/share", dependencies=[needs(Permission.ASSIGN)])
def share(services: ServicesDep, viewer: PostingViewer, reviewer: Ticked, shop: Text = "") -> Response:
    """Deal out what nobody has among the ticked reviewers; nobody ticked leaves all as it is."""
    if reviewer:
        assignments_of(services).share(reviewer, shop=shop.strip() or None)
    return RedirectResponse(PAGE, status_code=303)


@router.post(f"{PAGE}/return", dependencies=[needs(Permission.ASSIGN)])
def take_back(services: ServicesDep, viewer: PostingViewer, reviewer: Text) -> Response:
    """Take back what a reviewer has not begun with."""
    assignments_of(services).take_back(reviewer)
    return RedirectResponse(PAGE, status_code=303)


@router.post("/queue/assign", dependencies=[needs(Permission.ASSIGN)])
def assign_ticked(
    services: ServicesDep,
    viewer: PostingViewer,
    conversation_id: Ticked,
    reviewer: Text = "",
    query: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Give the ticked chats to a reviewer, or to nobody; then show the same page of the queue."""
    if conversation_id:
        assignments_of(services).assign_many(conversation_id, reviewer or None)
    return RedirectResponse(f"/queue?{urlencode(parse_qsl(query))}", status_code=303)


@router.post("/queue/next", dependencies=[needs(Permission.DECIDE)])
def take_next(services: ServicesDep, viewer: PostingViewer, shop: Text = "") -> Response:
    """Open the most urgent chat that nobody has, as the viewer's own; where nothing waits, the viewer's own ones."""
    taken = assignments_of(services).take_next(viewer.principal, shop=shop or None)
    return RedirectResponse(f"/chats/{taken}" if taken else "/queue?assignment=mine", status_code=303)


@router.post("/chats/{conversation_id}/assignee", dependencies=[needs(Permission.ASSIGN, Permission.DECIDE)])
def assign_chat(services: ServicesDep, viewer: PostingViewer, conversation_id: Id, reviewer: Text = "") -> Response:
    """Give the chat to a reviewer, take it or give it back; whoever does not see it any more lands in the queue."""
    assignee = assignments_of(services).assign(conversation_id, reviewer or None, by=viewer.principal)
    is_hidden = viewer.principal.scope.assigned_to not in (None, assignee)
    return RedirectResponse("/queue" if is_hidden else f"/chats/{conversation_id}", status_code=303)
