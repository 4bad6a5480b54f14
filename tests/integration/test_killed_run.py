"""A process killed at any moment: begun again, every conversation is there once, complete."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration import program
from tests.integration.chats import drawn, write_jsonl

pytestmark = pytest.mark.model

CONVERSATIONS = 120
"""Some windows of 32, each its own transaction."""
POSTED = 30
"""Two of the worker's batches of 16."""


def assert_each_is_there_once(store: Path, prefix: str, count: int) -> None:
    """One conversation, one revision and one result each; as many findings and cards as the results have."""
    with closing(sqlite3.connect(store)) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        assert rows("SELECT state, count(*) FROM conversations GROUP BY state") == [("complete", count)]
        assert {row[0] for row in rows("SELECT external_id FROM conversations")} == {
            f"{prefix}-{n}" for n in range(count)
        }
        assert rows("SELECT count(*) FROM conversation_revisions") == [(count,)]
        assert rows("SELECT count(*), count(DISTINCT conversation_id), sum(is_current) FROM inspections") == [
            (count, count, count)
        ]
        results = [json.loads(row[0]) for row in rows("SELECT document FROM inspections")]
        found = [f for result in results for f in result["findings"] if f["outcome"] in ("hit", "suppressed")]
        cards = [card for result in results for card in result["scorecards"]]
        assert found
        assert rows("SELECT count(*), count(DISTINCT id) FROM findings") == [(len(found), len(found))]
        assert rows("SELECT count(*), sum(is_current) FROM scorecards") == [(len(cards), len(cards))]


def killed_when_more_is_done(path: Path, store: Path, log: Path, *, done: int) -> int:
    """Inspect until more than `done` are complete, kill; how many are complete."""
    with program.started("inspect", path, "--store", store=store, log=log) as process:
        program.wait_for(lambda: program.states(store).get("complete", 0) > done, process)
    return program.states(store)["complete"]


def test_an_inspection_killed_and_killed_again_ends_complete(tmp_path):
    store, log = tmp_path / "qa.sqlite3", tmp_path / "log"
    path = write_jsonl(tmp_path / "chats.jsonl", drawn(CONVERSATIONS, "k"))
    first = killed_when_more_is_done(path, store, log, done=0)
    second = killed_when_more_is_done(path, store, log, done=first)
    assert 0 < first < second < CONVERSATIONS

    ran = program.run("inspect", path, "--store", "--output", "-", store=store)

    assert (ran.returncode, ran.stderr) == (0, b"")
    ids = [json.loads(line)["external_id"] for line in ran.stdout.splitlines()]
    assert ids == [f"k-{n}" for n in range(CONVERSATIONS)]
    assert_each_is_there_once(store, "k", CONVERSATIONS)


def post_all(client: httpx.Client, documents: list[dict[str, Any]]) -> None:
    lines = b"".join(json.dumps(document).encode() + b"\n" for document in documents)
    answer = client.post(
        "/v1/conversations:batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
    ).raise_for_status()
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == ["accepted"] * len(documents)


def test_a_killed_server_works_off_its_claims_when_started_again(tmp_path):
    store, log = tmp_path / "qa.sqlite3", tmp_path / "log"
    with program.served(store=store, log=log) as (process, client):  # killed at the end
        post_all(client, drawn(POSTED, "p"))
        program.wait_for(lambda: program.states(store).get("processing", 0) > 1, process)
    left = program.states(store)
    assert left.get("processing", 0) > 0
    assert left.get("complete", 0) < POSTED

    with program.served(store=store, log=log) as (process, client):
        program.wait_for(lambda: program.states(store) == {"complete": POSTED}, process)
        listed = client.get("/v1/conversations", params={"limit": 100}).raise_for_status().json()

    assert {item["external_id"] for item in listed["conversations"]} == {f"p-{n}" for n in range(POSTED)}
    assert_each_is_there_once(store, "p", POSTED)
