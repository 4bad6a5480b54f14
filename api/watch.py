"""Watches each request from within the edge: its time, its error code, its trace, its id in the log. Plain ASGI."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_service.errors import ErrorCode
from qa_service.observability import ProcessTelemetry, bound

UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines."""


class RequestWatch:
    """Stands within `RequestEdge`, which gives the request its id."""

    def __init__(self, app: ASGIApp, *, telemetry: ProcessTelemetry) -> None:
        self.app = app
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        with bound(request_id=scope["state"]["request_id"]), self._traced(scope):
            try:
                await self.app(scope, receive, send_and_note)
            except Exception:
                scope["state"]["error_code"] = ErrorCode.INTERNAL
                raise
            finally:
                scope["state"]["answered"] = status or 500
                self.telemetry.metrics.took(route_of(scope), time.perf_counter() - started)
                if "error_code" in scope["state"]:
                    self.telemetry.failed(scope["state"]["error_code"])

    @contextmanager
    def _traced(self, scope: Scope) -> Iterator[None]:
        tracer = self.telemetry.tracer
        if tracer is None or scope["path"] in UNTRACED:
            yield
            return
        with tracer.request(scope["method"], Headers(scope=scope)) as span:
            try:
                yield
            finally:
                span.answered(route_of(scope), scope["state"]["answered"])


def route_of(scope: Scope) -> str:
    """The template of the route, e.g. `/v1/findings/{finding_id}`; `other` where there is none."""
    return str(getattr(scope.get("route"), "path", "other"))
