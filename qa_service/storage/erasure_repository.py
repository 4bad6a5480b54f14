"""The part of the repository that erases. Owns no query: each line names who does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from qa_service.domain.erasure import CustomerQuery, Due, Erasure
from qa_service.domain.identity import Scope
from qa_service.storage import erasure, erasure_requests


class SqlErasureRepository:
    """See `qa_service.workflows.erasure_port.ErasureStore`."""

    _connection: Connection
    _scope: Scope

    def shops_with_text(self) -> list[str | None]:
        """Every shop whose text is held."""
        return erasure.shops_with_text(self._connection)

    def expired(self, shop: str | None, before: datetime) -> Due:
        """Chats handed in before."""
        return erasure.expired(self._connection, shop, before)

    def erase_expired(self, shop: str | None, before: datetime, *, limit: int, now: datetime) -> int:
        """Erase some of them."""
        return erasure.erase_expired(self._connection, shop, before, limit=limit, now=now)

    def chats_of(self, query: CustomerQuery) -> Due:
        """Chats of a customer."""
        return erasure.chats_of(self._connection, query)

    def erase_chats_of(self, query: CustomerQuery, *, limit: int, now: datetime) -> int:
        """Erase some of them."""
        return erasure.erase_chats_of(self._connection, query, limit=limit, now=now)

    def add_erasure(self, request: Erasure) -> None:
        """Append. Raises NotPermitted."""
        erasure_requests.add_erasure(self._connection, request, self._scope)

    def get_erasure(self, erasure_id: str, *, for_update: bool = False) -> Erasure:
        """One request. Raises NotFound."""
        return erasure_requests.get_erasure(self._connection, erasure_id, self._scope, for_update=for_update)

    def save_erasure(self, request: Erasure) -> None:
        """Keep how far it is."""
        erasure_requests.save_erasure(self._connection, request)

    def erasures(self, limit: int) -> list[Erasure]:
        """The newest first."""
        return erasure_requests.erasures(self._connection, limit, self._scope)

    def pending_erasures(self) -> list[str]:
        """Ids, the oldest first."""
        return erasure_requests.pending_erasures(self._connection)
