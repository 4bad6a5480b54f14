"""Spans by OpenTelemetry: one trace from the request to the stored result. Attributes are ids, counts and codes.

Imported only where traces are asked for; the SDK is the extra `tracing`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from qa_service import __version__
from qa_service.domain.work import Claim
from qa_service.workflows.telemetry import BatchTelemetry, Stage

CARRIER = "traceparent"
_PROPAGATOR = TraceContextTextMapPropagator()


class OpenTelemetryTracer:
    """Makes spans and hands them to `processor`. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` name the process."""

    def __init__(self, processor: SpanProcessor) -> None:
        own = Resource({"service.name": "qa-service", "service.version": __version__})
        self._provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("qa_service")

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
        """Around one request."""
        span = self._tracer.start_span(method, _context(headers.get(CARRIER)), kind=SpanKind.SERVER)
        with _current(span):
            yield RequestSpan(method=method, span=span)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Around one call of a stage."""
        with _current(self._tracer.start_span(stage.value)):
            yield

    @contextmanager
    def batch(self, claims: Sequence[Claim]) -> Iterator[BatchTelemetry]:
        """Around a batch: a trace of its own, linked with those of its chats."""
        started = time.time_ns()
        links = [Link(parent) for parent in map(_parent, claims) if parent.is_valid]
        size = {"qa.batch_size": len(claims)}
        span = self._tracer.start_span("inspect batch", Context(), attributes=size, links=links)
        with _current(span):
            yield _BatchSpan(tracer=self._tracer, span=span, started=started)

    def failed(self, code: str) -> None:
        """Note an error code at the span in force."""
        span = get_current_span()
        span.set_attribute("qa.error", code)
        span.set_status(Status(StatusCode.ERROR))

    def traceparent(self) -> str | None:
        """The W3C trace context in force, if any."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get(CARRIER)

    def close(self) -> None:
        """Send what is not sent yet."""
        self._provider.shutdown()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSpan:
    """A request that is being answered."""

    method: str
    span: Span

    def answered(self, route: str, status: int) -> None:
        """By this route, with this status."""
        self.span.update_name(f"{self.method} {route}")
        self.span.set_attributes({"http.request.method": self.method, "http.route": route})
        self.span.set_attribute("http.response.status_code", status)


@dataclass(frozen=True, slots=True, kw_only=True)
class _BatchSpan:
    """`started`: nanoseconds since 1970, when the inspection of its chats began."""

    tracer: Tracer
    span: Span
    started: int

    @contextmanager
    def storing(self, claim: Claim) -> Iterator[None]:
        """The chat's own span, in the trace of the request that handed it in, as long as the batch has taken so far."""
        span = self.tracer.start_span(
            "inspect",
            _context(claim.traceparent),
            kind=SpanKind.CONSUMER,
            attributes={"qa.conversation_id": claim.id, "qa.attempts": claim.attempts},
            links=[Link(self.span.get_span_context())],
            start_time=self.started,
        )
        with _current(span):
            yield


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """Make it the one in force and end it. Of an error its type alone: a message may quote the transcript."""
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise


def _context(traceparent: str | None) -> Context:
    """Without a valid one: a trace of its own, whatever is in force."""
    return _PROPAGATOR.extract({CARRIER: traceparent} if traceparent else {}, Context())


def _parent(claim: Claim) -> SpanContext:
    return get_current_span(_context(claim.traceparent)).get_span_context()
