"""Takes conversations in. Owns neither how they are handed out (`work`) nor their results (`inspections`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from qa_service.domain.conversation import Agent, Conversation
from qa_service.domain.conversation_document import conversation_to_stored
from qa_service.domain.erasure import customer_digests
from qa_service.domain.records import Submission
from qa_service.domain.review import ReviewState
from qa_service.domain.work import Lane
from qa_service.errors import Conflict
from qa_service.storage.erasure import erased_of
from qa_service.storage.erasure_tables import ConversationCustomerRow
from qa_service.storage.summary import UNINSPECTED_PLACE
from qa_service.storage.tables import AgentRow, ConversationAgentRow, ConversationRow, RevisionRow

FIRST_REVISION = 1


def submit(
    connection: Connection,
    conversation: Conversation,
    *,
    content_sha256: str,
    now: datetime,
    lane: Lane,
    traceparent: str | None = None,
    masked_by: int | None = None,
) -> Submission:
    """Store a new conversation or revision as pending; the same content as the newest revision changes nothing.

    Unless that one failed: it is pending again, with all its claims before it. What is pending counts as offered to
    the workers, since whoever submits tells them after the commit.
    """
    waiting = {
        "state": "pending",
        "state_since": now,
        "due_at": now,
        "offered_at": now,
        "lane": lane.value,
        "traceparent": traceparent,
    }
    content = {"content_sha256": content_sha256, "masked_by": masked_by}
    known = _find_submission(connection, conversation)
    if known is None:
        conversation_id = uuid4().hex
        if _insert(connection, conversation_id, conversation, content=content, now=now, waiting=waiting):
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
        may_retry = submission.state == "failed" and submission.erased is None
        return _retry(connection, submission, waiting) if may_retry else submission
    return _revise(connection, submission, conversation, content=content, now=now, waiting=waiting)


def _find_submission(connection: Connection, conversation: Conversation) -> tuple[Submission, str] | None:
    row = connection.execute(
        select(
            ConversationRow.id,
            ConversationRow.revision,
            ConversationRow.state,
            ConversationRow.content_sha256,
            ConversationRow.erased_at,
            ConversationRow.erasure_reason,
        )
        .where(*_named(conversation))
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    submission = Submission(
        id=row.id,
        external_id=conversation.external_id,
        revision=row.revision,
        state=row.state,
        created=False,
        erased=erased_of(row.erased_at, row.erasure_reason),
    )
    return submission, row.content_sha256


def _named(conversation: Conversation) -> Iterator[ColumnElement[bool]]:
    """What names it. Another shop's chat of the same source and id is another chat: no shop may touch another's."""
    shop = conversation.shop
    yield ConversationRow.shop.is_(None) if shop is None else ConversationRow.shop == shop
    yield ConversationRow.source == conversation.source
    yield ConversationRow.external_id == conversation.external_id


def _insert(
    connection: Connection,
    conversation_id: str,
    conversation: Conversation,
    *,
    content: dict[str, Any],
    now: datetime,
    waiting: dict[str, Any],
) -> bool:
    described = _described(conversation, received_at=now)
    inserted = connection.execute(
        _dialect_insert(connection, ConversationRow)
        .values(
            id=conversation_id,
            source=conversation.source,
            external_id=conversation.external_id,
            received_at=now,
            revision=FIRST_REVISION,
            content_sha256=content["content_sha256"],
            review_state=ReviewState.OPEN,
            queue_place=UNINSPECTED_PLACE,
            text_since=now,
            **waiting,
            **described,
        )
        .on_conflict_do_nothing()  # two names: with a shop and without
        .returning(ConversationRow.id)  # not every driver counts the rows of such an INSERT
    )
    if inserted.first() is None:
        return False
    _insert_revision(
        connection, conversation_id, FIRST_REVISION, conversation, **content, began_at=described["began_at"], now=now
    )
    return True


def _revise(
    connection: Connection,
    known: Submission,
    conversation: Conversation,
    *,
    content: dict[str, Any],
    now: datetime,
    waiting: dict[str, Any],
) -> Submission:
    revision = known.revision + 1
    received_at = connection.execute(
        select(ConversationRow.received_at).where(ConversationRow.id == known.id)
    ).scalar_one()
    described = _described(conversation, received_at=received_at)
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id == known.id)
        .values(
            revision=revision,
            content_sha256=content["content_sha256"],
            attempts=0,
            error=None,
            text_since=now,
            erased_at=None,
            erasure_reason=None,
            **waiting,
            **described,
        )
    )
    connection.execute(delete(ConversationAgentRow).where(ConversationAgentRow.conversation_id == known.id))
    _insert_revision(connection, known.id, revision, conversation, **content, began_at=described["began_at"], now=now)
    return Submission(id=known.id, external_id=known.external_id, revision=revision, state="pending", created=True)


def _retry(connection: Connection, failed: Submission, waiting: dict[str, Any]) -> Submission:
    connection.execute(
        update(ConversationRow).where(ConversationRow.id == failed.id).values(attempts=0, error=None, **waiting)
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
    masked_by: int | None,
    began_at: datetime,
    now: datetime,
) -> None:
    connection.execute(
        insert(RevisionRow).values(
            conversation_id=conversation_id,
            revision=revision,
            content_sha256=content_sha256,
            document=conversation_to_stored(conversation),
            received_at=now,
            masked_by=masked_by,
        )
    )
    speakers = [
        {"conversation_id": conversation_id, "agent_id": agent_id, "position": position, "began_at": began_at}
        for position, agent_id in enumerate(conversation.agent_ids)
    ]
    if speakers:
        connection.execute(insert(ConversationAgentRow), speakers)
    _save_customers(connection, conversation_id, conversation)
    _save_agents(connection, conversation.shop, conversation.agents)


def _save_customers(connection: Connection, conversation_id: str, conversation: Conversation) -> None:
    """Those of an earlier revision stay: its text is held as well."""
    rows = [
        {"conversation_id": conversation_id, "customer_digest": digest} for digest in customer_digests(conversation)
    ]
    if rows:
        known = _dialect_insert(connection, ConversationCustomerRow).on_conflict_do_nothing()
        connection.execute(known, rows)


def _save_agents(connection: Connection, shop: str | None, agents: Sequence[Agent]) -> None:
    """Remember names and groups; a source that does not know them does not make them forgotten.

    Only what is new is written: the row of somebody who chats all day would be what all submissions wait for.
    """
    known = _known_agents(connection, shop or "", [agent.id for agent in agents])
    # in one order everywhere, so that two transactions never wait for each other
    rows = [
        {"shop": shop or "", "id": agent.id, "name": agent.name, "group_name": agent.group}
        for _, agent in sorted({agent.id: agent for agent in agents}.items())
        if not _is_known(agent, known.get(agent.id))
    ]
    if not rows:
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
    connection.execute(statement.values(rows))


def _known_agents(connection: Connection, shop: str, ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    if not ids:
        return {}
    rows = connection.execute(
        select(AgentRow.id, AgentRow.name, AgentRow.group).where(AgentRow.shop == shop, AgentRow.id.in_(ids))
    )
    return {row.id: (row.name, row.group_name) for row in rows}


def _is_known(agent: Agent, known: tuple[str | None, str | None] | None) -> bool:
    """Whether writing the agent would change nothing."""
    if known is None:
        return False
    name, group = known
    return agent.name in (None, name) and agent.group in (None, group)


def _dialect_insert(
    connection: Connection, table: type[ConversationRow] | type[AgentRow] | type[ConversationCustomerRow]
) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT, which the portable one cannot."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
