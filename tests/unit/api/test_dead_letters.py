"""What could not be inspected is listed with its cause, and queued again."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.domain.work import Lane
from tests.fakes.services import FakeServices


@pytest.fixture
def failed(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> list[str]:
    """Ids of two failed chats: the older `internal`, the newer `worker_lost`."""
    ids = [client.post("/v1/conversations", json={**chat, "external_id": f"c-{n}"}).json()["id"] for n in (1, 2)]
    with services.unit_of_work() as repository:
        for conversation_id, error in zip(ids, ("internal", "worker_lost"), strict=True):
            repository.claim(1, lane=Lane.REALTIME, claimant="w", now=services.clock.now(), ids=[conversation_id])
            repository.mark_failed(conversation_id, error=error, now=services.clock.now())
    services.queue.sent.clear()
    return ids


def listed(client: TestClient, **query: object) -> list[tuple[str, str]]:
    rows = client.get("/v1/dead-letters", params=query).raise_for_status().json()["dead_letters"]
    return [(row["external_id"], row["error"]) for row in rows]


@pytest.mark.usefixtures("failed")
def test_they_are_listed_newest_first_with_their_cause(client: TestClient) -> None:
    assert listed(client) == [("c-2", "worker_lost"), ("c-1", "internal")]
    assert listed(client, error="internal") == [("c-1", "internal")]


@pytest.mark.usefixtures("failed")
def test_pages_follow_each_other(client: TestClient) -> None:
    first = client.get("/v1/dead-letters", params={"limit": 1}).json()
    second = client.get("/v1/dead-letters", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert [row["external_id"] for page in (first, second) for row in page["dead_letters"]] == ["c-2", "c-1"]
    assert second["next_cursor"] is None


def test_one_is_queued_again_and_inspected(client: TestClient, services: FakeServices, failed: list[str]) -> None:
    answer = client.post(f"/v1/dead-letters/{failed[0]}/requeue")

    assert (answer.status_code, answer.json()) == (202, {"requeued": 1})
    assert services.queue.sent == [(Lane.REALTIME, [failed[0]])]
    services.work()
    assert client.get(f"/v1/conversations/{failed[0]}").json()["state"] == "complete"
    assert listed(client) == [("c-2", "worker_lost")]


def test_what_has_not_failed_cannot_be_queued_again(client: TestClient, chat: dict[str, Any]) -> None:
    waiting = client.post("/v1/conversations", json=chat).json()["id"]

    assert client.post(f"/v1/dead-letters/{waiting}/requeue").json()["code"] == "conflict"
    assert client.post(f"/v1/dead-letters/{'0' * 32}/requeue").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "left"),
    [({}, []), ({"error": "worker_lost"}, [("c-1", "internal")])],
    ids=["all", "one cause"],
)
@pytest.mark.usefixtures("failed")
def test_all_are_queued_again(client: TestClient, body: dict[str, str], left: list[tuple[str, str]]) -> None:
    answer = client.post("/v1/dead-letters/requeue", json=body)

    assert (answer.status_code, answer.json()) == (202, {"requeued": 2 - len(left)})
    assert listed(client) == left


def log_in(client: TestClient, services: FakeServices) -> str:
    """Open the pages; the token that forms carry."""
    client.post("/login", data={"token": services.access.new_login_token(), "name": "王敏"})
    page = client.get("/dead-letters?lang=en").text
    return page.split('name="form_token" value="')[1].split('"')[0]


@pytest.mark.usefixtures("failed")
def test_the_page_shows_causes_and_queues_again(client: TestClient, services: FakeServices) -> None:
    token = log_in(client, services)
    page = client.get("/dead-letters?error=worker_lost&lang=en").text
    assert "its worker died" in page
    assert ">c-2<" in page
    assert ">c-1<" not in page

    client.post("/dead-letters/requeue", data={"form_token": token, "error": "worker_lost"})

    assert listed(client) == [("c-1", "internal")]


def test_the_page_queues_one_again_for_its_own_forms_only(
    client: TestClient, services: FakeServices, failed: list[str]
) -> None:
    token = log_in(client, services)
    assert client.post(f"/dead-letters/{failed[0]}/requeue", data={"form_token": "x"}).status_code == 403

    client.post(f"/dead-letters/{failed[0]}/requeue", data={"form_token": token})

    assert listed(client) == [("c-2", "worker_lost")]
