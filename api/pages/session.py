"""Who looks at a page: the session cookie, the reviewer's name and the form token. Owns no secrets (`workflows.access`)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Form, Request, Response

from api.deps import Services
from api.guard import permission_for
from qa_service.domain.access import User
from qa_service.domain.identity import Permission, Principal, Role
from qa_service.domain.review import Decision
from qa_service.errors import ErrorCode, NotPermitted

SESSION_COOKIE = "qa_session"
VISIT_COOKIE = "qa_visit"
"""Ties the log-in form to the browser that it was served to, before there is a session."""
NAME_COOKIE = "qa_reviewer"
NAME_LIFE_SECONDS = 365 * 24 * 3600
NAME_LENGTH = 80
DEFAULT_NAME = "reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A logged-in person. `form_token` proves that a form was served to this session.

    `user` is None for whoever opened a one-time link.
    """

    principal: Principal
    user: User | None
    form_token: str

    @property
    def name(self) -> str:
        """What signs the verdicts."""
        return self.principal.name

    def choices(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Those of the decisions that the viewer may take."""
        return [decision for decision in decisions if self.principal.may(permission_for(decision))]

    @property
    def display_name(self) -> str | None:
        """The name as people say it; None for whoever opened a one-time link."""
        return self.user.display_name if self.user else None

    @property
    def may_take(self) -> bool:
        """Whether the viewer may take chats that nobody reviews: not where assigned ones are all that the viewer sees."""
        return self.principal.may(Permission.DECIDE) and self.principal.scope.assigned_to is None

    @property
    def may_change_name(self) -> bool:
        """Whether the name is the viewer's own choice: a user's is not, for it signs what the user decided."""
        return self.user is None


def viewer_of(request: Request) -> Viewer:
    """The viewer whom the page's route let in.

    Raises:
        NotPermitted: (`not_authenticated`) the page is open to all and nobody was asked for.
    """
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    if viewer is None:
        raise NotPermitted("log in with the link that the service printed", code=ErrorCode.NOT_AUTHENTICATED)
    return viewer


def find_viewer(request: Request, services: Services) -> Viewer | None:
    """The viewer of the session cookie, or None."""
    secret = request.cookies.get(SESSION_COOKIE)
    session = services.access.session(secret) if secret else None
    if secret is None or session is None:
        return None
    if session.user is not None:
        return Viewer(principal=session.user.principal, user=session.user, form_token=form_token(secret))
    # whoever has the one-time link runs the service, and signs with the name of his or her choice
    name = clean_name(unquote(request.cookies.get(NAME_COOKIE, ""))) or session.name
    return Viewer(principal=Principal(name=name, role=Role.ADMIN), user=None, form_token=form_token(secret))


def form_token(secret: str) -> str:
    """A token that only the holder of the session can make; it tells nothing about the session."""
    return hmac.new(secret.encode(), b"qa-service form", hashlib.sha256).hexdigest()


def posting_viewer(
    viewer: Annotated[Viewer, Depends(viewer_of)], form_token: Annotated[str, Form(max_length=64)] = ""
) -> Viewer:
    """The reviewer who sends a form that was served to the same session.

    Raises:
        NotPermitted: the form is another session's, or somebody else's page sent it.
    """
    if not hmac.compare_digest(form_token.encode(), viewer.form_token.encode()):
        raise NotPermitted("the form belongs to another session", code=ErrorCode.NOT_PERMITTED, field="form_token")
    return viewer


def visit_of(request: Request) -> str:
    """The secret of a browser that is not logged in; a new one at its first visit."""
    return request.cookies.get(VISIT_COOKIE) or secrets.token_urlsafe(32)


def begin_visit(request: Request, response: Response, visit: str) -> None:
    """Hand the secret to the browser, until it is closed."""
    response.set_cookie(
        VISIT_COOKIE, visit, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def is_own_form(request: Request, token: str) -> bool:
    """Whether the log-in form was served to this browser: another site could log somebody in as somebody else."""
    visit = request.cookies.get(VISIT_COOKIE)
    return visit is not None and hmac.compare_digest(token.encode(), form_token(visit).encode())


def clean_name(name: str) -> str:
    """The name as it is shown: printable, trimmed, of bounded length; may be empty."""
    return "".join(character for character in name if character.isprintable()).strip()[:NAME_LENGTH]


def begin_session(request: Request, response: Response, secret: str, *, life: timedelta) -> None:
    """Hand the session to the browser: out of reach of scripts and of other sites."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(life.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def remember_name(request: Request, response: Response, name: str) -> None:
    """Keep the reviewer's name for this and later sessions."""
    response.set_cookie(
        NAME_COOKIE,
        quote(name),
        max_age=NAME_LIFE_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def end_session(response: Response) -> None:
    """Take the session out of the browser; the name stays."""
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


CurrentViewer = Annotated[Viewer, Depends(viewer_of)]
PostingViewer = Annotated[Viewer, Depends(posting_viewer)]
