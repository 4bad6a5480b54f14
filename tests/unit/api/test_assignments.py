"""Chats are given, shared, taken and taken back over the API; lists say whose they are."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import Role
from tests.fakes.services import FakeServices


@pytest.fixture
def ids(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> list[str]:
    """Three flagged chats; wangmin and lifang review."""
    for name in ("wangmin", "lifang"):
        services.people.add(name, role=Role.REVIEWER)
    ids = [client.post("/v1/conversations", json={**chat, "external_id": f"c-{n}"}).json()["id"] for n in (1, 2, 3)]
    services.work()
    return ids


def key_of(services: FakeServices, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {services.access.new_key(role.value, role=role)}"}


def assignees(client: TestClient) -> dict[str, str | None]:
    rows = client.get("/v1/conversations").raise_for_status().json()["conversations"]
    return {row["id"]: row["assignee"] for row in rows}


def listed(client: TestClient, **query: str) -> list[str]:
    return [row["id"] for row in client.get("/v1/conversations", params=query).json()["conversations"]]


def test_a_chat_is_given_and_taken_back(client: TestClient, services: FakeServices, ids: list[str]) -> None:
    answer = client.post(f"/v1/conversations/{ids[0]}/assignee", json={"reviewer": "WangMin"})

    assert (answer.status_code, answer.json()) == (200, {"conversation_id": ids[0], "assignee": "wangmin"})
    assert client.get(f"/v1/conversations/{ids[0]}").json()["assignee"] == "wangmin"
    assert client.post(f"/v1/conversations/{ids[0]}/assignee", json={"reviewer": None}).json()["assignee"] is None
    with services.unit_of_work(is_read_only=True) as repository:
        entries = [row.entry for row in repository.audit_records() if row.entry.event == AuditEvent.ASSIGNED]
    assert [(entry.by, entry.on, entry.before, entry.after, entry.shop) for entry in entries] == [
        ("key:test", {"conversation": ids[0]}, {"assignee": None}, {"assignee": "wangmin"}, "demo"),
        ("key:test", {"conversation": ids[0]}, {"assignee": "wangmin"}, {"assignee": None}, "demo"),
    ]


def test_lists_are_narrowed_to_own_chats_and_to_nobodys(client: TestClient, ids: list[str]) -> None:
    client.post(f"/v1/conversations/{ids[0]}/assignee", json={"reviewer": "key:test"})
    client.post(f"/v1/conversations/{ids[1]}/assignee", json={"reviewer": "wangmin"})

    assert listed(client, assignment="mine") == [ids[0]]
    assert listed(client, assignment="unassigned") == [ids[2]]
    assert listed(client, assignee="wangmin") == [ids[1]]
    both = client.get("/v1/conversations", params={"assignment": "mine", "assignee": "wangmin"})
    assert (both.status_code, both.json()["field"]) == (422, "assignee")


def test_the_next_chat_is_taken(client: TestClient, services: FakeServices, ids: list[str]) -> None:
    reviewer = key_of(services, Role.REVIEWER)
    taken = [client.post("/v1/assignments/next", json={}, headers=reviewer).json() for _ in range(4)]

    assert sorted(one["conversation_id"] for one in taken[:3]) == sorted(ids)
    assert taken[3] == {"conversation_id": None}
    assert set(assignees(client).values()) == {"key:reviewer"}


def test_the_queue_is_shared_and_taken_back(client: TestClient, ids: list[str]) -> None:
    before = client.get("/v1/assignments").json()
    shared = client.post("/v1/assignments/share", json={"reviewers": ["wangmin", "lifang"], "shop": "demo"})
    after = client.get("/v1/assignments").json()

    assert ([one["open_chats"] for one in before["reviewers"]], before["unassigned"]) == ([0, 0], 3)
    assert shared.json() == {"shared": {"lifang": 2, "wangmin": 1}}
    assert ([one["open_chats"] for one in after["reviewers"]], after["unassigned"]) == ([2, 1], 0)
    assert client.post("/v1/assignments/return", json={"reviewer": "lifang"}).json() == {"changed": 2, "kept": 0}
    assert sorted(assignees(client).values(), key=str) == [None, None, "wangmin"]


def test_many_are_given_at_once(client: TestClient, ids: list[str]) -> None:
    given = client.post("/v1/assignments", json={"conversation_ids": ids[:2], "reviewer": "wangmin"})

    assert given.json() == {"changed": 2, "kept": 0}
    assert assignees(client) == {ids[0]: "wangmin", ids[1]: "wangmin", ids[2]: None}


@pytest.mark.parametrize(
    ("role", "reviewer", "status", "code"),
    [
        pytest.param(Role.REVIEWER, "key:reviewer", 409, "conflict", id="take what somebody has"),
        pytest.param(Role.REVIEWER, "lifang", 403, "not_permitted", id="give to somebody else"),
        pytest.param(Role.QA_LEAD, "nobody", 422, "invalid_field", id="give to nobody known"),
        pytest.param(Role.AGENT, "key:agent", 403, "not_permitted", id="no reviewer"),
    ],
)
def test_what_may_not_be_is_refused(
    client: TestClient, services: FakeServices, ids: list[str], role: Role, reviewer: str, status: int, code: str
) -> None:
    client.post(f"/v1/conversations/{ids[0]}/assignee", json={"reviewer": "wangmin"})
    answer = client.post(
        f"/v1/conversations/{ids[0]}/assignee", json={"reviewer": reviewer}, headers=key_of(services, role)
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert assignees(client)[ids[0]] == "wangmin"


def test_a_user_is_limited_to_assigned_chats(client: TestClient) -> None:
    made = client.post("/v1/users", json={"name": "zhao", "role": "reviewer", "only_assigned": True}).json()
    changed = client.post("/v1/users/zhao", json={"only_assigned": False}).json()

    assert (made["only_assigned"], changed["only_assigned"]) == (True, False)
