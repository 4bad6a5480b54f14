"""Precision of rules, demotions taken back, backtests beside requests."""

from __future__ import annotations

import time
from typing import Any

import pytest
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


def test_a_backtest_of_a_broken_pack_is_answered_at_once_with_file_and_line(client: TestClient) -> None:
    answer = client.post("/v1/rules/backtests", json={"files": {"zh/broken.yaml": "x"}})

    assert (answer.status_code, answer.json()["field"]) == (422, "files")
    assert answer.json()["detail"].startswith("zh/broken.yaml:1:")


def test_an_unknown_backtest_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/rules/backtests/none").status_code == 404


def test_packs_are_published_after_their_backtest_and_withdrawn(client: TestClient) -> None:
    path, files = "/v1/rules/publication", {"zh/a.yaml": "x"}
    request = {"files": files, "reviewer": "王敏"}

    early = client.post(path, json=request)
    ended(client, client.post("/v1/rules/backtests", json={"files": files}).json()["id"])
    published = client.post(path, json=request)

    assert (early.status_code, published.status_code) == (409, 200)
    assert client.get(path).json() == published.json()
    assert (published.json()["by"], published.json()["reason"]) == ("王敏", None)
    assert client.post(f"{path}/withdraw", json={"reviewer": "王敏"}).json()["digest"] is None
    assert client.post(f"{path}/withdraw", json={"reviewer": "王敏"}).status_code == 409


def test_a_broken_pack_is_the_callers_to_put_right(client: TestClient) -> None:
    answer = client.post("/v1/rules/publication", json={"files": {"zh/broken.yaml": "x"}, "reviewer": "王敏"})

    assert (answer.status_code, answer.json()["field"]) == (422, "files")
    assert answer.json()["detail"].startswith("zh/broken.yaml:1:")


def test_a_forced_publication_needs_a_reason(client: TestClient) -> None:
    request = {"files": {"zh/a.yaml": "x"}, "reviewer": "王敏", "force": True}
    assert client.post("/v1/rules/publication", json=request).json()["code"] == "missing_field"


def test_exceptions_are_proposed_from_overturned_hits(client: TestClient, services: FakeServices) -> None:
    decide(services.unit_of_work, "七天无理由", "七天无理由哦", decision=Decision.OVERTURN, name="bad")

    proposed = client.get("/v1/rules/promise.return_window/exceptions").json()["exceptions"]

    assert (proposed[0]["overturned_removed"], proposed[0]["confirmed_lost"]) == (2, 0)
    assert client.get("/v1/rules/no.rule/exceptions").status_code == 404


def test_packs_are_read_anew_or_stay_with_file_and_line(client: TestClient) -> None:
    read = client.post("/v1/rules/reload", json={"reviewer": "王敏"})
    broken = client.post("/v1/rules/reload", json={"reviewer": "broken"})

    assert (read.status_code, read.json()) == (200, {"rules_digest": "rules-1"})
    assert broken.status_code == 409
    assert "zh/abuse.yaml:3" in broken.json()["detail"]


def log_in(client: TestClient, services: FakeServices) -> str:
    """Open the pages; the token that forms carry."""
    client.post("/login", data={"token": services.access.new_login_token(), "name": "王敏"})
    return client.get("/rules?lang=en").text


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("30 条中确认 0 条", "已降级为提示", "恢复计分")), ("en", ("0 of 30 confirmed", "Demoted to advisory", "Restore"))],
)  # fmt: skip
def test_the_page_shows_what_is_demoted_and_takes_it_back(
    client: TestClient, services: FakeServices, language: str, words: tuple[str, ...]
) -> None:
    decide(services.unit_of_work, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
    RulePrecision(unit_of_work=services.unit_of_work, clock=services.clock).demote_failing([PackRule()])
    token = log_in(client, services).split('name="form_token" value="')[1].split('"')[0]
    path = "/rules/promise.return_window/restore"

    page = client.get(f"/rules?lang={language}").text
    client.post(path, data={"form_token": token, "reason": "例外已补"})
    restored = client.get(f"/rules?lang={language}").text

    assert [word in page for word in words] == [True] * len(words)
    assert [word in restored for word in words] == [True, False, False]
    assert client.post(path, data={"form_token": "x", "reason": "y"}).status_code == 403


def test_the_page_says_that_nothing_was_reviewed(client: TestClient, services: FakeServices) -> None:
    assert "No hit was reviewed yet." in log_in(client, services)
