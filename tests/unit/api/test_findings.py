from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.fakes.services import FakeServices


@pytest.fixture
def stored(client: TestClient, services: FakeServices, chat: dict[str, Any]) -> tuple[str, str]:
    """Ids of a conversation and its one finding."""
    conversation_id = client.post("/v1/conversations", json=chat).json()["id"]
    services.work()
    (finding_id,) = client.get(f"/v1/conversations/{conversation_id}").json()["finding_ids"].values()
    return conversation_id, finding_id


def decide(client: TestClient, finding_id: str, decision: str, comment: str = "") -> Any:
    body = {"decision": decision, "comment": comment, "reviewer": "王敏"}
    return client.post(f"/v1/findings/{finding_id}/verdicts", json=body)


def test_a_finding_is_read_by_id(client: TestClient, stored: tuple[str, str]) -> None:
    conversation_id, finding_id = stored

    found = client.get(f"/v1/findings/{finding_id}").json()

    assert (found["id"], found["conversation_id"], found["external_id"]) == (finding_id, conversation_id, "c-1")
    assert (found["state"], found["verdicts"]) == ("open", [])
    assert found["finding"]["text"] == "七天"


def test_overturning_recomputes_the_final_score_and_keeps_the_machine_score(
    client: TestClient, stored: tuple[str, str]
) -> None:
    conversation_id, finding_id = stored

    answer = decide(client, finding_id, "overturn", "活动期间支持七天")

    assert answer.status_code == 201
    assert answer.json()["state"] == "overturned"
    (verdict,) = answer.json()["verdicts"]
    assert (verdict["reviewer"], verdict["comment"], verdict["decision"]) == ("王敏", "活动期间支持七天", "overturn")
    read = client.get(f"/v1/conversations/{conversation_id}").json()
    assert read["review_state"] == "overturned"
    assert read["result"]["scorecards"][0]["total"] == 70.0
    assert read["final_scorecards"][0]["total"] == 100.0
    assert read["verdicts"] == [verdict]


def test_confirming_an_appealed_finding_is_possible(client: TestClient, stored: tuple[str, str]) -> None:
    _, finding_id = stored

    states = [
        decide(client, finding_id, decision, comment).json()["state"]
        for decision, comment in (("confirm", ""), ("appeal", "不同意"), ("confirm", ""))
    ]

    assert states == ["confirmed", "appealed", "confirmed"]


@pytest.mark.parametrize("decision", ["confirm", "overturn"])
def test_the_decision_that_a_finding_has_conflicts(client: TestClient, stored: tuple[str, str], decision: str) -> None:
    conversation_id, finding_id = stored
    decide(client, finding_id, decision, "误判")

    answer = decide(client, finding_id, decision, "误判")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(client.get(f"/v1/conversations/{conversation_id}").json()["verdicts"]) == 1


def test_an_appeal_against_an_overturned_finding_conflicts(client: TestClient, stored: tuple[str, str]) -> None:
    _, finding_id = stored
    decide(client, finding_id, "overturn", "误判")

    answer = decide(client, finding_id, "appeal", "不同意")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        pytest.param(b"{", 400, "invalid_json", "body", id="broken JSON"),
        pytest.param(b'{"reviewer":"x"}', 422, "missing_field", "decision", id="no decision"),
        pytest.param(b'{"decision":"confirm"}', 422, "missing_field", "reviewer", id="no reviewer"),
        pytest.param(b'{"decision":"like","reviewer":"x"}', 422, "invalid_field", "decision", id="unknown decision"),
        pytest.param(b'{"decision":"overturn","reviewer":"x"}', 422, "missing_field", "comment", id="no comment"),
        pytest.param(
            b'{"decision":"confirm","reviewer":"x","comment":"\\u0000"}', 422, "invalid_field", "comment", id="NUL"
        ),
        pytest.param(
            b'{"decision":"confirm","reviewer":"\\ud800"}', 422, "invalid_field", "reviewer", id="lone surrogate"
        ),
        pytest.param(b'{"decision":"confirm","reviewer":"x","x":1}', 422, "invalid_field", "x", id="unknown field"),
    ],
)
def test_a_bad_verdict_is_refused_by_field(
    client: TestClient, stored: tuple[str, str], body: bytes, status: int, code: str, field: str
) -> None:
    _, finding_id = stored

    answer = client.post(
        f"/v1/findings/{finding_id}/verdicts", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == status
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


def test_an_unknown_finding_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/findings/nobody").status_code == 404
    assert decide(client, "nobody", "confirm").status_code == 404
