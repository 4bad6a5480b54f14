from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.domain.work import Lane
from tests.fakes.services import FakeServices


def submit(client: TestClient, chat: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/v1/conversations", json=chat)
    assert answer.status_code == 202
    return dict(answer.json())


def test_a_conversation_is_accepted_and_the_worker_woken(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    answer = submit(client, chat)

    assert (answer["external_id"], answer["revision"], answer["state"]) == ("c-1", 1, "pending")
    assert answer["created"] is True
    assert services.queue.sent == [(Lane.REALTIME, [answer["id"]])]


def test_the_same_content_again_answers_the_same_record(client: TestClient, chat: dict[str, Any]) -> None:
    first, second = submit(client, chat), submit(client, chat)

    assert second == {**first, "created": False}


def test_changed_content_makes_a_new_revision(client: TestClient, chat: dict[str, Any]) -> None:
    first = submit(client, chat)
    chat["turns"].append({"role": "customer", "text": "好的"})
    second = submit(client, chat)

    assert second["id"] == first["id"]
    assert (second["revision"], second["created"]) == (2, True)


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        pytest.param(b'{"external_id":', 400, "invalid_json", "body", id="broken JSON"),
        pytest.param(b"", 400, "invalid_json", "body", id="empty"),
        pytest.param("{'客服'}".encode("gb18030"), 400, "invalid_encoding", "body", id="GB18030"),
        pytest.param(b"[]", 422, "invalid_field", "conversation", id="a list"),
        pytest.param(b'{"turns":[{"role":"agent","text":"x"}]}', 422, "missing_field", "external_id", id="no id"),
        pytest.param(b'{"external_id":"1","turns":[]}', 422, "empty_conversation", "turns", id="no turns"),
        pytest.param(
            b'{"external_id":"1","turns":[{"role":"boss","text":"x"}]}',
            422,
            "invalid_field",
            "turns[0].role",
            id="role",
        ),
        pytest.param(
            b'{"external_id":"1","turns":[{"role":"bot","text":"\\u0000"}]}',
            422,
            "invalid_text",
            "turns[0].text",
            id="NUL",
        ),
        pytest.param(
            b'{"external_id":"1","turns":[{"role":"bot","text":"\\ud800"}]}',
            422,
            "invalid_text",
            "turns[0].text",
            id="lone surrogate",
        ),
        pytest.param(
            b'{"external_id":"1","started_at":"2026-11-02T09:58:00","turns":[{"role":"bot","text":"x"}]}',
            422,
            "time_zone_missing",
            "started_at",
            id="time without offset",
        ),
        pytest.param(
            b'{"external_id":"1","turns":[{"role":"bot","text":"' + b"x" * 20_001 + b'"}]}',
            413,
            "too_large",
            "turns[0].text",
            id="long turn",
        ),
    ],
)
def test_a_bad_conversation_is_refused_by_field(
    client: TestClient, services: FakeServices, body: bytes, status: int, code: str, field: str
) -> None:
    answer = client.post("/v1/conversations", content=body)

    assert answer.status_code == status
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert services.queue.sent == []


