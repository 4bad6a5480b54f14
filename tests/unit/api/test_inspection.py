from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.fakes.services import FakeServices


def test_inspecting_answers_the_result_and_stores_nothing(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    answer = client.post("/v1/inspect", json=chat)

    assert answer.status_code == 200
    assert [finding["outcome"] for finding in answer.json()["findings"]] == ["hit"]
    assert answer.json()["scorecards"][0]["total"] == 70.0
    assert client.get("/v1/conversations").json()["conversations"] == []
    assert services.queue.sent == []


def test_all_outcomes_are_listed_when_asked_for(client: TestClient, chat: dict[str, Any]) -> None:
    answer = client.post("/v1/inspect", params={"all_outcomes": "true"}, json=chat)

    assert [finding["outcome"] for finding in answer.json()["findings"]] == ["hit", "clear"]


def test_a_bad_conversation_is_refused_by_field(client: TestClient) -> None:
    answer = client.post("/v1/inspect", json={"external_id": "c-1", "turns": [{"role": "agent"}]})

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == ("missing_field", "turns[0].text")


def test_without_model_the_answer_says_so(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> None:
    services.has_model = False

    answer = client.post("/v1/inspect", json=chat)

    assert answer.status_code == 500
    assert answer.json()["code"] == "invalid_model"
