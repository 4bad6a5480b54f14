from __future__ import annotations

from qa_service.domain.conversation import Agent, AgentId
from qa_service.domain.work import Lane
from qa_service.storage import Database, submissions
from tests.unit.storage.builders import NOW, chat, digest, inspection


def test_losing_the_race_for_a_new_conversation_inserts_nothing(store: Database) -> None:
    # SQLite lets one writer in at a time, so the race itself only happens on PostgreSQL
    with store._engine.begin() as connection:
        known = {"content_sha256": digest(chat()), "now": NOW}
        winner = submissions.submit(connection, chat(), lane=Lane.BULK, **known)
        waiting = {"state": "pending", "state_since": NOW, "due_at": NOW, "offered_at": NOW, "lane": "bulk"}
        content = {"content_sha256": digest(chat()), "masked_by": None}
        assert not submissions._insert(connection, "0" * 32, chat(), content=content, now=NOW, waiting=waiting)
        assert submissions.submit(connection, chat(), lane=Lane.BULK, **known).id == winner.id


def test_what_is_known_of_an_agent_is_not_forgotten(store: Database) -> None:
    named = chat("c-1", agents=(Agent(id=AgentId("a-7"), name="小林", group="售前"),))
    moved = chat("c-2", agents=(Agent(id=AgentId("a-7"), group="售后"),))
    with store.unit_of_work()() as repository:
        for content in (named, moved):
            submission = repository.submit(content, content_sha256=digest(content), now=NOW)
            repository.add_inspection(submission.id, inspection(content), now=NOW)
        scored = list(repository.scorecards(since=None, until=None))
    assert {(record.agent_name, record.group) for record in scored} == {("小林", "售后")}