def test_a_conversation_is_read_with_its_result(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    conversation_id = submit(client, chat)["id"]
    before = client.get(f"/v1/conversations/{conversation_id}").json()
    services.work()
    after = client.get(f"/v1/conversations/{conversation_id}").json()

    assert (before["state"], before["result"], before["finding_ids"]) == ("pending", None, {})
    assert (after["state"], after["review_state"]) == ("complete", "open")
    assert after["conversation"]["turns"][1]["text"] == "亲，七天内都可以退的哦"
    (finding,) = after["result"]["findings"]
    assert (finding["rule_id"], finding["start"], finding["end"]) == ("promise.return_window", 2, 4)
    assert list(after["finding_ids"]) == [finding["key"]]
    assert after["final_scorecards"] == after["result"]["scorecards"]


def test_the_result_is_the_same_as_of_inspecting_at_once(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    conversation_id = submit(client, chat)["id"]
    services.work()

    stored = client.get(f"/v1/conversations/{conversation_id}").json()["result"]
    assert stored == client.post("/v1/inspect", json=chat).json()


def test_an_unknown_conversation_is_not_found(client: TestClient) -> None:
    answer = client.get("/v1/conversations/nobody")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.fixture
def three(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> list[str]:
    """Newest first: calm, angry, with a hit."""
    calm = [{"role": "customer", "text": "在吗"}, {"role": "agent", "sender_id": "a-8", "text": "在的"}]
    angry = [{"role": "customer", "text": "太差了"}, {"role": "agent", "sender_id": "a-8", "text": "抱歉"}]
    for shop, external_id, time, turns in (
        ("demo", "hit", "2026-11-01T10:00:00+08:00", chat["turns"]),
        ("other", "angry", "2026-11-02T10:00:00+08:00", angry),
        ("other", "calm", "2026-11-03T10:00:00+08:00", calm),
    ):
        submit(client, {"external_id": external_id, "shop": shop, "started_at": time, "turns": turns})
    services.work()
    return ["calm", "angry", "hit"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, ["calm", "angry", "hit"], id="all, newest first"),
        pytest.param({"worst_first": "true"}, ["hit", "angry", "calm"], id="worst first"),
        pytest.param({"since": "2026-11-02T02:00:00Z"}, ["calm", "angry"], id="since"),
        pytest.param({"until": "2026-11-02T10:00:00+08:00"}, ["hit"], id="until"),
        pytest.param({"agent": "a-8"}, ["calm", "angry"], id="agent"),
        pytest.param({"shop": "demo"}, ["hit"], id="shop"),
        pytest.param({"channel": "taobao"}, [], id="channel"),
        pytest.param({"rule": "promise.return_window"}, ["hit"], id="rule"),
        pytest.param({"category": "unauthorized_promise"}, ["hit"], id="category"),
        pytest.param({"severity": "major"}, ["hit"], id="severity"),
        pytest.param({"dimension": "compliance", "score_at_most": "70"}, ["hit"], id="score"),
        pytest.param({"polarity_at_most": "-0.5"}, ["angry"], id="mood"),
        pytest.param({"review_state": "confirmed"}, [], id="review state"),
        pytest.param({"flagged": "true"}, ["hit"], id="flagged"),
        pytest.param({"flagged": "false", "agent": "a-8"}, ["calm", "angry"], id="two filters"),
    ],
)
def test_filters_select(client: TestClient, three: list[str], query: dict[str, str], found: list[str]) -> None:
    rows = client.get("/v1/conversations", params=query).json()["conversations"]

    assert [row["external_id"] for row in rows] == found


def test_pages_follow_each_other(client: TestClient, three: list[str]) -> None:
    first = client.get("/v1/conversations", params={"limit": 2}).json()
    second = client.get("/v1/conversations", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [row["external_id"] for row in first["conversations"] + second["conversations"]] == three
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        pytest.param({"limit": "0"}, "invalid_field", "limit", id="limit 0"),
        pytest.param({"limit": "201"}, "invalid_field", "limit", id="limit 201"),
        pytest.param({"severity": "bad"}, "invalid_field", "severity", id="severity"),
        pytest.param({"since": "2026-11-02T02:00:00"}, "time_zone_missing", "since", id="time without offset"),
        pytest.param({"since": "0001-01-01T00:00:00+14:00"}, "invalid_field", "since", id="year 1"),
        pytest.param({"polarity_at_most": "nan"}, "invalid_field", "polarity_at_most", id="not a number"),
        pytest.param({"score_at_most": "50"}, "missing_field", "dimension", id="score without dimension"),
        pytest.param({"dimension": "compliance"}, "missing_field", "score_at_most", id="dimension without score"),
        pytest.param({"shop": "a\x00"}, "invalid_field", "shop", id="NUL"),
        pytest.param({"cursor": "x"}, "invalid_field", "cursor", id="cursor"),
        pytest.param({"agent_id": "a-8"}, "invalid_field", "agent_id", id="unknown parameter"),
    ],
)
def test_a_bad_filter_is_refused_by_name(client: TestClient, query: dict[str, str], code: str, field: str) -> None:
    answer = client.get("/v1/conversations", params=query)

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


