"""The request edge: correlation ids, body limit, security headers, unknown errors. Plain ASGI, so that bodies stream."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import log_unknown, problem
from qa_service.errors import ErrorCode
from qa_service.workflows.acting import begin_act

BODY_LIMIT_BYTES = 2 * 1024 * 1024
"""Of every request but the batch, whose lines are limited one by one."""

BODY_SECONDS = 60.0
"""For a whole body; of a batch for each piece, since a batch may take as long as its sender needs."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ONLY_TLS = "max-age=31536000"
"""`Strict-Transport-Security` of answers over TLS."""

CLIENT_GONE = 499
"""Counted where the caller hung up before an answer."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}")

Observer = Callable[[str, str, int], None]
"""Told of each answer: method, route template, status."""


class RequestEdge:
    """Outermost: gives the request its id, the answer its headers, and unknown errors a 500 that says nothing."""

    def __init__(self, app: ASGIApp, *, observe: Observer) -> None:
        self.app = app
        self.observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        client = scope.get("client")
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request_id, is_tls=scope.get("scheme") == "https")
            await send(message)

        try:
            with begin_act(request_id=request_id, address=client[0] if client else None):
                await self.app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 the request edge; nothing of it reaches the caller
            log_unknown(error, request_id)
            if status:  # half an answer is out: stopping here makes the server cut the connection
                return
            detail = f"something went wrong; quote the request id {request_id} when you report it"
            answer = problem(code=ErrorCode.INTERNAL, detail=detail, request_id=request_id)
            await answer(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.observe(scope["method"], route, status or CLIENT_GONE)


class BodyLimit:
    """Refuses bodies over the limit, by their stated length or while they stream in, and those that come too slowly.

    Args:
        app: what takes the body.
        limit_bytes: of a body.
        streamed_path: takes bodies of any length, piece by piece.
        seconds: for a whole body, or a piece of a streamed one.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int, streamed_path: str, seconds: float = BODY_SECONDS) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.streamed_path = streamed_path
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == self.streamed_path:
            await self.app(scope, self._paced(receive), send)
        else:
            await self.app(scope, self._limited(scope, receive), send)

    def _paced(self, receive: Receive) -> Receive:
        """Hang up where the next piece does not come."""
        has_more = True

        async def receive_paced() -> Message:
            nonlocal has_more
            if not has_more:
                return await receive()
            message: Message = {"type": "http.disconnect"}
            with anyio.move_on_after(self.seconds):
                message = await receive()
            has_more = message.get("more_body", False)
            return message

        return receive_paced

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        stated = Headers(scope=scope).get("content-length", "")
        too_long = stated.isdecimal() and int(stated[:16]) > self.limit_bytes
        left = -1 if too_long else self.limit_bytes
        until = anyio.current_time() + self.seconds
        has_more = True

        async def receive_limited() -> Message:
            nonlocal left, has_more
            if left >= 0:
                message = await self._receive_until(until, receive) if has_more else await receive()
                has_more = message.get("more_body", False)
                left -= len(message.get("body", b""))
            if left < 0:
                # An HTTPException passes through the framework's body parsing as it is; others become a 400.
                raise HTTPException(413, f"a request body takes up to {self.limit_bytes} bytes; send less at a time")
            return message

        return receive_limited

    async def _receive_until(self, until: float, receive: Receive) -> Message:
        with anyio.move_on_after(max(0.0, until - anyio.current_time())):
            return await receive()
        detail = f"the body did not come within {self.seconds:g} s; send it again"
        raise HTTPException(408, detail, headers={"Connection": "close"})


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _add_headers(headers: MutableHeaders, request_id: str, *, is_tls: bool) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    headers["X-Request-ID"] = request_id
    if is_tls:
        headers["Strict-Transport-Security"] = ONLY_TLS
    if "etag" not in headers:  # static files have one; all else may hold what people said
        headers["Cache-Control"] = "no-store"
