"""Logging in with a one-time link, logging out, the reviewer's name."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Services, ServicesDep
from api.guard import OPEN, SIGNED_IN
from api.pages.rendering import PageRoute, render
from api.pages.session import (
    DEFAULT_NAME,
    NAME_COOKIE,
    SESSION_COOKIE,
    PostingViewer,
    begin_session,
    clean_name,
    end_session,
    find_viewer,
    remember_name,
)

router = APIRouter(route_class=PageRoute)

HOME = "/queue"
Token = Annotated[str, Form(max_length=200)]
Name = Annotated[str, Form(max_length=200)]


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
        return render(request, "login.html", is_spent=False, is_logged_out=out)
    return _log_in(request, services, token=token, name=unquote(request.cookies.get(NAME_COOKIE, "")))


@router.post("/login", dependencies=[OPEN])
def send_login_form(request: Request, services: ServicesDep, token: Token = "", name: Name = "") -> Response:
    """Log in with a token typed in and a name; the one-time token is also the proof that no other page sent this."""
    return _log_in(request, services, token=token.strip(), name=name)


@router.post("/logout", dependencies=[SIGNED_IN])
def log_out(request: Request, viewer: PostingViewer, services: ServicesDep) -> Response:
    """End the session here and in the browser."""
    services.access.log_out(request.cookies[SESSION_COOKIE])
    response = RedirectResponse("/login?out=true", status_code=303)
    end_session(response)
    return response


@router.post("/name", dependencies=[SIGNED_IN])
def change_name(request: Request, viewer: PostingViewer, name: Name = "") -> Response:
    """Sign with this name from now on; an empty one keeps the old."""
    response = RedirectResponse(HOME, status_code=303)
    if cleaned := clean_name(name):
        remember_name(request, response, cleaned)
    return response


def _log_in(request: Request, services: Services, *, token: str, name: str) -> Response:
    name = clean_name(name)
    secret = services.access.log_in(token, name or DEFAULT_NAME)
    if secret is None:
        return render(request, "login.html", status=401, address="/login", is_spent=True, is_logged_out=False)
    response = RedirectResponse(HOME, status_code=303)
    begin_session(request, response, secret)
    if name:
        remember_name(request, response, name)
    return response
