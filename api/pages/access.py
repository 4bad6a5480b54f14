"""Logging in with a one-time link or a password, logging out, the reviewer's name."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Services, ServicesDep
from api.guard import OPEN, SIGNED_IN
from api.pages.rendering import PageRoute, render_login
from api.pages.session import (
    DEFAULT_NAME,
    NAME_COOKIE,
    SESSION_COOKIE,
    PostingViewer,
    begin_session,
    clean_name,
    end_session,
    find_viewer,
    is_own_form,
    remember_name,
)
from qa_service.errors import ErrorCode, NotPermitted

router = APIRouter(route_class=PageRoute)

HOME = "/queue"
Token = Annotated[str, Form(max_length=200)]
Name = Annotated[str, Form(max_length=200, pattern=r"^[^\x00]*$")]
Password = Annotated[str, Form(max_length=1000, pattern=r"^[^\x00]*$")]


@router.get("/login", dependencies=[OPEN])
def open_link(
    request: Request, services: ServicesDep, token: Annotated[str, Query(max_length=200)] = "", out: bool = False
) -> Response:
    """Spend the token of the link for a session; without a token, say how to get a link.

    The session is opened by a GET, as the link is made to be clicked. Whoever is logged in already keeps the session,
    so that a link opened twice leads to the queue and not to an error.
    """
    if find_viewer(request, services) is not None:
        return RedirectResponse(HOME, status_code=303)
    if not token:
        return render_login(request, notice="logged_out" if out else "")
    return _log_in(request, services, token=token, name=unquote(request.cookies.get(NAME_COOKIE, "")))


@router.post("/login", dependencies=[OPEN])
def send_login_form(request: Request, services: ServicesDep, token: Token = "", name: Name = "") -> Response:
    """Log in with a token typed in and a name; the one-time token is also the proof that no other page sent this."""
    return _log_in(request, services, token=token.strip(), name=name)


@router.post("/login/password", dependencies=[OPEN])
def send_password(
    request: Request, services: ServicesDep, form_token: Token = "", name: Name = "", password: Password = ""
) -> Response:
    """Log in with a name and a password. Every failure looks the same; the session before ends with a new one."""
    if not is_own_form(request, form_token):
        return render_login(request, status=403, notice="stale")
    before = request.cookies.get(SESSION_COOKIE)
    address = request.client.host if request.client else ""
    try:
        secret = services.log_in.log_in(name, password, address=address, before=before)
    except NotPermitted:
        return render_login(request, status=429, notice="throttled")
    if secret is None:
        return render_login(request, status=401, notice="wrong")
    response = RedirectResponse(HOME, status_code=303)
    begin_session(request, response, secret, life=services.access.session_life)
    return response


@router.post("/logout", dependencies=[SIGNED_IN])
def log_out(request: Request, viewer: PostingViewer, services: ServicesDep) -> Response:
    """End the session here and in the browser."""
    services.access.log_out(request.cookies[SESSION_COOKIE])
    response = RedirectResponse("/login?out=true", status_code=303)
    end_session(response)
    return response


@router.post("/name", dependencies=[SIGNED_IN])
def change_name(request: Request, viewer: PostingViewer, name: Name = "") -> Response:
    """Sign with this name from now on; an empty one keeps the old. Users sign with their own name.

    Raises:
        NotPermitted: a user.
    """
    if not viewer.may_change_name:
        raise NotPermitted("users sign with their own name", code=ErrorCode.NOT_PERMITTED, field="name")
    response = RedirectResponse(HOME, status_code=303)
    if cleaned := clean_name(name):
        remember_name(request, response, cleaned)
    return response


def _log_in(request: Request, services: Services, *, token: str, name: str) -> Response:
    name = clean_name(name)
    secret = services.access.log_in(token, name or DEFAULT_NAME)
    if secret is None:
        return render_login(request, status=401, notice="spent")
    response = RedirectResponse(HOME, status_code=303)
    begin_session(request, response, secret, life=services.access.session_life)
    if name:
        remember_name(request, response, name)
    return response
