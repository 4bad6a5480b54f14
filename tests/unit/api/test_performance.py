from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.settings import Settings
from tests.fakes.services import PUSH_SECRET, FakeServices

NOVEMBER = {"period": "2026-11"}


@pytest.fixture(autouse=True)
def one_chat(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> None:
    client.post("/v1/conversations", json=chat)
    services.work()


@pytest.fixture
def configured(client: TestClient, services: FakeServices) -> None:
    settings = {"push_url": "https://hr.example/performance", "push_secret": PUSH_SECRET}
    services.settings = Settings(**settings)  # type: ignore[arg-type]


def test_performance_lists_agents_of_the_month(client: TestClient) -> None:
    (agent,) = client.get("/v1/performance", params=NOVEMBER).json()["agents"]

    assert (agent["agent_id"], agent["conversations"], agent["findings_by_category"]) == (
        "a-7",
        1,
        {"unauthorized_promise": 1},
    )
    assert agent["total"] == {"n": 1, "mean": 70.0, "low": None, "high": None}


@pytest.mark.parametrize(
    "query", [{"period": "2026-12"}, {**NOVEMBER, "shop": "other"}], ids=["another month", "another shop"]
)
def test_performance_of_nobody_is_empty(client: TestClient, query: dict[str, str]) -> None:
    assert client.get("/v1/performance", params=query).json()["agents"] == []


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "0000-01", "november", "２０２６-11"])
def test_a_bad_period_is_refused(client: TestClient, period: str) -> None:
    for answer in (
        client.get("/v1/performance", params={"period": period}),
        client.get("/v1/agents/a-7/scorecards", params={"period": period}),
        client.post("/v1/performance/exports", json={"period": period}),
    ):
        assert (answer.status_code, answer.json()["field"]) == (422, "period")


def test_an_agents_scorecards_show_both_scores(client: TestClient) -> None:
    answer = client.get("/v1/agents/a-7/scorecards", params=NOVEMBER).json()

    assert (answer["agent_id"], answer["period"]) == ("a-7", "2026-11")
    (record,) = answer["scorecards"]
    assert (record["external_id"], record["machine"]["total"], record["final"]["total"]) == ("c-1", 70.0, 70.0)


def test_without_period_all_scorecards_are_shown(client: TestClient) -> None:
    answer = client.get("/v1/agents/a-7/scorecards").json()

    assert (answer["period"], len(answer["scorecards"])) == (None, 1)


def test_an_agents_id_may_hold_a_slash(client: TestClient) -> None:
    answer = client.get("/v1/agents/shop%2Fa-7/scorecards").json()

    assert (answer["agent_id"], answer["scorecards"]) == ("shop/a-7", [])


@pytest.mark.parametrize(
    ("format", "media_type", "begins"),
    [
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbfperiod,"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("json", "application/json", b"{"),
    ],
)
def test_a_file_is_exported(client: TestClient, format: str, media_type: str, begins: bytes) -> None:
    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "format": format})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''performance-2026-11.{format}"
    assert answer.content.startswith(begins)


@pytest.mark.usefixtures("configured")
def test_a_push_goes_to_the_configured_address_and_is_logged(client: TestClient, services: FakeServices) -> None:
    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "push": True})

    assert answer.status_code == 200
    assert (answer.json()["delivered"], answer.json()["status"]) == (True, 204)
    ((body, _),) = services.sender.received
    assert json.loads(body)
    assert client.get("/v1/performance/deliveries").json()["deliveries"] == [answer.json()]


@pytest.mark.usefixtures("configured")
def test_a_push_that_is_not_taken_fails_and_each_attempt_is_logged(client: TestClient, services: FakeServices) -> None:
    services.sender.statuses = (500, 503)

    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "push": True})

    assert (answer.status_code, answer.json()["code"]) == (502, "delivery_failed")
    deliveries = client.get("/v1/performance/deliveries").json()["deliveries"]
    assert [record["status"] for record in deliveries] == [503, 500]
    assert client.get("/v1/performance/deliveries", params={"limit": 1}).json()["deliveries"] == deliveries[:1]


def test_a_push_without_address_conflicts(client: TestClient, services: FakeServices) -> None:
    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "push": True})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert services.sender.received == []


@pytest.mark.usefixtures("configured")
def test_a_request_cannot_name_an_address(client: TestClient, services: FakeServices) -> None:
    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "push": True, "url": "http://169.254.169.254/"})

    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    assert services.sender.received == []


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(("field", "value"), [("shop", "demo"), ("format", "json")])
def test_a_push_takes_no_field_of_a_file(client: TestClient, services: FakeServices, field: str, value: str) -> None:
    answer = client.post("/v1/performance/exports", json={**NOVEMBER, "push": True, field: value})

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid_field", field)
    assert services.sender.received == []
