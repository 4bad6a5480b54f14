"""Which reviewer each chat is for. Owns no decision about who may be given one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, func, or_, select, true, update

from qa_service.domain.assignment import AssignedChat
from qa_service.domain.identity import Scope
from qa_service.domain.review import ReviewState
from qa_service.storage.learning_tables import MoodCorrectionRow
from qa_service.storage.scoping import conversations_in, list_columns
from qa_service.storage.summary import FIRST_UNFLAGGED
from qa_service.storage.tables import ConversationRow, SuspicionReviewRow, VerdictRow

IDS_A_QUERY = 1_000
TO_DO = (ReviewState.OPEN, ReviewState.APPEALED)
_CHAT = (ConversationRow.id, ConversationRow.shop, ConversationRow.assignee)


def hold_chats(connection: Connection, ids: Collection[str], scope: Scope) -> list[AssignedChat]:
    """Those of these chats that are in scope, by id; always in that order, so that two who hold them never wait crosswise."""
    held: list[AssignedChat] = []
    for part in _parts(ids):
        chats = select(*_CHAT, _is_judged().label("is_judged")).where(
            ConversationRow.id.in_(part), *conversations_in(scope)
        )
        held += _held(connection, chats.order_by(ConversationRow.id).with_for_update())
    return held


def hold_unassigned(
    connection: Connection, limit: int, scope: Scope, *, shop: str | None, within: Sequence[Scope]
) -> list[AssignedChat]:
    """Up to `limit` of the open queue that nobody reviews, the most urgent first, passing over what others hold."""
    seen = or_(false(), *(and_(true(), *conversations_in(one)) for one in within))
    place = list_columns(scope).queue_place.label("place")
    chats = _queue(scope, *_CHAT, place).where(ConversationRow.assignee.is_(None), seen)
    chats = chats.order_by(place, ConversationRow.id)
    if shop is not None:
        chats = chats.where(ConversationRow.shop == shop)
    first = chats.limit(limit).with_for_update(skip_locked=True).subquery()
    # asked of these only: PostgreSQL would read all decisions to answer it for the whole queue
    judged = select(*first.c, _is_judged(first.c.id).label("is_judged"))
    return _held(connection, judged.order_by(first.c.place, first.c.id))


def hold_assigned(connection: Connection, assignee: str, limit: int, scope: Scope) -> list[AssignedChat]:
    """Up to `limit` of the open queue of one assignee about which nobody decided anything, by id as `hold_chats`."""
    chats = _queue(scope, *_CHAT, false().label("is_judged")).where(ConversationRow.assignee == assignee, ~_is_judged())
    return _held(connection, chats.order_by(ConversationRow.id).limit(limit).with_for_update())


def ids_within(connection: Connection, ids: Collection[str], scope: Scope) -> frozenset[str]:
    """Those of these chats that are in scope."""
    found: set[str] = set()
    for part in _parts(ids):
        known = select(ConversationRow.id).where(ConversationRow.id.in_(part), *conversations_in(scope))
        found.update(connection.execute(known).scalars())
    return frozenset(found)


def assign(connection: Connection, ids: Collection[str], assignee: str | None) -> None:
    """Let these chats have this assignee."""
    for part in _parts(ids):
        connection.execute(update(ConversationRow).where(ConversationRow.id.in_(part)).values(assignee=assignee))


def open_chats(connection: Connection, names: Collection[str], scope: Scope) -> dict[str, int]:
    """Assignee → number of chats in scope that wait for a decision."""
    counted = (
        select(ConversationRow.assignee, func.count())
        .where(
            ConversationRow.assignee.in_(sorted(names)),
            ConversationRow.review_state.in_(TO_DO),
            _is_flagged(scope),
            *conversations_in(scope),
        )
        .group_by(ConversationRow.assignee)
    )
    return {str(name): count for name, count in connection.execute(counted)}


def count_unassigned(connection: Connection, scope: Scope, *, at_most: int) -> int:
    """How many of the open queue nobody reviews, counted up to `at_most`."""
    waiting = _queue(scope, ConversationRow.id).where(ConversationRow.assignee.is_(None))
    # in the order of the queue's index, since a walk over all chats may meet what it looks for late
    waiting = waiting.order_by(list_columns(scope).queue_place)
    return connection.execute(select(func.count()).select_from(waiting.limit(at_most).subquery())).scalar_one()


def _queue(scope: Scope, *columns: Any) -> Select[*tuple[Any, ...]]:
    """The open queue of a caller of this scope."""
    return select(*columns).where(
        ConversationRow.review_state == ReviewState.OPEN, _is_flagged(scope), *conversations_in(scope)
    )


def _is_flagged(scope: Scope) -> ColumnElement[bool]:
    flagged: ColumnElement[bool] = list_columns(scope).queue_place < FIRST_UNFLAGGED
    return flagged


def _is_judged(conversation_id: Any = ConversationRow.id) -> ColumnElement[bool]:
    return or_(
        *(
            exists().where(table.conversation_id == conversation_id).correlate_except(table)
            for table in (VerdictRow, SuspicionReviewRow, MoodCorrectionRow)
        )
    )


def _held(connection: Connection, chats: Select[*tuple[Any, ...]]) -> list[AssignedChat]:
    return [
        AssignedChat(id=row.id, shop=row.shop, assignee=row.assignee, is_judged=bool(row.is_judged))
        for row in connection.execute(chats)
    ]


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), IDS_A_QUERY):
        yield ordered[start : start + IDS_A_QUERY]
