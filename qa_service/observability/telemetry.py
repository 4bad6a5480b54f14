"""Answers the port `workflows.telemetry.Telemetry` with metrics and, where they are asked for, traces."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from qa_service.domain.inspection import Inspection
from qa_service.domain.work import Claim, Lane
from qa_service.errors import ConfigError, ErrorCode
from qa_service.observability.metrics import Metrics
from qa_service.settings import Settings
from qa_service.workflows.telemetry import SILENT, BatchTelemetry, Stage


class RequestSpan(Protocol):
    """A request that is being answered."""

    def answered(self, route: str, status: int) -> None:
        """By this route, with this status."""


class Tracer(Protocol):
    """Makes spans. `traces.OpenTelemetryTracer` is the one there is."""

    def request(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[RequestSpan]:
        """Around one request; its caller's trace goes on where `headers` name one."""

    def stage(self, stage: Stage) -> AbstractContextManager[None]:
        """Around one call of a stage."""

    def batch(self, claims: Sequence[Claim]) -> AbstractContextManager[BatchTelemetry]:
        """Around a batch: a trace of its own, since its chats have one each."""

    def failed(self, code: str) -> None:
        """Note an error code at the span in force."""

    def traceparent(self) -> str | None:
        """The W3C trace context in force, if any."""

    def close(self) -> None:
        """Send what is not sent yet."""


@dataclass(frozen=True, kw_only=True)
class ProcessTelemetry:
    """What one process tells of itself."""

    metrics: Metrics = field(default_factory=Metrics)
    tracer: Tracer | None = None

    def taken_in(self, lane: Lane, *, is_new: bool) -> None:
        """Count an accepted conversation."""
        self.metrics.taken_in(lane, is_new=is_new)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time a stage."""
        started = time.perf_counter()
        try:
            with self.tracer.stage(stage) if self.tracer else nullcontext():
                yield
        finally:
            self.metrics.stage_took(stage, time.perf_counter() - started)

    def batch(self, claims: Sequence[Claim]) -> AbstractContextManager[BatchTelemetry]:
        """Count a batch."""
        self.metrics.batch_begun(len(claims))
        return self.tracer.batch(claims) if self.tracer else SILENT.batch(claims)

    def inspected(self, inspection: Inspection, seconds: float) -> None:
        """Count an inspection."""
        self.metrics.inspected(inspection, seconds)

    def failed(self, code: str) -> None:
        """Count an error."""
        self.metrics.failed(code)
        if self.tracer:
            self.tracer.failed(code)

    def traceparent(self) -> str | None:
        """The W3C trace context in force, if any."""
        return self.tracer.traceparent() if self.tracer else None

    def close(self) -> None:
        """Send what is not sent yet."""
        if self.tracer:
            self.tracer.close()


def build_telemetry(settings: Settings) -> ProcessTelemetry:
    """Metrics, and traces where `otlp_endpoint` is set. Make it after forking: it has threads.

    Raises:
        ConfigError: traces are asked for and OpenTelemetry is not installed.
    """
    if settings.otlp_endpoint is None:
        return ProcessTelemetry()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        from qa_service.observability.traces import OpenTelemetryTracer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigError(
            "QA_OTLP_ENDPOINT: OpenTelemetry is not installed: pip install 'qa-service[tracing]'",
            code=ErrorCode.INVALID_SETTING,
            field="QA_OTLP_ENDPOINT",
        ) from error
    address = str(settings.otlp_endpoint).rstrip("/") + "/v1/traces"
    return ProcessTelemetry(tracer=OpenTelemetryTracer(BatchSpanProcessor(OTLPSpanExporter(endpoint=address))))
