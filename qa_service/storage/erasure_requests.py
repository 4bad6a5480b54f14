"""Requests to erase a customer's data, and where they stand. Owns no erasing (`erasure`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from qa_service.domain.erasure import CustomerQuery, Erasure, ErasureState
from qa_service.domain.identity import Scope
from qa_service.errors import NotFound
from qa_service.storage.erasure_tables import ErasureRow
from qa_service.storage.scoping import erasures_in


def add_erasure(connection: Connection, erasure: Erasure, scope: Scope) -> None:
    """Append.

    Raises:
        NotPermitted: it is about more than the shops in scope.
    """
    scope.require_shop(erasure.query.shop)
    connection.execute(
        insert(ErasureRow).values(
            id=erasure.id,
            customer_digest=erasure.query.customer_digest,
            source=erasure.query.source,
            shop=erasure.query.shop,
            requested_by=erasure.requested_by,
            requested_at=erasure.requested_at,
            **_progress(erasure),
        )
    )


def save_erasure(connection: Connection, erasure: Erasure) -> None:
    """Keep how far it is."""
    connection.execute(update(ErasureRow).where(ErasureRow.id == erasure.id).values(**_progress(erasure)))


def get_erasure(connection: Connection, identity: str, scope: Scope, *, for_update: bool = False) -> Erasure:
    """One of them; with `for_update` nobody else works on it until the transaction ends.

    Raises:
        NotFound: there is none in scope.
    """
    statement = _rows().where(ErasureRow.id == identity, *erasures_in(scope))
    row = connection.execute(statement.with_for_update() if for_update else statement).one_or_none()
    if row is None:
        raise NotFound("no such erasure", field="id")
    return _erasure(row)


def erasures(connection: Connection, limit: int, scope: Scope) -> list[Erasure]:
    """The newest first."""
    newest = (
        _rows().where(*erasures_in(scope)).order_by(ErasureRow.requested_at.desc(), ErasureRow.id.desc()).limit(limit)
    )
    return [_erasure(row) for row in connection.execute(newest)]


def pending_erasures(connection: Connection) -> list[str]:
    """Ids of those that are not done, the oldest first."""
    pending = select(ErasureRow.id).where(ErasureRow.state == ErasureState.PENDING.value)
    return list(connection.execute(pending.order_by(ErasureRow.requested_at, ErasureRow.id)).scalars())


def _progress(erasure: Erasure) -> dict[str, Any]:
    return {
        "state": erasure.state.value,
        "erased": erasure.erased,
        "waiting": erasure.waiting,
        "finished_at": erasure.finished_at,
    }


def _rows() -> Select[Any]:
    return select(ErasureRow.__table__)


def _erasure(row: Row[Any]) -> Erasure:
    return Erasure(
        id=row.id,
        query=CustomerQuery(customer_digest=row.customer_digest, source=row.source, shop=row.shop),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        state=ErasureState(row.state),
        erased=row.erased,
        waiting=row.waiting,
        finished_at=row.finished_at,
    )
