"""How errors look from outside: RFC 9457 problem documents with a stable code. The only place that knows statuses."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPMethod, HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from api.rates import RateLimited
from qa_service.errors import ConfigError, ErrorCode, QAServiceError, Unavailable

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

STATUS_OF: Mapping[ErrorCode, int] = {
    ErrorCode.INVALID_JSON: 400,
    ErrorCode.INVALID_ENCODING: 400,
    ErrorCode.INVALID_FIELD: 422,
    ErrorCode.MISSING_FIELD: 422,
    ErrorCode.INVALID_TEXT: 422,
    ErrorCode.DUPLICATE_TURN_ID: 422,
    ErrorCode.EMPTY_CONVERSATION: 422,
    ErrorCode.TIME_ORDER: 422,
    ErrorCode.TIME_ZONE_MISSING: 422,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.UNKNOWN_FORMAT: 415,
    ErrorCode.NOT_AUTHENTICATED: 401,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.TOO_MANY_ATTEMPTS: 429,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.REQUEST_TIMEOUT: 408,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.TEXT_ERASED: 410,
    ErrorCode.DELIVERY_FAILED: 502,
    ErrorCode.STORE_UNAVAILABLE: 503,
    ErrorCode.BROKER_UNAVAILABLE: 503,
    ErrorCode.QUEUE_FULL: 429,
    ErrorCode.TIMED_OUT: 503,
    ErrorCode.PERSONAL_DATA_SEALED: 503,
    ErrorCode.WORKER_LOST: 500,
    ErrorCode.INTERNAL: 500,
    ErrorCode.INVALID_PACK: 500,
    ErrorCode.INVALID_POLICY: 500,
    ErrorCode.INVALID_RUBRIC: 500,
    ErrorCode.INVALID_MODEL: 500,
    ErrorCode.INVALID_SETTING: 500,
}

STATIC_METHODS = "GET, HEAD"
"""Of a file of the pages."""
RETRY_AFTER_SECONDS = 5
RETRY_AFTER_FULL_SECONDS = 30
"""A full queue takes longer to drain than a part to come back."""

_CODE_OF_STATUS = {
    400: ErrorCode.INVALID_JSON,
    401: ErrorCode.NOT_AUTHENTICATED,
    403: ErrorCode.NOT_PERMITTED,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    408: ErrorCode.REQUEST_TIMEOUT,
    413: ErrorCode.TOO_LARGE,
}
_DETAIL_OF_STATUS = {
    404: "there is nothing at this address",
    405: "this address does not take that method; see the Allow header",
}
_CODE_OF_VALIDATION = {
    "json_invalid": ErrorCode.INVALID_JSON,
    "missing": ErrorCode.MISSING_FIELD,
    "timezone_aware": ErrorCode.TIME_ZONE_MISSING,
}


def problem(
    *,
    code: ErrorCode,
    detail: str,
    request_id: str,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document; `errors` lists every field that is wrong, `field` is the first of them."""
    status = STATUS_OF[code]
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    if field is not None:
        body["field"] = field
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status_code=status, media_type=PROBLEM_TYPE, headers=dict(headers or {}))


def request_id_of(request: Request) -> str:
    """The correlation id that the request edge gave this request."""
    return str(request.state.request_id)


def add_error_handlers(app: FastAPI) -> None:
    """Answer all known errors; unknown ones are answered by the request edge. `RequestWatch` counts their codes."""
    app.add_exception_handler(QAServiceError, _known_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http_error)  # type: ignore[arg-type]


def log_unknown(error: Exception, request_id: str) -> None:
    """Log where an unknown error came from. Its message and its chain are left out: they may quote a transcript."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    logger.error("request %s failed: %s at %s", request_id, type(error).__name__, where)


async def _known_error(request: Request, error: QAServiceError) -> JSONResponse:
    detail, headers = error.message, {}
    if isinstance(error, ConfigError):
        # Its message names files of the host: for the log, not for callers.
        logger.error("request %s met a wrong configuration: %s", request_id_of(request), error.message)
        detail = "the service is not configured correctly; its log says what is wrong"
    if error.code is ErrorCode.NOT_AUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="qa-service"'
    if isinstance(error, Unavailable) and error.retryable:
        is_full = error.code is ErrorCode.QUEUE_FULL
        headers["Retry-After"] = str(RETRY_AFTER_FULL_SECONDS if is_full else RETRY_AFTER_SECONDS)
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after_seconds)
    request.state.error_code = error.code
    return problem(
        code=error.code, detail=detail, field=error.field, request_id=request_id_of(request), headers=headers
    )


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODE_OF_STATUS.get(error.status_code, ErrorCode.INTERNAL)
    detail = _DETAIL_OF_STATUS.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    if code is ErrorCode.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request)) or STATIC_METHODS
    request.state.error_code = code
    return problem(code=code, detail=detail, request_id=request_id_of(request), headers=headers)


def _methods_at(request: Request) -> list[str]:
    """The methods of all routes of this address; the framework names those of the first one alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return [method.value for method in HTTPMethod if takes(method.value)]


async def _validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [{"field": _field(item["loc"]), "message": str(item["msg"])} for item in error.errors()]
    code = _CODE_OF_VALIDATION.get(error.errors()[0]["type"], ErrorCode.INVALID_FIELD)
    detail = f"{errors[0]['field']}: {errors[0]['message']}"
    request.state.error_code = code
    return problem(code=code, detail=detail, field=errors[0]["field"], errors=errors, request_id=request_id_of(request))


def _field(location: Sequence[str | int]) -> str:
    """`("body", "turns", 3, "role")` → `turns[3].role`."""
    place, *path = location
    if path and isinstance(path[0], int):  # the position of broken JSON
        return str(place)
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name or str(place)
