"""A customer's data is erased on request; what is left says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.fakes.services import FakeServices


@pytest.fixture
def inspected(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> str:
    """The id of an inspected chat of customer u-9."""
    identity: str = client.post("/v1/conversations", json={**chat, "customer": {"id": "u-9"}}).json()["id"]
    services.work()
    return identity


def erase(client: TestClient, services: FakeServices, **fields: object) -> dict[str, Any]:
    answer = client.post("/v1/erasures", json={"customer_id": "u-9", **fields})
    assert answer.status_code == 202
    services.eraser.work(at_most_seconds=60)
    return client.get(f"/v1/erasures/{answer.json()['id']}").raise_for_status().json()


def test_a_request_is_taken_and_a_worker_told(client: TestClient, services: FakeServices, inspected: str) -> None:
    asked = client.post("/v1/erasures", json={"customer_id": "u-9", "shop": "demo"}).json()
    assert (asked["state"], asked["erased"], asked["waiting"], asked["shop"]) == ("pending", 0, 1, "demo")
    assert services.queue.erasures == 1
    assert "u-9" not in str(asked)


def test_what_is_left_says_when_and_why(client: TestClient, services: FakeServices, inspected: str) -> None:
    before = client.get(f"/v1/conversations/{inspected}").json()
    assert before["erased"] is None
    done = erase(client, services)
    assert (done["state"], done["erased"], done["waiting"]) == ("done", 1, 0)
    after = client.get(f"/v1/conversations/{inspected}").json()
    assert after["erased"]["reason"] == "request"
    assert {turn["text"] for turn in after["conversation"]["turns"]} == {""}
    assert after["conversation"]["customer"] == {"id": None}
    assert after["final_scorecards"] == before["final_scorecards"] != []
    assert client.get("/v1/erasures").json()["erasures"] == [done]


def test_what_needs_the_text_is_refused(client: TestClient, services: FakeServices, inspected: str) -> None:
    finding_id = next(iter(client.get(f"/v1/conversations/{inspected}").json()["finding_ids"].values()))
    erase(client, services)
    refused = [
        client.post(f"/v1/findings/{finding_id}/verdicts", json={"decision": "confirm", "reviewer": "王"}),
        client.post(f"/v1/conversations/{inspected}/clear", json={"reviewer": "王"}),
        client.post(
            f"/v1/conversations/{inspected}/moods", json={"turn_id": "1", "emotion": "angry", "reviewer": "王"}
        ),
        client.get(f"/v1/conversations/{inspected}/rules/promise.return_window/explanation"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(410, "text_erased")] * 4


def test_the_same_chat_again_is_not_kept_again(
    client: TestClient, services: FakeServices, inspected: str, chat: dict[str, Any]
) -> None:
    erase(client, services)
    again = client.post("/v1/conversations", json={**chat, "customer": {"id": "u-9"}}).json()
    assert (again["id"], again["created"], again["erased"]["reason"]) == (inspected, False, "request")


@pytest.mark.parametrize("customer_id", ["", " ", "x\x00"], ids=["empty", "blank", "NUL"])
def test_somebody_must_be_named(client: TestClient, customer_id: str) -> None:
    assert client.post("/v1/erasures", json={"customer_id": customer_id}).status_code == 422


def test_an_unknown_request_is_not_found(client: TestClient) -> None:
    assert client.get(f"/v1/erasures/{'0' * 32}").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Text erased on 2026-1"), ("zh", "原文已于 2026-1")], ids=["en", "zh"]
)
def test_the_page_says_so_and_asks_for_no_decision(
    client: TestClient, services: FakeServices, inspected: str, language: str, words: str
) -> None:
    client.get("/login", params={"token": services.access.new_login_token()})
    assert 'class="verdict"' in client.get(f"/chats/{inspected}").text
    erase(client, services)
    page = client.get(f"/chats/{inspected}", params={"lang": language}).text
    assert words in page
    assert 'class="verdict"' not in page
    assert f"/chats/{inspected}/why" not in page


def test_a_chat_over_its_time_says_retention(client: TestClient, services: FakeServices, inspected: str) -> None:
    services.settings = services.settings.model_copy(update={"retention_days": 1})
    services.clock.time += timedelta(days=2)
    services.eraser.work(at_most_seconds=60)
    assert client.get(f"/v1/conversations/{inspected}").json()["erased"]["reason"] == "retention"
