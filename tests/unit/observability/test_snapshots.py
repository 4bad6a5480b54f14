"""Counts of processes that share nothing, added up in the one that Prometheus asks."""

from __future__ import annotations

import multiprocessing
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from qa_service.domain.work import Lane
from qa_service.errors import ConfigError
from qa_service.observability import Metrics, Snapshots, serve_metrics
from qa_service.workflows.telemetry import Stage


def count(folder: Path, times: int) -> None:
    counted = Metrics()
    for _ in range(times):
        counted.taken_in(Lane.BULK, is_new=True)
        counted.stage_took(Stage.STORE, 0.02)
        Snapshots(folder).write(counted.registry)


def counted_by_two(folder: Path) -> CollectorRegistry:
    context = multiprocessing.get_context("spawn")
    for times in (2, 3):
        child = context.Process(target=count, args=(folder, times))
        child.start()
        child.join()
        assert child.exitcode == 0
    registry = CollectorRegistry()
    registry.register(Snapshots(folder))
    return registry


def test_counts_of_processes_that_ended_add_up(tmp_path: Path) -> None:
    lines = generate_latest(counted_by_two(tmp_path)).decode().splitlines()

    assert "# TYPE qa_intake_total counter" in lines
    assert 'qa_intake_total{lane="bulk",outcome="accepted"} 5.0' in lines
    assert 'qa_stage_seconds_bucket{le="0.025",stage="store"} 5.0' in lines
    assert 'qa_stage_seconds_bucket{le="0.01",stage="store"} 0.0' in lines
    assert 'qa_stage_seconds_count{stage="store"} 5.0' in lines
    assert not [line for line in lines if "_created" in line]


def test_a_process_that_died_while_it_wrote_takes_nothing_away(tmp_path: Path) -> None:
    (tmp_path / "4711.new").write_text("[[")

    assert b'outcome="accepted"} 5.0' in generate_latest(counted_by_two(tmp_path))


def test_prometheus_is_answered_on_a_port_of_its_own(tmp_path: Path) -> None:
    counted = Metrics()
    counted.failed("internal")
    port = serve_metrics(counted.registry, host="127.0.0.1", port=0)

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b'qa_errors_total{code="internal"} 1.0' in answer.read()

    with pytest.raises(ConfigError, match="QA_METRICS_PORT"):
        serve_metrics(counted.registry, host="127.0.0.1", port=port)
