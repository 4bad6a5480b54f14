"""Answers with everything in them follow the OpenAPI document; generated requests seldom meet something stored."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from api.app import create_app
from tests.fakes.services import FakeServices

DOCUMENT: dict[str, Any] = create_app(FakeServices()).openapi()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/conversations/{conversation_id}",
        "/v1/conversations",
        "/v1/findings/{finding_id}",
        "/v1/agents/{agent_id}/scorecards",
        "/v1/performance",
        "/v1/rules",
    ],
)
def test_an_answer_follows_its_schema(
    client: TestClient, services: FakeServices, chat: dict[str, Any], path: str
) -> None:
    conversation_id = client.post("/v1/conversations", json=chat).json()["id"]
    services.work()
    (finding_id,) = client.get(f"/v1/conversations/{conversation_id}").json()["finding_ids"].values()
    verdict = {"decision": "overturn", "comment": "误判", "reviewer": "王敏"}
    client.post(f"/v1/findings/{finding_id}/verdicts", json=verdict)
    address = path.format(conversation_id=conversation_id, finding_id=finding_id, agent_id="a-7")

    answer = client.get(address, params={"period": "2026-11"} if path == "/v1/performance" else {})

    content = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]}).validate(answer.json())
