"""The audit log through the API and on its page."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.pages.language import Language, catalogue
from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import Role
from tests.fakes.services import FakeServices


@pytest.fixture
def decided(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> str:
    """A chat with an overturned hit; its id."""
    conversation_id = client.post("/v1/conversations", json=chat).json()["id"]
    services.work()
    (finding_id,) = client.get(f"/v1/conversations/{conversation_id}").json()["finding_ids"].values()
    verdict = {"decision": "overturn", "comment": "他说的是<b>包装</b>", "reviewer": "<i>王</i>"}
    assert client.post(f"/v1/findings/{finding_id}/verdicts", json=verdict).status_code == 201
    return conversation_id


def rows(client: TestClient, **query: object) -> list[dict[str, Any]]:
    return client.get("/v1/audit", params=query).raise_for_status().json()["rows"]  # type: ignore[no-any-return]


def test_the_newest_acts_come_first_signed_by_the_key_and_its_request(client: TestClient, decided: str) -> None:
    newest = rows(client)

    assert [row["event"] for row in newest] == ["verdict", "score_changed", "key_made"]
    assert {(row["by"], row["role"], row["address"]) for row in newest[:2]} == {("key:test", "admin", "testclient")}
    assert newest[0]["request_id"] == newest[1]["request_id"] is not None
    assert newest[0]["on"]["conversation"] == decided
    assert newest[0]["previous_sha256"] == newest[1]["sha256"]


def test_a_name_in_the_body_signs_no_row(client: TestClient, decided: str) -> None:
    (row,) = rows(client, event="verdict")

    assert (row["by"], row["after"]["reviewer"]) == ("key:test", "<i>王</i>")


@pytest.mark.usefixtures("decided")
def test_the_log_is_selected_and_paged(client: TestClient) -> None:
    first = client.get("/v1/audit", params={"limit": 2}).json()
    second = client.get("/v1/audit", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [row["number"] for page in (first, second) for row in page["rows"]] == [3, 2, 1]
    assert second["next_cursor"] is None
    assert [row["event"] for row in rows(client, by="key:test", event="score_changed")] == ["score_changed"]
    assert rows(client, by="nobody") == []


@pytest.mark.parametrize("query", [{"event": "nothing"}, {"cursor": "x"}, {"limit": 0}], ids=str)
def test_what_cannot_be_asked_is_refused(client: TestClient, query: dict[str, object]) -> None:
    assert client.get("/v1/audit", params=query).status_code == 422


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.QA_LEAD, Role.AUDITOR)])
def test_other_roles_do_not_read_the_log(client: TestClient, services: FakeServices, role: Role) -> None:
    key = services.access.new_key("other", role=role)

    assert client.get("/v1/audit", headers={"Authorization": f"Bearer {key}"}).status_code == 403


@pytest.fixture
def page(client: TestClient, services: FakeServices) -> TestClient:
    client.get("/login", params={"token": services.access.new_login_token()})
    return client


def test_the_page_shows_who_what_and_what_changed(page: TestClient, decided: str) -> None:
    html = page.get("/audit", params={"lang": "en", "event": "score_changed"}).text

    assert "key:test" in html
    assert f'href="/chats/{decided}"' in html
    assert "<del>70</del>" in html
    assert "<ins>100</ins>" in html
    assert "Row " in html


@pytest.mark.usefixtures("decided")
def test_a_name_is_text_on_the_page(page: TestClient) -> None:
    html = page.get("/audit").text

    assert "<i>王</i>" not in html
    assert "&lt;i&gt;王&lt;/i&gt;" in html


@pytest.mark.usefixtures("decided")
def test_a_filter_without_rows_and_an_unknown_one(page: TestClient) -> None:
    assert "No such act." in page.get("/audit", params={"lang": "en", "by": "nobody"}).text
    assert page.get("/audit", params={"event": "nothing"}).status_code == 422


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("event", AuditEvent)
def test_every_act_has_a_name_in_every_language(language: Language, event: AuditEvent) -> None:
    assert f"act.{event}" in catalogue(language).strings


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_name_in_every_language(language: Language, role: Role) -> None:
    assert f"role.{role}" in catalogue(language).strings
