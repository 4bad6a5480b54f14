"""What the workflows need of the store to assign chats to reviewers, as a protocol; part of `ports.Repository`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from qa_service.domain.assignment import AssignedChat
from qa_service.domain.identity import EVERYTHING, Scope


class AssignmentStore(Protocol):
    """Chats that are read to be assigned are held until the transaction ends; those out of scope are not there."""

    def hold_chats(self, ids: Collection[str]) -> list[AssignedChat]:
        """Those of these chats that are in scope, by id."""

    def hold_unassigned(
        self, limit: int, *, shop: str | None = None, within: Sequence[Scope] = (EVERYTHING,)
    ) -> list[AssignedChat]:
        """Up to `limit` open flagged chats that nobody reviews, the most urgent first.

        What another transaction holds is passed over, so two at once never get the same chat.

        Args:
            limit: 1 or more.
            shop: only chats of this shop.
            within: only chats that are in one of these scopes, too.
        """

    def hold_assigned(self, assignee: str, limit: int) -> list[AssignedChat]:
        """Up to `limit` open flagged chats of one assignee about which nobody decided anything, by id."""

    def ids_within(self, ids: Collection[str], scope: Scope) -> frozenset[str]:
        """Those of these chats that are in this scope, too."""

    def assign(self, ids: Collection[str], assignee: str | None) -> None:
        """Let these chats, which are held, have this assignee."""

    def open_chats(self, names: Collection[str]) -> Mapping[str, int]:
        """Assignee → number of open or appealed flagged chats in scope; who has none is left out."""

    def count_unassigned(self, *, at_most: int) -> int:
        """How many open flagged chats in scope nobody reviews, counted up to `at_most`."""
