"""Conversations whose inspection was given up: their list, and their way back. Owns no decision to give up (`work`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Update, select, update

from qa_service.domain.identity import Scope
from qa_service.domain.records import text_erased
from qa_service.domain.work import DeadLetter, DeadLetters, Lane
from qa_service.errors import Conflict, NotFound
from qa_service.storage.erasure import erased_of
from qa_service.storage.pages import Ordering, SortKey, read_id, read_time
from qa_service.storage.scoping import conversations_in
from qa_service.storage.tables import ConversationRow

NEWEST_FIRST = Ordering(
    name="dead",
    is_descending=True,
    keys=(
        SortKey(column=ConversationRow.state_since.expression, read=read_time),
        SortKey(column=ConversationRow.id.expression, read=read_id),
    ),
)


def dead_letters(
    connection: Connection, *, limit: int, cursor: str | None, error: str | None, scope: Scope
) -> DeadLetters:
    """One page of those in scope, newest first.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    statement = (
        select(
            ConversationRow.id,
            ConversationRow.source,
            ConversationRow.external_id,
            ConversationRow.shop,
            ConversationRow.revision,
            ConversationRow.lane,
            ConversationRow.error,
            ConversationRow.attempts,
            ConversationRow.state_since,
        )
        .where(ConversationRow.state == "failed", *conversations_in(scope))
        .order_by(*NEWEST_FIRST.order)
        .limit(limit + 1)
    )
    if error is not None:
        statement = statement.where(ConversationRow.error == error)
    if cursor is not None:
        statement = statement.where(NEWEST_FIRST.after(NEWEST_FIRST.values(cursor)))
    rows = connection.execute(statement).all()
    shown = rows[:limit]
    letters = tuple(
        DeadLetter(
            id=row.id,
            source=row.source,
            external_id=row.external_id,
            shop=row.shop,
            revision=row.revision,
            lane=Lane(row.lane),
            error=row.error,
            attempts=row.attempts,
            failed_at=row.state_since,
        )
        for row in shown
    )
    is_last = len(rows) <= limit
    next_cursor = None if is_last else NEWEST_FIRST.cursor((shown[-1].state_since, shown[-1].id))
    return DeadLetters(rows=letters, next_cursor=next_cursor)


def requeue(connection: Connection, conversation_id: str, *, now: datetime) -> Lane:
    """Make one pending again, with all its claims before it; the lane it waits in.

    Raises:
        NotFound: no such conversation.
        Conflict: it has not failed.
        TextErased: there is nothing left to inspect.
    """
    row = connection.execute(
        select(ConversationRow.state, ConversationRow.lane, ConversationRow.erased_at, ConversationRow.erasure_reason)
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("no such conversation", field="id")
    if row.state != "failed":
        raise Conflict("only a conversation that failed can be queued again", field="id")
    erased = erased_of(row.erased_at, row.erasure_reason)
    if erased is not None:
        raise text_erased(erased)
    connection.execute(_pending(now).where(ConversationRow.id == conversation_id).values(offered_at=now))
    return Lane(row.lane)


def requeue_all(connection: Connection, *, error: str | None, now: datetime, scope: Scope) -> int:
    """Make all of those in scope (with this cause) pending again in the bulk lane; how many there were."""
    failed = _pending(now).where(
        ConversationRow.state == "failed", ConversationRow.erased_at.is_(None), *conversations_in(scope)
    )
    statement = failed.values(lane=Lane.BULK.value, offered_at=None)
    if error is not None:
        statement = statement.where(ConversationRow.error == error)
    return connection.execute(statement).rowcount


def _pending(now: datetime) -> Update:
    return update(ConversationRow).values(state="pending", state_since=now, due_at=now, attempts=0, error=None)
