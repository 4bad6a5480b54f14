"""Precision of rules, demotions taken back, backtests beside requests."""

from __future__ import annotations

import time
from typing import Any

from fastapi.testclient import TestClient

from tests.fakes.services import FakeServices
from tests.unit.workflows.test_rule_work import FEWEST_REVIEWS, Decision, PackRule, RulePrecision, decide


def ended(client: TestClient, identity: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        answer: dict[str, Any] = client.get(f"/v1/rules/backtests/{identity}").json()
        if answer["state"] != "running":
            return answer
        time.sleep(0.01)
    raise AssertionError("the backtest does not end")


def test_precision_is_listed_for_every_rule(client: TestClient, services: FakeServices) -> None:
    decide(services.unit_of_work, "七天", decision=Decision.CONFIRM)

    (promise, insult) = client.get("/v1/rules/precision").json()["rules"]

    assert (promise["precision"]["confirmed"], promise["precision"]["low"], promise["bar"]) == (1, 0.2065, 0.7)
    assert (insult["precision"]["share"], insult["demoted_at"]) == (None, None)


def test_a_demotion_is_shown_and_taken_back(client: TestClient, services: FakeServices) -> None:
    decide(services.unit_of_work, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
    RulePrecision(unit_of_work=services.unit_of_work, clock=services.clock).demote_failing([PackRule()])
    path = "/v1/rules/promise.return_window/restore"

    assert client.get("/v1/rules/precision").json()["rules"][0]["demoted_at"] is not None
    assert client.post(path, json={"reason": "例外已补", "reviewer": "王敏"}).json()["demoted_at"] is None
    assert client.get("/v1/rules/precision").json()["rules"][0]["demoted_at"] is None
    assert client.post(path, json={"reason": "例外已补", "reviewer": "王敏"}).status_code == 409


def test_a_backtest_runs_beside_requests_and_is_read_with_its_id(client: TestClient, services: FakeServices) -> None:
    decide(services.unit_of_work, "七天", decision=Decision.CONFIRM)

    started = client.post("/v1/rules/backtests", json={"files": {"zh/a.yaml": "x"}})

    assert (started.status_code, started.json()["state"]) == (202, "running")
    report = ended(client, started.json()["id"])["report"]
    assert (report["conversations"], report["rules"][0]["before"], report["drops"]) == (1, 1, False)


def test_a_backtest_of_a_broken_pack_says_what_ended_it(client: TestClient) -> None:
    started = client.post("/v1/rules/backtests", json={"files": {"zh/broken.yaml": "x"}})

    answer = ended(client, started.json()["id"])

    assert (answer["state"], answer["error"], answer["report"]) == ("failed", "invalid_pack", None)


def test_an_unknown_backtest_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/rules/backtests/none").status_code == 404
