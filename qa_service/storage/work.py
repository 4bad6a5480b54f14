"""Hands conversations out for inspection and takes failures back. Owns neither intake (`submissions`) nor results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Update, case, func, select, tuple_, update

from qa_service.domain.conversation_document import conversation_from_stored
from qa_service.domain.identity import Scope
from qa_service.domain.work import CLOCK_STEP, MAX_CLAIMS, Claim, Lane, Unsent
from qa_service.errors import ErrorCode, NotFound
from qa_service.storage.scoping import conversations_in
from qa_service.storage.tables import ConversationRow, RevisionRow

IDS_A_QUERY = 1_000
STATES = ("pending", "processing", "complete", "failed")


def claim(
    connection: Connection, limit: int, *, lane: Lane, claimant: str, now: datetime, ids: Sequence[str] | None = None
) -> list[Claim]:
    """Mark up to `limit` conversations that are due as processing, the longest due first.

    What an earlier claim ended without a result is claimed alone: it may be what ended its worker, and takes nobody
    with it. With `ids`, one of them is among the claims or there are none; the batch is filled up from the lane.
    """
    if ids is None:
        rows = _lock_due(connection, limit, now=now, lane=lane)
    else:
        rows = _lock_due(connection, limit, ConversationRow.id.in_(ids), now=now)
    if not rows:
        return []
    if rows[0].attempts:
        return _take(connection, rows[:1], claimant=claimant, now=now)
    fresh = [row for row in rows if not row.attempts]
    if ids is not None and len(fresh) < limit:
        others = ConversationRow.id.not_in([row.id for row in rows])
        filling = _lock_due(connection, limit - len(fresh), others, ConversationRow.attempts == 0, now=now, lane=lane)
        fresh += filling
    return _take(connection, fresh, claimant=claimant, now=now)


def return_stale(connection: Connection, *, now: datetime, stale_before: datetime) -> int:
    """Make claims from before `stale_before` pending again; what was claimed too often fails. How many there were."""
    since = ConversationRow.state_since
    return _return(connection, (since < stale_before) | (since > now + CLOCK_STEP), now=now)


def return_claims(connection: Connection, claimant: str, *, now: datetime) -> int:
    """The same for the open claims of one claimant, who begins anew."""
    return _return(connection, ConversationRow.claimant == claimant, now=now)


def release(connection: Connection, ids: Sequence[str], *, now: datetime) -> None:
    """The same for claims that a worker cannot finish."""
    _return(connection, ConversationRow.id.in_(ids), now=now)


def mark_failed(
    connection: Connection, conversation_id: str, *, error: str, now: datetime, retry_at: datetime | None
) -> None:
    """Record a failure, unless the revision has a result already or a newer one waits for its turn.

    Of two workers that hold the same conversation the one that succeeds wins. With `retry_at` it is pending again
    until it was claimed `MAX_CLAIMS` times.
    """
    row = connection.execute(
        select(
            ConversationRow.revision,
            ConversationRow.claimed_revision,
            ConversationRow.state,
            ConversationRow.attempts,
        )
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("no such conversation", field="id")
    if row.state == "complete" or row.claimed_revision not in (None, row.revision):
        return
    changed = update(ConversationRow).where(ConversationRow.id == conversation_id)
    if retry_at is not None and row.attempts < MAX_CLAIMS:
        changed = changed.values(state="pending", due_at=retry_at, offered_at=None)
    else:
        changed = changed.values(state="failed")
    connection.execute(changed.values(state_since=now, error=error))


def take_unsent(
    connection: Connection, limit: int, *, lane: Lane, now: datetime, offered_before: datetime
) -> list[Unsent]:
    """Note as offered now what is due and was not offered since `offered_before`, the longest due first."""
    rows = connection.execute(
        select(ConversationRow.id, ConversationRow.attempts)
        .where(
            ConversationRow.state == "pending",
            ConversationRow.lane == lane,
            _is_due(now),
            ConversationRow.offered_at.is_(None)
            | (ConversationRow.offered_at < offered_before)
            | (ConversationRow.offered_at > now + CLOCK_STEP),
        )
        .order_by(ConversationRow.due_at, ConversationRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for start in range(0, len(rows), IDS_A_QUERY):
        part = [row.id for row in rows[start : start + IDS_A_QUERY]]
        connection.execute(update(ConversationRow).where(ConversationRow.id.in_(part)).values(offered_at=now))
    return [Unsent(id=row.id, was_claimed=row.attempts > 0) for row in rows]


def count_pending(connection: Connection, lane: Lane, *, at_most: int) -> int:
    """How many wait in a lane; stops counting at `at_most`."""
    some = (
        select(ConversationRow.id)
        .where(ConversationRow.state == "pending", ConversationRow.lane == lane)
        .limit(at_most)
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def waiting_since(connection: Connection, lane: Lane) -> datetime | None:
    """When the one that waits longest in a lane was due; None where nothing waits."""
    longest = (
        select(ConversationRow.due_at)
        .where(ConversationRow.state == "pending", ConversationRow.lane == lane)
        .order_by(ConversationRow.due_at)
        .limit(1)
    )
    return connection.execute(longest).scalar_one_or_none()


def state_counts(connection: Connection, scope: Scope, *, at_most: int) -> dict[str, int]:
    """Number of conversations in scope per state, each counted up to `at_most`; states without any are left out.

    Counting all of them would read an index of every chat there ever was, at each look.
    """
    counted = {
        state: connection.execute(
            select(func.count()).select_from(
                select(ConversationRow.id)
                .where(ConversationRow.state == state, *conversations_in(scope))
                .limit(at_most)
                .subquery()
            )
        ).scalar_one()
        for state in STATES
    }
    return {state: number for state, number in counted.items() if number}


def _lock_due(
    connection: Connection, limit: int, *conditions: ColumnElement[bool], now: datetime, lane: Lane | None = None
) -> list[Row[str, int, int]]:
    """Id, revision and attempts. One state and lane a query, so that an index gives the order however many wait."""
    statement = select(ConversationRow.id, ConversationRow.revision, ConversationRow.attempts).where(
        ConversationRow.state == "pending", _is_due(now), *conditions
    )
    if lane is not None:
        statement = statement.where(ConversationRow.lane == lane)
    ordered = statement.order_by(ConversationRow.due_at, ConversationRow.id).limit(limit)
    return list(connection.execute(ordered.with_for_update(skip_locked=True)))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """What comes for the first time never waits for a clock: those of two machines may differ."""
    is_written_later = ConversationRow.state_since > now + CLOCK_STEP
    return (ConversationRow.attempts == 0) | (ConversationRow.due_at <= now) | is_written_later


def _take(connection: Connection, rows: Sequence[Row[str, int, int]], *, claimant: str, now: datetime) -> list[Claim]:
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id.in_([row.id for row in rows]))
        .values(
            state="processing",
            state_since=now,
            attempts=ConversationRow.attempts + 1,
            claimed_revision=ConversationRow.revision,
            claimant=claimant,
        )
    )
    keys = [(row.id, row.revision) for row in rows]
    found = connection.execute(
        select(RevisionRow.conversation_id, RevisionRow.document, ConversationRow.traceparent)
        .join(ConversationRow, ConversationRow.id == RevisionRow.conversation_id)
        .where(tuple_(RevisionRow.conversation_id, RevisionRow.revision).in_(keys))
    )
    contents = {row.conversation_id: row for row in found}
    return [
        Claim(
            id=row.id,
            conversation=conversation_from_stored(contents[row.id].document),
            attempts=row.attempts + 1,
            traceparent=contents[row.id].traceparent,
        )
        for row in rows
    ]


def _return(connection: Connection, condition: ColumnElement[bool], *, now: datetime) -> int:
    is_spent = ConversationRow.attempts >= MAX_CLAIMS
    returned: Update = (
        update(ConversationRow)
        .where(ConversationRow.state == "processing", condition)
        .values(
            state=case((is_spent, "failed"), else_="pending"),
            error=case((is_spent, ErrorCode.WORKER_LOST.value), else_=ConversationRow.error),
            state_since=now,
            offered_at=None,
        )
    )
    return connection.execute(returned).rowcount
