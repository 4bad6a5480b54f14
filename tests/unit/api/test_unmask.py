"""Personal data is masked for everybody, and in the clear for those who ask and may."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.pages.session import form_token
from qa_service.domain.identity import Role
from tests.fakes.services import FakeServices

PHONE, MASKED = "13800138000", "138****8000"


@pytest.fixture
def stored_id(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> str:
    """A chat whose agent promises, and says a phone number."""
    chat["turns"][1]["text"] = f"七天内可以退，打{PHONE}"
    chat["attributes"] = {"phone": PHONE}
    stored = client.post("/v1/conversations", json=chat).json()["id"]
    services.work()
    return str(stored)


def unmaskings(services: FakeServices) -> list[tuple[str, dict[str, str]]]:
    with services.unit_of_work(is_read_only=True) as repository:
        entries = [record.entry for record in repository.audit_records()]
    return [(entry.by, dict(entry.on)) for entry in entries if entry.event == "text_unmasked"]


def test_a_conversation_is_read_masked(client: TestClient, services: FakeServices, stored_id: str) -> None:
    answer = client.get(f"/v1/conversations/{stored_id}")
    assert PHONE not in answer.text
    assert answer.json()["conversation"]["turns"][1]["text"] == f"七天内可以退，打{MASKED}"
    assert answer.json()["conversation"]["attributes"] == {"phone": MASKED}
    assert unmaskings(services) == []


def test_it_is_shown_to_whoever_may_and_logged(client: TestClient, services: FakeServices, stored_id: str) -> None:
    answer = client.get(f"/v1/conversations/{stored_id}", params={"unmask": "true"})
    assert answer.json()["conversation"]["turns"][1]["text"] == f"七天内可以退，打{PHONE}"
    assert answer.json()["conversation"]["attributes"] == {"phone": PHONE}
    assert [on for _, on in unmaskings(services)] == [{"conversation": stored_id}]


def test_offsets_hold_on_both_forms(client: TestClient, stored_id: str) -> None:
    for query in ({}, {"unmask": "true"}):
        document = client.get(f"/v1/conversations/{stored_id}", params=query).json()
        text = document["conversation"]["turns"][1]["text"]
        (finding,) = document["result"]["findings"]
        assert finding["text"] == text[finding["start"] : finding["end"]]


@pytest.mark.parametrize("role", [Role.AGENT, Role.TEAM_LEAD, Role.AUDITOR, Role.INTEGRATION])
def test_other_roles_are_refused_and_nothing_is_logged(
    anonymous: TestClient, services: FakeServices, stored_id: str, role: Role
) -> None:
    key = services.access.new_key("reader", role=role)
    answer = anonymous.get(
        f"/v1/conversations/{stored_id}", params={"unmask": "true"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert PHONE not in answer.text
    assert unmaskings(services) == []


def test_the_page_masks_until_the_button_is_pressed(
    anonymous: TestClient, services: FakeServices, stored_id: str
) -> None:
    anonymous.get("/login", params={"token": services.access.new_login_token()})
    masked = anonymous.get(f"/chats/{stored_id}").text
    assert (PHONE in masked, MASKED in masked) == (False, True)
    assert f'action="/chats/{stored_id}/unmask"' in masked

    shown = anonymous.post(
        f"/chats/{stored_id}/unmask", data={"form_token": form_token(anonymous.cookies["qa_session"])}
    )
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert len(unmaskings(services)) == 1


def test_the_button_needs_its_form(anonymous: TestClient, services: FakeServices, stored_id: str) -> None:
    anonymous.get("/login", params={"token": services.access.new_login_token()})
    assert anonymous.post(f"/chats/{stored_id}/unmask", data={"form_token": "x"}).status_code == 403
    assert unmaskings(services) == []


def test_a_chat_without_personal_data_has_no_button(
    anonymous: TestClient, client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    plain_id = client.post("/v1/conversations", json=chat).json()["id"]
    anonymous.get("/login", params={"token": services.access.new_login_token()})
    assert "/unmask" not in anonymous.get(f"/chats/{plain_id}").text


def test_inspecting_at_once_quotes_masks(client: TestClient, chat: dict[str, Any]) -> None:
    chat["turns"][1]["text"] = f"七天 {PHONE}"
    assert PHONE not in client.post("/v1/inspect", json=chat).text
