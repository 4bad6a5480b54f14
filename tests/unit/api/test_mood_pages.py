"""Moods at the page of a chat: what the model heard, and what a reviewer says instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.session import form_token
from qa_service.domain.identity import Role
from tests.fakes.services import FakeServices

PASSWORD = "correct horse battery"


@pytest.fixture
def browser(services: FakeServices) -> Iterator[TestClient]:
    """Wang Min, a reviewer, reads English."""
    services.people.add("wang", role=Role.REVIEWER, display_name="王敏", password=PASSWORD)
    with TestClient(create_app(services), follow_redirects=True) as client:
        client.headers["Accept-Language"] = "en"
        log_in(client, "wang")
        yield client


@pytest.fixture
def chat_id(services: FakeServices, browser: TestClient, chat: dict[str, Any]) -> str:
    """An angry customer turn (1), an agent's (2), a neutral customer turn (3)."""
    chat["turns"][0]["text"] = "你们太差了"
    chat["turns"].append({"role": "customer", "text": "好的"})
    key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
    answer = browser.post("/v1/conversations", json=chat, headers=key)
    services.work()
    return str(answer.json()["id"])


def log_in(client: TestClient, name: str) -> None:
    token = re.search(r'name="form_token"\s+value="([^"]+)"', client.get("/login").text)
    assert token is not None
    client.post("/login/password", data={"form_token": token[1], "name": name, "password": PASSWORD})
    assert "qa_session" in client.cookies


def correct(client: TestClient, chat_id: str, **fields: str) -> Any:
    token = form_token(client.cookies["qa_session"])
    return client.post(f"/chats/{chat_id}/moods", data={"form_token": token, **fields})


def turn_of(page: str, turn_id: str) -> str:
    """The turn's part of the page."""
    return page.split(f'id="turn-{turn_id}"')[1].split("</li>\n    <li", 1)[0].split("</ol>", maxsplit=1)[0]


def said(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_a_correction_stands_beside_the_models_call_with_who_and_when(browser: TestClient, chat_id: str) -> None:
    assert "angry 75 %" in said(turn_of(browser.get(f"/chats/{chat_id}").text, "1"))

    answer = correct(browser, chat_id, turn_id="1", emotion="anxious")

    assert answer.url.fragment == "turn-1"
    turn = turn_of(answer.text, "1")
    assert re.search(r'is-corrected"[^>]*>angry 75 %', turn)
    assert re.search(r"anxious says wang, 11-0\d \d\d:\d\d", said(turn))


def test_the_newest_correction_alone_is_shown(browser: TestClient, chat_id: str) -> None:
    correct(browser, chat_id, turn_id="3", emotion="anxious")

    turn = said(turn_of(correct(browser, chat_id, turn_id="3", emotion="disappointed").text, "3"))

    assert "neutral 75 % disappointed says wang" in turn


def test_a_correction_moves_no_score_and_is_in_the_audit_log(
    services: FakeServices, browser: TestClient, chat_id: str
) -> None:
    with services.unit_of_work(is_read_only=True) as repository:
        before = repository.get(chat_id)

    correct(browser, chat_id, turn_id="1", emotion="anxious")

    with services.unit_of_work(is_read_only=True) as repository:
        after = repository.get(chat_id)
        (row,) = [r.entry for r in repository.audit_records() if r.entry.event == "mood_corrected"]
    assert (after.final_scorecards, after.review_state) == (before.final_scorecards, before.review_state)
    assert row.on["turn"] == "1"


def test_the_form_offers_every_emotion_but_the_one_that_stands(browser: TestClient, chat_id: str) -> None:
    offered = [
        re.findall(r'<option value="(\w+)"', turn_of(page, "1"))
        for page in (
            browser.get(f"/chats/{chat_id}").text,
            correct(browser, chat_id, turn_id="1", emotion="anxious").text,
        )
    ]
    assert [set(emotions) for emotions in offered] == [
        {"neutral", "satisfied", "anxious", "disappointed", "abusive"},
        {"neutral", "satisfied", "angry", "disappointed", "abusive"},
    ]


def test_only_texts_of_the_customer_have_the_form(
    services: FakeServices, browser: TestClient, chat: dict[str, Any]
) -> None:
    chat["turns"].append({"role": "customer", "kind": "image", "text": ""})
    key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
    chat_id = browser.post("/v1/conversations", json=chat, headers=key).json()["id"]
    services.work()

    page = browser.get(f"/chats/{chat_id}").text

    assert re.findall(r'name="turn_id" value="(\w+)"', page) == ["1"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"turn_id": "1", "emotion": "angry"}, 409, id="the emotion that stands"),
        pytest.param({"turn_id": "1", "emotion": ""}, 422, id="none chosen"),
        pytest.param({"turn_id": "1", "emotion": "sad"}, 422, id="no such emotion"),
        pytest.param({"turn_id": "2", "emotion": "angry"}, 422, id="an agent's turn"),
        pytest.param({"turn_id": "9", "emotion": "angry"}, 404, id="no such turn"),
        pytest.param({"emotion": "angry"}, 422, id="no turn"),
    ],
)
def test_what_cannot_be_recorded_is_a_page_that_says_so(
    browser: TestClient, chat_id: str, fields: dict[str, str], status: int
) -> None:
    answer = correct(browser, chat_id, **fields)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "says wang" not in browser.get(f"/chats/{chat_id}").text


def test_a_form_without_its_token_is_refused(browser: TestClient, chat_id: str) -> None:
    answer = browser.post(f"/chats/{chat_id}/moods", data={"turn_id": "1", "emotion": "anxious"})

    assert answer.status_code == 403
    assert "says wang" not in browser.get(f"/chats/{chat_id}").text


@pytest.mark.parametrize("role", [Role.AGENT, Role.TEAM_LEAD])
def test_who_may_not_decide_is_offered_nothing_and_refused(
    services: FakeServices, browser: TestClient, chat_id: str, role: Role
) -> None:
    services.people.add("li", role=role, password=PASSWORD)
    browser.cookies.clear()
    log_in(browser, "li")

    assert "/moods" not in browser.get(f"/chats/{chat_id}").text
    assert correct(browser, chat_id, turn_id="1", emotion="anxious").status_code == 403


def test_an_erased_chat_has_no_form(services: FakeServices, browser: TestClient, chat_id: str) -> None:
    services.settings = services.settings.model_copy(update={"retention_days": 1})
    services.clock.time += timedelta(days=2)
    services.eraser.work(at_most_seconds=60)
    log_in(browser, "wang")

    page = browser.get(f"/chats/{chat_id}").text

    assert "Text erased" in page
    assert "/moods" not in page


def test_risk_signals_are_marked_with_how_sure_the_model_is(browser: TestClient, chat_id: str) -> None:
    page = browser.get(f"/chats/{chat_id}").text

    assert "complaint 50 %" in said(turn_of(page, "1"))
    assert "Marks below a message" in page
