"""Takes conversations in and hands them out for inspection. Owns their states up to the result (`inspections`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from qa_service.domain.conversation import Agent, Conversation
from qa_service.domain.conversation_document import conversation_from_stored, conversation_to_stored
from qa_service.domain.records import MAX_CLAIMS, Submission
from qa_service.domain.review import ReviewState
from qa_service.errors import Conflict, ErrorCode, NotFound
from qa_service.storage.tables import AgentRow, ConversationAgentRow, ConversationRow, RevisionRow

FIRST_REVISION = 1


def submit(connection: Connection, conversation: Conversation, *, content_sha256: str, now: datetime) -> Submission:
    """Store a new conversation or revision as pending; the same content as the newest revision changes nothing.

    Unless that one failed: it is pending again, with all its claims before it.
    """
    known = _find_submission(connection, conversation)
    if known is None:
        conversation_id = uuid4().hex
        if _insert(connection, conversation_id, conversation, content_sha256=content_sha256, now=now):
            return Submission(
                id=conversation_id,
                external_id=conversation.external_id,
                revision=FIRST_REVISION,
                state="pending",
                created=True,
            )
        known = _find_submission(connection, conversation)  # another process was faster
        if known is None:
            raise Conflict("the conversation was removed while it was handed in: send it again")
    submission, newest_sha256 = known
    if newest_sha256 == content_sha256:
        return _retry(connection, submission, now=now) if submission.state == "failed" else submission
    return _revise(connection, submission, conversation, content_sha256=content_sha256, now=now)


def claim_pending(
    connection: Connection, limit: int, *, now: datetime, stale_before: datetime
) -> list[tuple[str, Conversation]]:
    """Mark up to `limit` conversations as processing: claims from before `stale_before`, then pending ones, oldest first.

    What was claimed `MAX_CLAIMS` times and has still no result fails, instead of ending its worker once more.
    """
    is_stale = (ConversationRow.state == "processing") & (ConversationRow.state_since < stale_before)
    connection.execute(
        update(ConversationRow)
        .where(is_stale, ConversationRow.attempts >= MAX_CLAIMS)
        .values(state="failed", state_since=now, error=ErrorCode.INTERNAL.value)
    )
    keys = _lock_waiting(connection, is_stale, limit)
    keys += _lock_waiting(connection, ConversationRow.state == "pending", limit - len(keys))
    if not keys:
        return []
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id.in_([conversation_id for conversation_id, _ in keys]))
        .values(
            state="processing",
            state_since=now,
            attempts=ConversationRow.attempts + 1,
            claimed_revision=ConversationRow.revision,
        )
    )
    found = connection.execute(
        select(RevisionRow.conversation_id, RevisionRow.document).where(
            tuple_(RevisionRow.conversation_id, RevisionRow.revision).in_(keys)
        )
    )
    documents = {row.conversation_id: row.document for row in found}
    return [(conversation_id, conversation_from_stored(documents[conversation_id])) for conversation_id, _ in keys]


def _lock_waiting(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[tuple[str, int]]:
    """Ids and revisions, oldest first. One state a query, so that an index gives the order however many wait."""
    rows = connection.execute(
        select(ConversationRow.id, ConversationRow.revision)
        .where(condition)
        .order_by(ConversationRow.state_since, ConversationRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(row.id, row.revision) for row in rows]


def mark_failed(connection: Connection, conversation_id: str, *, error: str, now: datetime) -> None:
    """Record a failed inspection, unless the revision has a result already or a newer one waits for its turn.

    Of two workers that hold the same conversation the one that succeeds wins.
    """
    row = connection.execute(
        select(ConversationRow.revision, ConversationRow.claimed_revision, ConversationRow.state)
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("no such conversation", field="id")
    if row.state != "complete" and row.claimed_revision in (None, row.revision):
        connection.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(state="failed", state_since=now, error=error)
        )


def state_counts(connection: Connection) -> dict[str, int]:
    """Number of conversations per state; states without any are left out."""
    counted = select(ConversationRow.state, func.count().label("number")).group_by(ConversationRow.state)
    return {row.state: row.number for row in connection.execute(counted)}


def _find_submission(connection: Connection, conversation: Conversation) -> tuple[Submission, str] | None:
    row = connection.execute(
        select(ConversationRow.id, ConversationRow.revision, ConversationRow.state, ConversationRow.content_sha256)
        .where(ConversationRow.source == conversation.source, ConversationRow.external_id == conversation.external_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    submission = Submission(
        id=row.id, external_id=conversation.external_id, revision=row.revision, state=row.state, created=False
    )
    return submission, row.content_sha256


def _insert(
    connection: Connection, conversation_id: str, conversation: Conversation, *, content_sha256: str, now: datetime
) -> bool:
    inserted = connection.execute(
        _dialect_insert(connection, ConversationRow)
        .values(
            id=conversation_id,
            source=conversation.source,
            external_id=conversation.external_id,
            received_at=now,
            state="pending",
            state_since=now,
            revision=FIRST_REVISION,
            content_sha256=content_sha256,
            review_state=ReviewState.OPEN,
            **_described(conversation, received_at=now),
        )
        .on_conflict_do_nothing(index_elements=["source", "external_id"])
    )
    if inserted.rowcount == 0:
        return False
    _insert_revision(connection, conversation_id, FIRST_REVISION, conversation, content_sha256=content_sha256, now=now)
    return True


def _revise(
    connection: Connection, known: Submission, conversation: Conversation, *, content_sha256: str, now: datetime
) -> Submission:
    revision = known.revision + 1
    received_at = connection.execute(
        select(ConversationRow.received_at).where(ConversationRow.id == known.id)
    ).scalar_one()
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id == known.id)
        .values(
            revision=revision,
            content_sha256=content_sha256,
            state="pending",
            state_since=now,
            attempts=0,
            error=None,
            **_described(conversation, received_at=received_at),
        )
    )
    connection.execute(delete(ConversationAgentRow).where(ConversationAgentRow.conversation_id == known.id))
    _insert_revision(connection, known.id, revision, conversation, content_sha256=content_sha256, now=now)
    return Submission(id=known.id, external_id=known.external_id, revision=revision, state="pending", created=True)


def _retry(connection: Connection, failed: Submission, *, now: datetime) -> Submission:
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id == failed.id)
        .values(state="pending", state_since=now, attempts=0, error=None)
    )
    return replace(failed, state="pending")


def _described(conversation: Conversation, *, received_at: datetime) -> dict[str, Any]:
    return {
        "shop": conversation.shop,
        "channel": conversation.channel,
        "language": conversation.language,
        "started_at": conversation.time,
        "began_at": conversation.time or received_at,
    }


def _insert_revision(
    connection: Connection,
    conversation_id: str,
    revision: int,
    conversation: Conversation,
    *,
    content_sha256: str,
    now: datetime,
) -> None:
    connection.execute(
        insert(RevisionRow).values(
            conversation_id=conversation_id,
            revision=revision,
            content_sha256=content_sha256,
            document=conversation_to_stored(conversation),
            received_at=now,
        )
    )
    speakers = [
        {"conversation_id": conversation_id, "agent_id": agent_id, "position": position}
        for position, agent_id in enumerate(conversation.agent_ids)
    ]
    if speakers:
        connection.execute(insert(ConversationAgentRow), speakers)
    _save_agents(connection, conversation.shop, conversation.agents)


def _save_agents(connection: Connection, shop: str | None, agents: Sequence[Agent]) -> None:
    """Remember names and groups; a source that does not know them does not make them forgotten."""
    by_id = {agent.id: agent for agent in agents}
    if not by_id:
        return
    statement = _dialect_insert(connection, AgentRow)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["shop", "id"],
        set_={
            "name": func.coalesce(new.name, AgentRow.name),
            "group_name": func.coalesce(new.group_name, AgentRow.group),
        },
    )
    # in one order everywhere, so that two transactions never wait for each other
    rows = [
        {"shop": shop or "", "id": agent.id, "name": agent.name, "group_name": agent.group}
        for _, agent in sorted(by_id.items())
    ]
    connection.execute(statement.values(rows))


def _dialect_insert(
    connection: Connection, table: type[ConversationRow] | type[AgentRow]
) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT, which the portable one cannot."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
