"""One trace from the request to the stored result, through the real API, store and worker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.app import create_app
from qa_service.errors import ConfigError
from qa_service.observability import ProcessTelemetry, build_telemetry
from qa_service.observability.traces import OpenTelemetryTracer
from qa_service.settings import Settings
from qa_service.storage import Database
from tests.fakes.services import FakeServices
from tests.fakes.stages import POISON

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SECRET = "暗号八八六"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def services(tmp_path: Path, exporter: InMemorySpanExporter) -> Iterator[FakeServices]:
    """The real store, workflows and telemetry around tiny stages."""
    database = Database(f"sqlite:///{tmp_path}/qa.sqlite3")
    database.upgrade()
    tracer = OpenTelemetryTracer(SimpleSpanProcessor(exporter))
    yield FakeServices(unit_of_work=database.unit_of_work(), telemetry=ProcessTelemetry(tracer=tracer))  # type: ignore[arg-type]
    database.close()


@pytest.fixture
def client(services: FakeServices) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        client.headers["Authorization"] = f"Bearer {services.access.new_key('test')}"
        yield client


def chat(external_id: str, text: str = f"{SECRET}七天内都可以退") -> dict[str, object]:
    return {
        "external_id": external_id,
        "shop": "demo",
        "started_at": "2026-11-02T09:58:00+08:00",
        "turns": [{"role": "customer", "text": SECRET}, {"role": "agent", "sender_id": "a-7", "text": text}],
    }


def named(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


def test_one_trace_leads_from_the_caller_to_the_stored_result(client, services, exporter) -> None:
    conversation_id = client.post("/v1/conversations", json=chat("c-1"), headers={"traceparent": CALLER}).json()["id"]
    services.work()

    spans = exporter.get_finished_spans()
    (request,), (inspect,) = named(spans, "POST /v1/conversations"), named(spans, "inspect")
    (store,) = [span for span in named(spans, "store") if span.context.trace_id == inspect.context.trace_id]
    assert f"{request.context.trace_id:032x}" == CALLER.split("-")[1]
    assert request.parent.span_id == int(CALLER.split("-")[2], 16)
    assert (inspect.context.trace_id, inspect.parent.span_id) == (request.context.trace_id, request.context.span_id)
    assert store.parent.span_id == inspect.context.span_id
    assert inspect.attributes["qa.conversation_id"] == conversation_id
    assert request.attributes["http.response.status_code"] == 202


def test_the_stages_of_a_batch_are_linked_with_the_traces_of_its_chats(client, services, exporter) -> None:
    for number in range(3):
        client.post("/v1/conversations", json=chat(f"c-{number}"))
    services.work()

    spans = exporter.get_finished_spans()
    (batch,), chats = named(spans, "inspect batch"), named(spans, "inspect")
    assert batch.attributes["qa.batch_size"] == 3
    assert {link.context.trace_id for link in batch.links} == {span.context.trace_id for span in chats}
    assert len({span.context.trace_id for span in chats}) == 3
    assert {span.links[0].context.span_id for span in chats} == {batch.context.span_id}
    (mood,) = named(spans, "mood")
    assert mood.parent.span_id == batch.context.span_id


def test_errors_show_their_code_and_no_span_holds_text(client, services, exporter) -> None:
    client.post("/v1/conversations", json=chat("c-1", text=f"{SECRET}{POISON}"))
    client.post("/v1/conversations", json={**chat("c-2"), "turns": [{"role": SECRET, "text": SECRET}]})
    services.work()

    spans = exporter.get_finished_spans()
    assert {span.attributes.get("qa.error") for span in named(spans, "POST /v1/conversations")} == {
        None,
        "invalid_field",
    }
    assert "ValueError" in {span.attributes.get("error.type") for span in named(spans, "mood")}
    assert SECRET not in "".join(span.to_json() for span in spans)
    assert ascii(SECRET)[1:-1] not in "".join(span.to_json() for span in spans)


def test_health_is_not_traced(client, exporter) -> None:
    client.get("/healthz")

    assert exporter.get_finished_spans() == ()


def test_a_wrong_caller_begins_a_trace_of_its_own(client, services, exporter) -> None:
    client.post("/v1/conversations", json=chat("c-1"), headers={"traceparent": "00-nonsense"})

    (request,) = named(exporter.get_finished_spans(), "POST /v1/conversations")
    assert request.parent is None


def test_without_a_collector_the_sdk_is_not_even_imported() -> None:
    modules = ("opentelemetry.sdk", "qa_service.observability.traces")
    program = f"import sys, api.server, qa_service.cli.app; sys.exit(any(m in sys.modules for m in {modules}))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert build_telemetry(Settings()).tracer is None


@pytest.mark.parametrize("name", ["QA_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_collector_needs_the_extra(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    with pytest.raises(ConfigError, match=r"qa-service\[tracing\]"):
        build_telemetry(Settings())
