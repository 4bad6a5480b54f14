"""What people wrote is text on every page, whatever it looks like."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.domain.mood import Emotion
from tests.fakes.services import FakeServices
from tests.security.conftest import ATTACK, chat, store

NOT_PAGES = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
MARKUP = ("<script>alert", "<img src=x", 'onerror="alert(2)"')


def paths(app: FastAPI) -> list[str]:
    """Every page that is read."""
    found = [
        context.path
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and "GET" in context.original_route.methods
    ]
    return sorted(path for path in found if not path.startswith("/v1/") and path not in NOT_PAGES)


@pytest.fixture
def attacked(page: TestClient, services: FakeServices) -> dict[str, str]:
    """A chat full of markup, decided by somebody whose name is markup, and one that failed; values for addresses."""
    people: dict[str, Any] = {
        "shop": ATTACK,
        "channel": ATTACK,
        "agents": [{"id": ATTACK, "name": ATTACK, "group": ATTACK}],
        "customer": {"id": ATTACK},
        "attributes": {ATTACK: ATTACK},
        "turns": [
            {"id": "1", "role": "customer", "text": f"太差了{ATTACK}", "sender_id": ATTACK},
            {"id": "2", "role": "agent", "sender_id": ATTACK, "text": f"{ATTACK}七天都能退{ATTACK}"},
        ],
    }
    chat_id = store(page, services, chat(external_id=ATTACK, **people))
    (finding_id,) = page.get(f"/v1/conversations/{chat_id}").json()["finding_ids"].values()
    verdict = {"decision": "overturn", "comment": ATTACK, "reviewer": ATTACK}
    page.post(f"/v1/findings/{finding_id}/verdicts", json=verdict).raise_for_status()
    mood = {"turn_id": "1", "emotion": Emotion.ABUSIVE, "reviewer": ATTACK}
    page.post(f"/v1/conversations/{chat_id}/moods", json=mood)
    failed = page.post("/v1/conversations", json=chat(external_id=f"{ATTACK}2", **people)).json()["id"]
    with services.unit_of_work() as repository:
        repository.mark_failed(failed, error="internal", now=services.clock.now())
    services.access.issue_key(ATTACK, role=services.access.keys()[0].role)
    return {"conversation_id": chat_id, "agent_id:path": ATTACK}


@pytest.mark.parametrize("path", paths(create_app(FakeServices())))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_makes_markup_of_what_people_wrote(
    page: TestClient, attacked: dict[str, str], path: str, language: str
) -> None:
    address = path
    for name, value in attacked.items():
        address = address.replace(f"{{{name}}}", quote(value, safe=""))
    query = {"lang": language, "period": "2026-11", "state": "all", "by": "", "shop": "", "rule_id": "x", "q": ATTACK}

    answer = page.get(address, params=query)

    assert answer.status_code < 500
    if answer.headers["Content-Type"].startswith("text/html"):
        assert [part for part in MARKUP if part in answer.text] == []
    else:
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_attack_is_there_as_text(page: TestClient, attacked: dict[str, str]) -> None:
    """Else the test above would hold for pages that show nothing."""
    shown = [
        f"/chats/{attacked['conversation_id']}",
        "/queue?state=overturned",
        "/agents?period=2026-11",
        "/audit",
        "/dead-letters",
    ]

    for address in shown:
        assert "&lt;script&gt;alert(1)" in page.get(address).text, address


@pytest.mark.parametrize("value", [ATTACK, f"x{ATTACK}"], ids=["alone", "behind-text"])
@pytest.mark.parametrize("name", ["shop", "agent", "category", "channel", "by", "error", "cursor", "event", "period"])
def test_what_an_address_says_is_no_markup_either(page: TestClient, name: str, value: str) -> None:
    for path in ("/queue", "/agents", "/shop", "/audit", "/dead-letters"):
        answer = page.get(path, params={name: value})

        assert answer.status_code < 500
        assert [part for part in MARKUP if part in answer.text] == []
