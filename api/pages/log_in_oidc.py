"""Logging in at the identity provider: to it, and back from it. Both are open, and offered only where one is set."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Services, ServicesDep
from api.guard import OPEN
from api.pages.rendering import PageRoute, render, render_login
from api.pages.session import SESSION_COOKIE, begin_session
from qa_service.domain.oidc import LogInRefused, Refusal
from qa_service.errors import NotFound, NotPermitted
from qa_service.workflows.log_in_oidc import OidcLogIn

START = "/login/oidc"
BACK = "/login/oidc/callback"
COOKIE = "qa_oidc"
"""Ties what comes back to the browser that went. Lax, as the provider's page is what sends the browser back."""
COOKIE_SECONDS = 600
"""How long one may take at the provider."""

ANSWERS = {
    Refusal.PROVIDER: (503, "oidc_unavailable"),
    Refusal.EMAIL_UNVERIFIED: (403, "oidc_unverified"),
    Refusal.NO_USER: (403, "oidc_unknown"),
    Refusal.INACTIVE: (403, "oidc_unknown"),
}
"""Status and words of a refusal. The others are an attempt that did not belong here: one page for all of them."""
REFUSED = (401, "oidc_refused")

router = APIRouter(route_class=PageRoute)


@router.get("/login/oidc", dependencies=[OPEN])
def go_to_provider(request: Request, services: ServicesDep) -> Response:
    """Send the browser to the provider, with the secret that it has to bring back.

    Raises:
        NotFound: no provider is set.
    """
    try:
        begun = _log_in(services).begin(address=_address(request), redirect_uri=_back(request))
    except (LogInRefused, NotPermitted) as error:
        return _refused(request, error)
    response = RedirectResponse(begun.url, status_code=303)
    response.set_cookie(
        COOKIE,
        begun.secret,
        max_age=COOKIE_SECONDS,
        path=START,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/login/oidc/callback", dependencies=[OPEN])
def come_back(
    request: Request,
    services: ServicesDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=8000)] = "",
) -> Response:
    """Open a session for whom the provider vouches.

    The answer is a page that goes on by itself, not a redirect: the session's cookie is not sent on a way that began at
    another site.

    Raises:
        NotFound: no provider is set.
    """
    try:
        secret = _log_in(services).finish(
            secret=request.cookies.get(COOKIE),
            state=state,
            code=code,
            address=_address(request),
            redirect_uri=_back(request),
            before=request.cookies.get(SESSION_COOKIE),
        )
    except (LogInRefused, NotPermitted) as error:
        return _done(_refused(request, error))
    response = render(request, "entered.html", address="/queue")
    begin_session(request, response, secret, life=services.access.session_life)
    return _done(response)


def _log_in(services: Services) -> OidcLogIn:
    if services.log_in_oidc is None:
        raise NotFound("no identity provider is set")
    return services.log_in_oidc


def _refused(request: Request, error: LogInRefused | NotPermitted) -> Response:
    if isinstance(error, NotPermitted):
        return render_login(request, status=429, notice="throttled")
    status, notice = ANSWERS.get(error.reason, REFUSED)
    return render_login(request, status=status, notice=notice)


def _done(response: Response) -> Response:
    """The secret is worth nothing from now on."""
    response.delete_cookie(COOKIE, path=START, httponly=True, samesite="lax")
    return response


def _back(request: Request) -> str:
    # the provider compares it with what is registered there, so that a forged Host leads nowhere
    return f"{request.url.scheme}://{request.url.netloc}{BACK}"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
