"""Templates to answers: language, navigation, errors as pages. Owns no content."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool

from api.deps import services_of
from api.errors import STATUS_OF
from api.guard import GuardedRoute
from api.pages.language import LANGUAGE_COOKIE, Catalogue, Language, asked_language, catalogue, language_of
from api.pages.reasons import reason_in
from api.pages.session import begin_visit, find_viewer, form_token, visit_of
from api.rates import RateLimited
from qa_service.domain.identity import Permission, Principal
from qa_service.errors import ErrorCode, NotPermitted, QAServiceError

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_LIFE_SECONDS = 365 * 24 * 3600

PLACES = {
    "queue": Permission.READ,
    "assignments": Permission.ASSIGN,
    "agents": Permission.READ,
    "shop": Permission.READ,
    "rules": Permission.READ_RULES,
    "dead-letters": Permission.OPERATE,
    "people": Permission.MANAGE_ACCESS,
    "audit": Permission.READ_AUDIT,
}
"""Entries of the menu, each with what one must be allowed to see it."""

_EXPLAINED = (
    ErrorCode.NOT_FOUND,
    ErrorCode.NOT_PERMITTED,
    ErrorCode.CONFLICT,
    ErrorCode.MISSING_FIELD,
    ErrorCode.INVALID_FIELD,
    ErrorCode.STORE_UNAVAILABLE,
    ErrorCode.RATE_LIMITED,
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = _points
    return environment


def _points(value: Decimal | None) -> str:
    """`73`, `53.4`; a dash where there is no score."""
    return "–" if value is None else f"{float(value):g}"


def _may(principal: Principal | None, permission: str) -> bool:
    """For templates: what the viewer may not do is not offered."""
    return principal is not None and principal.may(Permission(permission))


def words_of(request: Request) -> Catalogue:
    """The strings in the language of the request."""
    return catalogue(language_of(request))


def render(
    request: Request, template: str, *, status: int = 200, address: str | None = None, **content: Any
) -> Response:
    """A page in the language of the request.

    Args:
        request: whose viewer, if there is one, is shown in the head of the page.
        template: file name.
        status: HTTP status.
        address: path of the page where it is not the request's own (an answer to a form).
        content: what the template shows.
    """
    words = words_of(request)
    other = Language.EN if words.language is Language.ZH else Language.ZH
    html = (
        _environment()
        .get_template(template)
        .render(
            t=words.text,
            label=words.label,
            counted=words.counted,
            reason=partial(reason_in, words),
            language=words.language,
            viewer=getattr(request.state, "viewer", None),
            may=partial(_may, getattr(request.state, "principal", None)),
            places=PLACES,
            path=address or request.url.path,
            other_language_link=_in_language(request, other, address),
            **content,
        )
    )
    response = HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
    if asked_language(request) is not None:
        response.set_cookie(
            LANGUAGE_COOKIE, words.language, max_age=LANGUAGE_LIFE_SECONDS, path="/", httponly=True, samesite="strict"
        )
    return response


def render_login(request: Request, *, status: int = 200, notice: str = "") -> Response:
    """The page to log in; `notice` is what to say above the form (`login.NOTICE` of the strings)."""
    visit, services = visit_of(request), services_of(request)
    response = render(
        request,
        "login.html",
        status=status,
        address="/login",
        notice=notice,
        has_users=services.people.exist(),
        has_provider=services.log_in_oidc is not None,
        form_token=form_token(visit),
    )
    begin_visit(request, response, visit)
    return response


def _in_language(request: Request, language: Language, address: str | None) -> str:
    if address is not None:
        return f"{address}?lang={language}"
    url = request.url.remove_query_params("token").include_query_params(lang=language)
    return f"{url.path}?{url.query}"


class PageRoute(GuardedRoute):
    """A route whose errors are pages, not problem documents; without a session it shows how to log in."""

    def identify(self, request: Request) -> Principal:
        """Who the session belongs to."""
        viewer = find_viewer(request, services_of(request))
        if viewer is None:
            raise NotPermitted("log in with the link that the service printed", code=ErrorCode.NOT_AUTHENTICATED)
        request.state.viewer = viewer
        return viewer.principal

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of the framework."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except QAServiceError as error:
                if error.code is ErrorCode.NOT_AUTHENTICATED:
                    return await run_in_threadpool(render_login, request, status=401)
                is_of_role = error.code is ErrorCode.NOT_PERMITTED and error.field != "form_token"
                answer = _error_page(request, error.code, explained="not_allowed" if is_of_role else None)
                if isinstance(error, RateLimited):
                    answer.headers["Retry-After"] = str(error.retry_after_seconds)
                return answer
            except RequestValidationError:
                return _error_page(request, ErrorCode.INVALID_FIELD)

        return handle_page


def _error_page(request: Request, code: ErrorCode, *, explained: str | None = None) -> Response:
    """Says what to do; the words are the page's own, since an error's message is English and for developers."""
    explained = explained or (code if code in _EXPLAINED else "other")
    return render(request, "error.html", status=STATUS_OF[code], address="/queue", code=code, explained=explained)
