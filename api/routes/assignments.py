"""Which reviewer each chat is for: given, shared, taken, taken back."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Id, KeyedRoute, ServicesDep, assignments_of
from api.guard import CurrentPrincipal, needs
from api.openapi import problems
from api.schemas.assignments import (
    AssigneeDocument,
    AssigneeRequest,
    AssignmentAnswer,
    AssignmentRequest,
    NextAnswer,
    NextRequest,
    ReturnRequest,
    ReviewerDocument,
    ReviewerList,
    ShareAnswer,
    ShareRequest,
)
from qa_service.domain.assignment import Reassigned
from qa_service.domain.identity import Permission

router = APIRouter(prefix="/v1", tags=["review"], route_class=KeyedRoute)


@router.get("/assignments", dependencies=[needs(Permission.ASSIGN)], summary="List reviewers", responses=problems(503))
def list_reviewers(services: ServicesDep) -> ReviewerList:
    """Whom chats can be assigned to, with what waits for each, and how much nobody reviews yet."""
    work = assignments_of(services)
    return ReviewerList(
        reviewers=[ReviewerDocument.model_validate(one) for one in work.reviewers()], unassigned=work.count_unassigned()
    )


@router.post(
    "/assignments",
    dependencies=[needs(Permission.ASSIGN)],
    summary="Assign chats",
    responses=problems(400, 404, 413, 422, 503),
)
def assign_chats(services: ServicesDep, request: AssignmentRequest) -> AssignmentAnswer:
    """Give chats to a reviewer, or to nobody; what somebody else has begun to decide about stays there."""
    return _answer(assignments_of(services).assign_many(request.conversation_ids, request.reviewer))


@router.post(
    "/assignments/share",
    dependencies=[needs(Permission.ASSIGN)],
    summary="Share the open queue",
    responses=problems(400, 413, 422, 503),
)
def share_queue(services: ServicesDep, request: ShareRequest) -> ShareAnswer:
    """Deal out what nobody reviews, the worst first, so that these reviewers end with about as many open chats.

    Nothing is taken from anybody; nobody gets what is out of the own scope. Up to 5,000 chats at a time.
    """
    return ShareAnswer(shared=assignments_of(services).share(request.reviewers, shop=request.shop))


@router.post(
    "/assignments/return",
    dependencies=[needs(Permission.ASSIGN)],
    summary="Take chats back",
    responses=problems(400, 413, 422, 503),
)
def take_back(services: ServicesDep, request: ReturnRequest) -> AssignmentAnswer:
    """Let nobody have this person's open chats, but for those that somebody has begun to decide about."""
    return _answer(assignments_of(services).take_back(request.reviewer))


@router.post(
    "/assignments/next",
    dependencies=[needs(Permission.DECIDE)],
    summary="Take the next chat",
    responses=problems(400, 413, 422, 503),
)
def take_next(services: ServicesDep, principal: CurrentPrincipal, request: NextRequest) -> NextAnswer:
    """Assign the most urgent chat that nobody reviews to whoever calls; of two at once each gets another."""
    return NextAnswer(conversation_id=assignments_of(services).take_next(principal, shop=request.shop))


@router.post(
    "/conversations/{conversation_id}/assignee",
    dependencies=[needs(Permission.ASSIGN, Permission.DECIDE)],
    summary="Assign a chat",
    responses=problems(400, 404, 409, 413, 422, 503),
)
def assign_chat(
    services: ServicesDep, principal: CurrentPrincipal, conversation_id: Id, request: AssigneeRequest
) -> AssigneeDocument:
    """Give a chat to a reviewer, or to nobody.

    Without `assign` one takes what nobody has, and gives back what is one's own.
    """
    assignee = assignments_of(services).assign(conversation_id, request.reviewer, by=principal)
    return AssigneeDocument(conversation_id=conversation_id, assignee=assignee)


def _answer(done: Reassigned) -> AssignmentAnswer:
    return AssignmentAnswer(changed=done.changed, kept=done.kept)