@pytest.fixture
def suspected(chat: dict[str, Any]) -> dict[str, Any]:
    """The same chat; the model suspects its agent turn and no rule hits."""
    chat["turns"][1]["text"] = "你自己看"
    return chat


def test_a_suspected_conversation_is_cleared_once(
    client: TestClient, services: FakeServices, suspected: dict[str, Any]
) -> None:
    conversation_id = submit(client, suspected)["id"]
    services.work()
    address, body = f"/v1/conversations/{conversation_id}/clear", {"comment": "语气正常", "reviewer": "王敏"}

    answer = client.post(address, json=body)

    assert (answer.status_code, answer.json()["review_state"]) == (201, "cleared")
    (review,) = answer.json()["suspicion_reviews"]
    assert (review["revision"], review["comment"], review["reviewer"]) == (1, "语气正常", "王敏")
    assert client.get("/v1/conversations", params={"review_state": "open"}).json()["conversations"] == []
    assert client.post(address, json=body).status_code == 409


def test_a_conversation_with_an_open_hit_is_not_cleared(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    conversation_id = submit(client, chat)["id"]
    services.work()

    answer = client.post(f"/v1/conversations/{conversation_id}/clear", json={"reviewer": "王敏"})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_clearing_needs_a_reviewer_and_a_conversation(client: TestClient) -> None:
    assert client.post("/v1/conversations/nothing/clear", json={}).json()["field"] == "reviewer"
    assert client.post("/v1/conversations/nothing/clear", json={"reviewer": "王敏"}).status_code == 404


class TestExplanation:
    def test_each_condition_is_answered_with_its_evidence_and_distance(
        self, client: TestClient, services: FakeServices, chat: dict[str, Any]
    ) -> None:
        chat_id = client.post("/v1/conversations", json=chat).json()["id"]
        services.work()

        explained = client.get(f"/v1/conversations/{chat_id}/rules/promise.return_window/explanation").json()

        customer, agent = explained["turns"]
        assert (explained["outcome"], explained["is_of_result"]) == ("hit", True)
        assert customer["left_out"] == "speaker is customer"
        assert agent["findings"][0]["text"] == "七天"
        (words,) = agent["condition"]["parts"]
        assert (words["name"], words["truth"], words["evidence"][0]["start"]) == ("any", "yes", 2)
        assert words["measured"][0]["bound"] == "better than return_days, 3 day"

    def test_a_conversation_without_a_result_is_explained_all_the_same(
        self, client: TestClient, chat: dict[str, Any]
    ) -> None:
        chat_id = client.post("/v1/conversations", json=chat).json()["id"]

        explained = client.get(f"/v1/conversations/{chat_id}/rules/promise.return_window/explanation").json()

        assert (explained["outcome"], explained["is_of_result"]) == ("hit", None)

    @pytest.mark.parametrize("rule_id", ["no.such", "x"])
    def test_an_unknown_rule_is_not_found(self, client: TestClient, chat: dict[str, Any], rule_id: str) -> None:
        chat_id = client.post("/v1/conversations", json=chat).json()["id"]

        answer = client.get(f"/v1/conversations/{chat_id}/rules/{rule_id}/explanation")

        assert (answer.status_code, answer.json()["field"]) == (404, "rule_id")


def test_a_mood_is_corrected_once_and_moves_no_score(
    client: TestClient, services: FakeServices, chat: dict[str, Any]
) -> None:
    conversation_id = submit(client, chat)["id"]
    services.work()
    before = client.get(f"/v1/conversations/{conversation_id}").json()
    address = f"/v1/conversations/{conversation_id}/moods"
    body = {"turn_id": before["conversation"]["turns"][0]["id"], "emotion": "anxious", "reviewer": "王敏"}

    answer = client.post(address, json=body)

    assert answer.status_code == 201
    (correction,) = answer.json()["mood_corrections"]
    assert (correction["turn_id"], correction["emotion"], correction["reviewer"]) == tuple(body.values())
    assert answer.json() == {**before, "mood_corrections": [correction]}
    assert client.post(address, json=body).status_code == 409
    assert client.post(address, json={**body, "emotion": "sad"}).json()["field"] == "emotion"
