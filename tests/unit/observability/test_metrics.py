from __future__ import annotations

from dataclasses import replace

import pytest

from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.work import Lane
from qa_service.observability import Metrics, metrics
from qa_service.workflows.telemetry import Stage
from tests.builders import conversation
from tests.fakes.stages import fake_inspector


def shown(counted: Metrics) -> list[str]:
    return counted.exposition().decode().splitlines()


@pytest.fixture
def counted() -> Metrics:
    return Metrics()


def inspected():
    return fake_inspector().inspect([conversation("customer: 能退吗", "agent: 七天内都可以退")])[0]


def test_what_an_inspection_lacks_is_counted(counted: Metrics) -> None:
    one = inspected()
    away = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="the mood model failed")
    broken = replace(one.findings[0], outcome=Outcome.UNAVAILABLE)

    counted.inspected(replace(one, mood=away), 0.1)
    counted.inspected(replace(one, findings=(broken, broken)), 0.1)
    counted.inspected(one, 0.1)

    assert 'qa_unavailable_total{part="mood"} 1.0' in shown(counted)
    assert 'qa_unavailable_total{part="rules"} 1.0' in shown(counted)


def test_rules_beyond_the_bound_share_a_series(counted: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "NAMED_RULES", 2)
    finding = inspected().findings[0]

    for rule in ("a.one", "a.two", "a.three", "a.four", "a.one"):
        counted.inspected(replace(inspected(), findings=(replace(finding, rule_id=rule),)), 0.1)

    found = {line for line in shown(counted) if line.startswith("qa_findings_total")}
    assert {line.partition(" ")[2] for line in found} == {"2.0", "1.0"}
    assert 'qa_findings_total{outcome="hit",rule="other"} 2.0' in found
    assert len(found) == 3


def test_intake_stages_batches_tasks_and_errors_are_counted(counted: Metrics) -> None:
    counted.taken_in(Lane.BULK, is_new=True)
    counted.taken_in(Lane.BULK, is_new=False)
    counted.stage_took(Stage.MOOD, 0.02)
    counted.batch_begun(16)
    counted.task_ended("qa_service.inspect", "done")
    counted.failed("invalid_json")
    counted.watch_cache(lambda: (10, 4))

    lines = shown(counted)

    assert 'qa_intake_total{lane="bulk",outcome="accepted"} 1.0' in lines
    assert 'qa_intake_total{lane="bulk",outcome="unchanged"} 1.0' in lines
    assert 'qa_stage_seconds_bucket{le="0.025",stage="mood"} 1.0' in lines
    assert 'qa_stage_seconds_bucket{le="0.01",stage="mood"} 0.0' in lines
    assert 'qa_batch_size_bucket{le="8.0"} 0.0' in lines
    assert "qa_batch_size_sum 16.0" in lines
    assert 'qa_tasks_total{outcome="done",task="qa_service.inspect"} 1.0' in lines
    assert 'qa_errors_total{code="invalid_json"} 1.0' in lines
    assert 'qa_model_cache_total{result="hit"} 4.0' in lines
    assert 'qa_model_cache_total{result="miss"} 6.0' in lines
