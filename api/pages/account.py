"""The viewer's own account: another password, and the end of sessions left open elsewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import ServicesDep
from api.guard import SIGNED_IN
from api.pages.rendering import PageRoute, render
from api.pages.session import SESSION_COOKIE, CurrentViewer, PostingViewer, Viewer
from qa_service.domain.access import User
from qa_service.errors import ErrorCode, InvalidInput, NotPermitted
from qa_service.workflows.own_account import OwnAccount

router = APIRouter(prefix="/account", route_class=PageRoute)

PAGE = "/account"
Password = Annotated[str, Form(max_length=1000, pattern=r"^[^\x00]*$")]


class Done(StrEnum):
    """What the page says was done."""

    CHANGED = "password"
    ENDED = "sessions"


@router.get("", dependencies=[SIGNED_IN])
def show_account(request: Request, viewer: CurrentViewer, done: Annotated[Done | None, Query()] = None) -> Response:
    """What the viewer may change about himself or herself."""
    return _page(request, _user_of(viewer), notice=f"done_{done}" if done else "")


@router.post("/password", dependencies=[SIGNED_IN])
def change_password(
    *,
    request: Request,
    services: ServicesDep,
    viewer: PostingViewer,
    old: Password = "",
    new: Password = "",
    again: Password = "",
) -> Response:
    """Take a new password; whoever is logged in elsewhere as this user is logged out."""
    user = _user_of(viewer)
    if new != again:
        return _page(request, user, notice="not_the_same", status=422)
    address = request.client.host if request.client else ""
    try:
        is_right = OwnAccount(door=services.log_in).change_password(
            user, old, new, address=address, session=request.cookies[SESSION_COOKIE]
        )
    except InvalidInput:
        return _page(request, user, notice="bad_password", status=422)
    except NotPermitted as error:
        if error.code is not ErrorCode.TOO_MANY_ATTEMPTS:
            raise
        return _page(request, user, notice="throttled", status=429)
    if not is_right:
        return _page(request, user, notice="wrong_password", status=403)
    return RedirectResponse(f"{PAGE}?done={Done.CHANGED}", status_code=303)


@router.post("/sessions", dependencies=[SIGNED_IN])
def end_other_sessions(request: Request, services: ServicesDep, viewer: PostingViewer) -> Response:
    """Log the viewer out everywhere else."""
    OwnAccount(door=services.log_in).end_other_sessions(_user_of(viewer), request.cookies[SESSION_COOKIE])
    return RedirectResponse(f"{PAGE}?done={Done.ENDED}", status_code=303)


def _user_of(viewer: Viewer) -> User:
    """The user who is logged in.

    Raises:
        NotPermitted: somebody opened a one-time link, who has neither a password nor other sessions.
    """
    if viewer.user is None:
        raise NotPermitted("whoever opened a one-time link has no account", code=ErrorCode.NOT_PERMITTED, field="name")
    return viewer.user


def _page(request: Request, user: User, *, notice: str, status: int = 200) -> Response:
    return render(request, "account.html", status=status, address=PAGE, user=user, notice=notice)
