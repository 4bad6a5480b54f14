"""One chat: what was said, what was found, how the customer felt, the scores; and the verdicts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Services, ServicesDep, learning_of
from api.guard import needs, permission_for
from api.pages.assignments import reviewers_for
from api.pages.chat_view import chat_view
from api.pages.rendering import PageRoute, render, words_of
from api.pages.session import CurrentViewer, PostingViewer
from api.schemas.base import Name
from qa_service.domain.identity import Permission
from qa_service.domain.mood import Emotion
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision
from qa_service.errors import ErrorCode, InvalidInput, NotFound

router = APIRouter(route_class=PageRoute)

COMMENT_LENGTH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a reviewer sends about a finding."""

    finding_id: str
    decision: Decision
    comment: str


def judgement_of(
    finding_id: str,
    decision: Annotated[Decision, Form()],
    comment: Annotated[str, Form(max_length=COMMENT_LENGTH, pattern=r"^[^\x00]*$")] = "",
) -> Judgement:
    """Read the form."""
    return Judgement(finding_id=finding_id, decision=decision, comment=comment.strip())


@router.get("/chats/{conversation_id}", dependencies=[needs(Permission.READ)])
def show_chat(request: Request, services: ServicesDep, viewer: CurrentViewer, conversation_id: str) -> Response:
    """The chat with its newest result."""
    return _chat_page(request, services, conversation_id)


@router.post("/chats/{conversation_id}/unmask", dependencies=[needs(Permission.UNMASK)])
def unmask(request: Request, services: ServicesDep, viewer: PostingViewer, conversation_id: str) -> Response:
    """The chat with its personal data in the clear, this once; that it was shown is in the audit log."""
    stored = services.personal_data.unmasked(conversation_id, viewer.principal)
    return _render_chat(request, services, stored, is_unmasked=True)


@router.post(
    "/chats/{conversation_id}/findings/{finding_id}/verdict", dependencies=[needs(Permission.DECIDE, Permission.APPEAL)]
)
def decide(
    request: Request,
    services: ServicesDep,
    viewer: PostingViewer,
    conversation_id: str,
    judgement: Annotated[Judgement, Depends(judgement_of)],
) -> Response:
    """Record a verdict; the scores are computed anew. A missing comment is asked for beside the finding."""
    viewer.principal.require(permission_for(judgement.decision))
    review = services.review()
    finding = review.finding(judgement.finding_id)
    if finding.conversation_id != conversation_id:
        raise NotFound("no such finding in this chat")
    try:
        review.decide(finding.id, decision=judgement.decision, comment=judgement.comment, reviewer=viewer.name)
    except InvalidInput as error:
        if error.code is not ErrorCode.MISSING_FIELD:
            raise
        return _chat_page(request, services, conversation_id, needs_comment=finding.id, status=422)
    return RedirectResponse(f"/chats/{conversation_id}#finding-{finding.finding.key}", status_code=303)


@router.post("/chats/{conversation_id}/clear", dependencies=[needs(Permission.DECIDE)])
def clear(
    services: ServicesDep,
    viewer: PostingViewer,
    conversation_id: str,
    comment: Annotated[str, Form(max_length=COMMENT_LENGTH, pattern=r"^[^\x00]*$")] = "",
) -> Response:
    """Record that there is nothing in what the model only suspected."""
    services.review().dismiss_suspicion(conversation_id, comment.strip(), viewer.name)
    return RedirectResponse(f"/chats/{conversation_id}#suspicions", status_code=303)


@router.post("/chats/{conversation_id}/moods", dependencies=[needs(Permission.DECIDE)])
def correct_mood(
    services: ServicesDep,
    viewer: PostingViewer,
    conversation_id: str,
    turn_id: Annotated[Name, Form()],
    emotion: Annotated[Emotion, Form()],
) -> Response:
    """Record which emotion the reviewer hears in a customer turn; no score changes."""
    learning_of(services).correct_mood(conversation_id, turn_id=turn_id, emotion=emotion, reviewer=viewer.name)
    return RedirectResponse(f"/chats/{conversation_id}#turn-{quote(turn_id)}", status_code=303)


def _chat_page(
    request: Request, services: Services, conversation_id: str, *, needs_comment: str | None = None, status: int = 200
) -> Response:
    with services.unit_of_work(is_read_only=True) as repository:
        stored = repository.get(conversation_id)
    return _render_chat(request, services, stored, needs_comment=needs_comment, status=status)


def _render_chat(
    request: Request,
    services: Services,
    stored: StoredConversation,
    *,
    needs_comment: str | None = None,
    status: int = 200,
    is_unmasked: bool = False,
) -> Response:
    view = chat_view(
        stored,
        words=words_of(request),
        zone=ZoneInfo(services.settings.report_zone),
        bands=services.performance.bands,
    )
    return render(
        request,
        "chat.html",
        status=status,
        address=f"/chats/{stored.id}",
        view=view,
        is_unmasked=is_unmasked,
        reviewers=reviewers_for(services, request.state.viewer),
        may_unmask=request.state.viewer.principal.may(Permission.UNMASK),
        needs_comment=needs_comment,
        comment_length=COMMENT_LENGTH,
    )
