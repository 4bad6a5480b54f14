"""Erases the text of chats: what they said, what quotes it, what people wrote about it. Owns no decision when.

Rows stay: who spoke when, findings without words, scores, decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, update

from qa_service.domain.conversation_document import conversation_from_stored, conversation_to_stored
from qa_service.domain.document import inspection_from_document, stored_document
from qa_service.domain.erasure import (
    CustomerQuery,
    Due,
    Erased,
    ErasureReason,
    conversation_without_text,
    inspection_without_text,
)
from qa_service.domain.review import ReviewState
from qa_service.storage.erasure_tables import ConversationCustomerRow
from qa_service.storage.personal_data_tables import SealedOriginalsRow
from qa_service.storage.tables import ConversationRow, InspectionRow, RevisionRow, SuspicionReviewRow, VerdictRow

_IS_HELD = ConversationRow.text_since.is_not(None)
_IS_READY = (ConversationRow.state.in_(("complete", "failed")), ConversationRow.review_state != ReviewState.APPEALED)
"""A chat that waits for an inspection needs its text; so does one that an agent appealed, until that is decided."""


def shops_with_text(connection: Connection) -> list[str | None]:
    """Every shop of a chat whose text is held, None for chats of no shop; one step in the index a shop."""
    nobody = select(ConversationRow.id).where(_IS_HELD, ConversationRow.shop.is_(None)).limit(1)
    shops: list[str | None] = [] if connection.execute(nobody).first() is None else [None]
    following = select(ConversationRow.shop).where(_IS_HELD).order_by(ConversationRow.shop).limit(1)
    shop = connection.execute(following.where(ConversationRow.shop.is_not(None))).scalar()
    while shop is not None:
        shops.append(shop)
        shop = connection.execute(following.where(ConversationRow.shop > shop)).scalar()
    return shops


def expired(connection: Connection, shop: str | None, before: datetime) -> Due:
    """How many chats of a shop were handed in before that moment."""
    return _due(connection, _is_expired(shop, before))


def erase_expired(connection: Connection, shop: str | None, before: datetime, *, limit: int, now: datetime) -> int:
    """Erase up to `limit` of them, the oldest first; how many were."""
    return _erase(connection, _is_expired(shop, before), limit=limit, reason=ErasureReason.RETENTION, now=now)


def chats_of(connection: Connection, query: CustomerQuery) -> Due:
    """How many chats there are of a customer."""
    return _due(connection, _is_of(query))


def erase_chats_of(connection: Connection, query: CustomerQuery, *, limit: int, now: datetime) -> int:
    """Erase up to `limit` of them; how many were."""
    return _erase(connection, _is_of(query), limit=limit, reason=ErasureReason.REQUEST, now=now)


def erased_of(erased_at: datetime | None, reason: str | None) -> Erased | None:
    """Two columns as what they say."""
    return None if erased_at is None or reason is None else Erased(at=erased_at, reason=ErasureReason(reason))


def _is_expired(shop: str | None, before: datetime) -> ColumnElement[bool]:
    of_shop = ConversationRow.shop.is_(None) if shop is None else ConversationRow.shop == shop
    return of_shop & (ConversationRow.text_since < before)


def _is_of(query: CustomerQuery) -> ColumnElement[bool]:
    theirs = select(ConversationCustomerRow.conversation_id).where(
        ConversationCustomerRow.customer_digest == query.customer_digest
    )
    condition: ColumnElement[bool] = ConversationRow.id.in_(theirs)
    if query.source is not None:
        condition &= ConversationRow.source == query.source
    return condition if query.shop is None else condition & (ConversationRow.shop == query.shop)


def _due(connection: Connection, condition: ColumnElement[bool]) -> Due:
    held = select(func.count()).select_from(ConversationRow).where(_IS_HELD, condition)
    ready = connection.execute(held.where(*_IS_READY)).scalar_one()
    return Due(ready=ready, waiting=connection.execute(held).scalar_one() - ready)


def _erase(
    connection: Connection, condition: ColumnElement[bool], *, limit: int, reason: ErasureReason, now: datetime
) -> int:
    chosen = (
        select(ConversationRow.id)
        .where(_IS_HELD, condition, *_IS_READY)
        .order_by(ConversationRow.text_since, ConversationRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(chosen).scalars().all()
    if ids:
        _blank(connection, ids)
        connection.execute(
            update(ConversationRow)
            .where(ConversationRow.id.in_(ids))
            .values(text_since=None, erased_at=now, erasure_reason=reason.value)
        )
    return len(ids)


def _blank(connection: Connection, ids: Sequence[str]) -> None:
    _rewrite(connection, RevisionRow, ("conversation_id", "revision"), ids, _blank_conversation)
    _rewrite(connection, InspectionRow, ("id",), ids, _blank_inspection)
    for written in (VerdictRow, SuspicionReviewRow):
        connection.execute(
            update(written).where(written.conversation_id.in_(ids), written.comment != "").values(comment="")
        )
    for kept in (ConversationCustomerRow, SealedOriginalsRow):
        connection.execute(delete(kept).where(kept.conversation_id.in_(ids)))


def _rewrite(
    connection: Connection,
    table: type[RevisionRow] | type[InspectionRow],
    key: Sequence[str],
    ids: Sequence[str],
    blank: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Replace the documents of these chats, in one statement for all."""
    columns = [getattr(table, name) for name in key]
    rows = connection.execute(select(*columns, table.document).where(table.conversation_id.in_(ids))).all()
    changes = [{**{f"key_{name}": getattr(row, name) for name in key}, "blank": blank(row.document)} for row in rows]
    if changes:
        matches = [column == bindparam(f"key_{name}") for name, column in zip(key, columns, strict=True)]
        core = table.__table__
        connection.execute(update(core).where(*matches).values(document=bindparam("blank")), changes)  # type: ignore[arg-type]


def _blank_conversation(document: dict[str, Any]) -> dict[str, Any]:
    return conversation_to_stored(conversation_without_text(conversation_from_stored(document)))


def _blank_inspection(document: dict[str, Any]) -> dict[str, Any]:
    return stored_document(inspection_without_text(inspection_from_document(document)))
