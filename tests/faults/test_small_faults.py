"""The distributed service, a few chats at a time, while its parts die."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.faults.deployment import Deployment, kill, post_batch
from tests.integration.chats import named
from tests.integration.program import PATIENCE_SECONDS
from tests.servers import wait_until

pytestmark = pytest.mark.model

LIVE, BULK = 5, 40


def test_live_and_bulk_are_inspected_and_sigterm_finishes_what_is_in_hand(deployment: Deployment) -> None:
    with deployment.api() as (_, client):
        for number in range(LIVE):
            assert client.post("/v1/conversations", json=named(f"live-{number}")).status_code == 202
        assert post_batch(client, (named(f"bulk-{number}") for number in range(BULK))) == ["accepted"] * BULK
        assert client.get("/readyz").json()["parts"]["broker"] == "ok"
        worker = deployment.worker()
        wait_until(lambda: deployment.states().get("processing", 0) > 0, worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
        assert "processing" not in deployment.states()
        deployment.worker()
        deployment.wait_for_states({"complete": LIVE + BULK})
    deployment.assert_each_is_there_once(LIVE + BULK)
    first_bulk, last_live = deployment.rows(
        "SELECT min(i.created_at) FILTER (WHERE c.lane = 'bulk'), max(i.created_at) FILTER (WHERE c.lane = 'realtime')"
        " FROM inspections i JOIN conversations c ON c.id = i.conversation_id"
    )[0]
    assert last_live < first_bulk


def test_a_worker_process_that_is_killed_has_its_batch_done_by_the_next(deployment: Deployment) -> None:
    with deployment.api() as (_, client):
        post_batch(client, (named(f"c-{number}") for number in range(BULK)))
        worker = deployment.worker()
        wait_until(lambda: deployment.states().get("processing", 0) > 0, worker)
        children = _children(worker.pid)
        for child in children:
            os.kill(child, signal.SIGKILL)
        # no beat and no waiting for a stale claim: the message comes back to the child that replaces the dead one
        deployment.wait_for_states({"complete": BULK})
    deployment.assert_each_is_there_once(BULK)


def test_a_broker_that_comes_back_empty_loses_nothing(deployment: Deployment) -> None:
    with deployment.api() as (_, client):
        client.post("/v1/conversations", json=named("before"))
        deployment.redis.kill()
        assert client.post("/v1/conversations", json=named("during")).status_code == 202
        assert client.get("/readyz").json()["parts"]["broker"].startswith("broker_unavailable")
        deployment.redis.start()
        deployment.worker()
        deployment.beat()
        deployment.wait_for_states({"complete": 2})
    deployment.assert_each_is_there_once(2)


def test_a_killed_api_has_stored_all_that_it_accepted(deployment: Deployment) -> None:
    with deployment.api() as (process, client):
        accepted = [client.post("/v1/conversations", json=named(f"c-{n}")).json()["id"] for n in range(LIVE)]
        kill(process)
    stored = {row[0] for row in deployment.rows("SELECT id FROM conversations")}
    assert stored == set(accepted)


def _children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
