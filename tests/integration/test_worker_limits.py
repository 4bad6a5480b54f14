"""Time limits and metrics of a real worker behind a real broker: what takes too long is given back, then given up."""

from __future__ import annotations

import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deployment import Deployment, post_batch
from tests.integration.chats import drawn
from tests.integration.program import wait_for
from tests.servers import Server, descendants, free_port, redis_server
from tests.stores import new_database

pytestmark = pytest.mark.model

SLOW_STAGE = """
import os, pathlib, signal, sys, time
from qa_service.cli import main
from qa_service.workflows import inspect_conversation as stages

inspect = stages.Inspector.inspect

def inspect_slowly(self, conversations):
    if any("slow" in chat.external_id for chat in conversations):
        try:
            time.sleep(60)
        except Exception:  # as a stage does that takes every failure for its own
            time.sleep(60)
    first_time = pathlib.Path(os.environ.get("QA_TEST_DEAF", "."))
    if any("deaf" in chat.external_id for chat in conversations) and not first_time.exists():
        first_time.touch()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        time.sleep(600)
    return inspect(self, conversations)

stages.Inspector.inspect = inspect_slowly
main()
"""
"""`qa-service`, but chats with `slow` in their id take longer than any limit; with `deaf`, once, and no signal is heard."""


@pytest.fixture
def deployment(tmp_path: Path, postgresql: Server) -> Iterator[Deployment]:
    """On a database of its own; limits of a few seconds."""
    limits = {"QA_TASK_SOFT_SECONDS": "6", "QA_TASK_HARD_SECONDS": "9", "QA_MODEL_THREADS": "1"}
    with new_database(postgresql) as url, redis_server() as redis:
        service = Deployment(postgresql=postgresql, redis=redis, database_url=url, folder=tmp_path, settings=limits)
        yield service
        service.stop()


def test_the_soft_limit_gives_a_batch_back_and_only_the_slow_chat_is_retried(deployment: Deployment) -> None:
    deployment.program = (sys.executable, "-c", SLOW_STAGE)
    with deployment.api() as (_, client):
        post_batch(client, [*drawn(3, "quick"), *drawn(1, "slow")])
        worker = deployment.worker()
        deployment.beat()
        # given back at the soft limit, then each alone: the quick ones are done, the slow one runs out of time by itself
        slow = "SELECT count(*) FROM conversations WHERE external_id LIKE 'slow%' AND error = 'timed_out'"
        wait_for(lambda: deployment.states().get("complete") == 3 and deployment.rows(slow)[0][0] == 1, worker)
    attempts = dict(deployment.rows("SELECT external_id, attempts FROM conversations"))
    assert attempts["slow-0"] >= 2
    assert {attempts[f"quick-{number}"] for number in range(3)} == {2}
    log = (deployment.folder / "worker.log").read_text()
    assert "task out of time" in log
    assert "Error in timer" not in log


def test_the_hard_limit_kills_a_process_that_hears_nothing_and_another_goes_on(deployment: Deployment) -> None:
    deployment.program = (sys.executable, "-c", SLOW_STAGE)
    with deployment.api() as (_, client):
        worker = deployment.worker(QA_TEST_DEAF=str(deployment.folder / "was-deaf"))
        post_batch(client, drawn(1, "first"))
        deployment.wait_for_states({"complete": 1})
        (child,) = descendants(worker.pid)
        post_batch(client, [*drawn(3, "next"), *drawn(1, "deaf")])
        deployment.wait_for_states({"complete": 5})
        assert child not in descendants(worker.pid)
    deployment.assert_each_is_there_once(5)


def test_a_worker_shows_what_its_processes_counted(deployment: Deployment) -> None:
    port = free_port()
    with deployment.api() as (_, client):
        patient = {"QA_TASK_SOFT_SECONDS": "120", "QA_TASK_HARD_SECONDS": "180"}
        worker = deployment.worker(QA_METRICS_PORT=str(port), QA_WORKER_PROCESSES="2", **patient)
        post_batch(client, drawn(40, "c"))
        deployment.wait_for_states({"complete": 40})
        shown = wait_for(lambda: _complete(port, 40), worker)
    assert re.search(r'qa_stage_seconds_count\{stage="store"\} 40\.0', shown)
    assert re.search(r'qa_tasks_total\{outcome="done",task="qa_service.inspect"\} [1-9]', shown)
    assert re.search(r'qa_model_cache_total\{result="miss"\} [1-9]', shown)
    assert "qa_findings_total{" in shown


def _complete(port: int, count: int) -> str | None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        shown = answer.read().decode()
    return shown if f"qa_inspection_seconds_count {count}.0" in shown else None
