"""What the workflows need to erase text, as a protocol; part of `ports.Repository`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from qa_service.domain.erasure import CustomerQuery, Due, Erasure


class ErasureStore(Protocol):
    """Requests are seen by who may touch all of what they name. What is due is counted and erased in all shops.

    Erasing a chat takes all text of all its revisions, results and comments; figures and decisions stay.
    """

    def shops_with_text(self) -> list[str | None]:
        """Every shop of a chat whose text is held, None for chats of no shop."""

    def expired(self, shop: str | None, before: datetime) -> Due:
        """How many of a shop's chats, whose text is held, had their newest content handed in before that moment."""

    def erase_expired(self, shop: str | None, before: datetime, *, limit: int, now: datetime) -> int:
        """Erase up to `limit` of the ready ones, the oldest first; how many were."""

    def chats_of(self, query: CustomerQuery) -> Due:
        """How many chats of a customer there are whose text is held."""

    def erase_chats_of(self, query: CustomerQuery, *, limit: int, now: datetime) -> int:
        """Erase up to `limit` of the ready ones; how many were."""

    def add_erasure(self, request: Erasure) -> None:
        """Append a request; raises NotPermitted where it is about more than the shops in scope."""

    def get_erasure(self, erasure_id: str, *, for_update: bool = False) -> Erasure:
        """A request; with `for_update` nobody else gets it so until the transaction ends. Raises NotFound."""

    def save_erasure(self, request: Erasure) -> None:
        """Keep how far a request is."""

    def erasures(self, limit: int) -> list[Erasure]:
        """The newest requests first."""

    def pending_erasures(self) -> list[str]:
        """Ids of the requests that are not done, the oldest first."""
