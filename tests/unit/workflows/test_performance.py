from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from qa_service.domain.scorecard import Band
from qa_service.errors import ConfigError, InvalidInput
from qa_service.reports import sign, sign_with_key
from qa_service.workflows.performance import Performance
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.services import FakeSender
from tests.fakes.stages import FakeClock, fake_inspector

SECRET = "s" * 32


@pytest.fixture
def sender():
    return FakeSender(statuses=(503, 204))


@pytest.fixture
def performance(sender):
    store, clock = FakeUnitOfWork(), FakeClock()
    intake = fake_intake(store, clock=clock)
    began = clock.now()
    for number, answer in enumerate(("七天可以退", "三天可以退")):
        intake.submit(
            conversation("customer: 能退吗", f"agent[a-7]: {answer}", external_id=f"c-{number}", started_at=began)
        )
    Worker(unit_of_work=store, clock=clock, inspector=fake_inspector(), claimant="w").work()
    return Performance(
        unit_of_work=store,
        clock=clock,
        zone=ZoneInfo("Asia/Shanghai"),
        rubric="tiny",
        rubric_version=1,
        bands=(Band(id="pass", minimum=Decimal(0), label="达标"),),
        sender=sender,
        push_secret=SECRET,
    )


def test_an_agents_month_is_the_mean_of_the_final_scores(performance):
    (row,) = performance.agents("2026-11")

    assert (row.agent_id, row.conversations, row.total.mean, row.band) == ("a-7", 2, 85.0, "pass")
    assert row.findings_by_category == {"unauthorized_promise": 1}
    assert performance.agents("2026-10") == []


def test_a_wrong_month_or_format_is_refused(performance):
    with pytest.raises(InvalidInput, match="month"):
        performance.agents("november")
    with pytest.raises(InvalidInput, match="csv, xlsx, json"):
        performance.export("2026-11", "pdf")


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_every_format_has_content_type_and_name(performance, format):
    content, media_type, name = performance.export("2026-11", format)

    assert content
    assert media_type
    assert name == f"performance-2026-11.{format}"


def test_the_overview_counts_conversations_by_day(performance):
    overview = performance.overview("2026-11")

    assert overview.conversations == 2
    assert sum(day.conversations for day in overview.days) == 2


def test_an_agents_scorecards_of_a_month(performance):
    assert len(performance.scorecards("a-7", "2026-11")) == 2
    assert performance.scorecards("a-7", "2026-10") == []
    assert len(performance.scorecards("a-7")) == 2


def test_a_push_is_signed_retried_under_one_key_and_logged(performance, sender):
    record = performance.push("2026-11")

    (body, first), (_, second) = sender.received
    assert record["delivered"]
    assert record["attempt"] == 2
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert second["X-QA-Signature"] == "sha256=" + sign(body, secret=SECRET, timestamp=int(second["X-QA-Timestamp"]))
    key, time = second["Idempotency-Key"], int(second["X-QA-Timestamp"])
    signed = sign_with_key(body, secret=SECRET, timestamp=time, idempotency_key=key)
    assert second["X-QA-Signature-2"] == f"sha256={signed}"
    assert signed != sign_with_key(body, secret=SECRET, timestamp=time, idempotency_key="another")
    assert json.loads(body)["agents"][0]["agent_id"] == "a-7"
    assert [entry["status"] for entry in performance.deliveries()] == [204, 503]


def test_without_an_address_there_is_no_push(performance):
    with pytest.raises(ConfigError, match="QA_PUSH_URL"):
        replace(performance, sender=None).push("2026-11")
