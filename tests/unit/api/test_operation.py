from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.errors import ErrorCode, Unavailable
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.services import FakeServices


def test_the_process_is_alive(anonymous: TestClient) -> None:
    assert anonymous.get("/healthz").json() == {"status": "ok"}


def test_ready_when_every_part_is(anonymous: TestClient, services: FakeServices) -> None:
    answer = anonymous.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": services.parts, "notices": {}})


def test_refused_packs_are_told_and_leave_the_service_ready(anonymous: TestClient, services: FakeServices) -> None:
    services.to_see_to["rules"] = "those before stay in force: zh/abuse.yaml:3: there is no field colour"

    answer = anonymous.get("/readyz")

    assert (answer.status_code, answer.json()["status"], answer.json()["notices"]) == (200, "ready", services.to_see_to)


@pytest.mark.parametrize("part", ["store", "migrations", "rules", "model", "worker"])
def test_not_ready_says_which_part(anonymous: TestClient, services: FakeServices, part: str) -> None:
    services.parts[part] = "not loaded yet"

    answer = anonymous.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["status"] == "not_ready"
    assert answer.json()["parts"][part] == "not loaded yet"


def test_rules_are_listed_by_id(client: TestClient) -> None:
    rules = client.get("/v1/rules").json()["rules"]

    assert [rule["id"] for rule in rules] == ["abuse.insult", "promise.return_window"]
    assert rules[1]["languages"] == ["zh"]


def test_metrics_count_requests_states_outcomes_and_times(client: TestClient, chat: dict[str, Any]) -> None:
    client.post("/v1/conversations", json=chat)
    client.post("/v1/inspect", json=chat)
    client.get("/v1/findings/4711")
    client.get("/nowhere")

    lines = client.get("/metrics").text.splitlines()

    assert 'qa_http_requests_total{method="POST",route="/v1/conversations",status="202"} 1.0' in lines
    assert 'qa_http_requests_total{method="GET",route="/v1/findings/{finding_id}",status="404"} 1.0' in lines
    assert 'qa_http_requests_total{method="GET",route="other",status="404"} 1.0' in lines
    assert 'qa_conversations{state="pending"} 1.0' in lines
    assert 'qa_findings_total{outcome="hit",rule="promise.return_window"} 1.0' in lines
    assert "qa_rules_reload_failures 2.0" in lines
    assert 'qa_findings_total{outcome="clear",rule="abuse.insult"} 1.0' in lines
    assert "qa_inspection_seconds_count 1.0" in lines
    assert 'qa_http_request_seconds_count{route="/v1/conversations"} 1.0' in lines
    assert 'qa_intake_total{lane="realtime",outcome="accepted"} 1.0' in lines
    assert 'qa_errors_total{code="not_found"} 2.0' in lines


def test_metrics_show_what_waits_and_for_how_long(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    client.post("/v1/conversations", json=chat)
    services.clock.time += timedelta(seconds=90)

    lines = client.get("/metrics").text.splitlines()

    assert 'qa_queue_depth{lane="realtime"} 1.0' in lines
    assert 'qa_queue_depth{lane="bulk"} 0.0' in lines
    assert 90 <= float(_value(lines, 'qa_queue_age_seconds{lane="realtime"}')) < 100
    assert 'qa_queue_age_seconds{lane="bulk"} 0.0' in lines


def test_lines_of_a_batch_that_are_refused_are_errors(client: TestClient) -> None:
    client.post("/v1/conversations:batch", content=b'{"broken"\n{"external_id": "c-1"}\n')

    lines = client.get("/metrics").text.splitlines()

    assert 'qa_errors_total{code="invalid_json"} 1.0' in lines
    assert 'qa_errors_total{code="missing_field"} 1.0' in lines


def _value(lines: list[str], series: str) -> str:
    (line,) = [line for line in lines if line.startswith(series)]
    return line.rpartition(" ")[2]


def test_metrics_hold_no_text_and_no_ids(client: TestClient, chat: dict[str, Any]) -> None:
    conversation_id = client.post("/v1/conversations", json=chat).json()["id"]
    client.post("/v1/inspect", json=chat)
    client.get(f"/v1/conversations/{conversation_id}")
    client.get("/v1/agents/a-7/scorecards")

    shown = client.get("/metrics").text

    assert not [word for word in (conversation_id, "a-7", "c-1", "小林", "七天", "demo") if word in shown]


def test_metrics_are_there_while_the_store_is_away(anonymous: TestClient, services: FakeServices) -> None:
    class Away(FakeUnitOfWork):
        def __call__(self, *, is_read_only: bool = False) -> Any:
            raise Unavailable("the store is away", code=ErrorCode.STORE_UNAVAILABLE)

    services.unit_of_work = Away()

    answer = anonymous.get("/metrics")

    assert answer.status_code == 200
    assert "qa_conversations{" not in answer.text


def test_two_apps_count_apart(client: TestClient) -> None:
    client.get("/healthz")
    from api.app import create_app

    with TestClient(create_app(FakeServices())) as other:
        assert 'route="/healthz"' not in other.get("/metrics").text
