"""The part of the repository that assigns chats to reviewers. Owns no query: each line names who does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from qa_service.domain.assignment import AssignedChat
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.storage import assignments


class SqlAssignmentRepository:
    """See `qa_service.workflows.assignment_port.AssignmentStore`."""

    _connection: Connection
    _scope: Scope

    def hold_chats(self, ids: Collection[str]) -> list[AssignedChat]:
        """Those in scope, by id."""
        return assignments.hold_chats(self._connection, ids, self._scope)

    def hold_unassigned(
        self, limit: int, *, shop: str | None = None, within: Sequence[Scope] = (EVERYTHING,)
    ) -> list[AssignedChat]:
        """Of the open queue, the most urgent first."""
        return assignments.hold_unassigned(self._connection, limit, self._scope, shop=shop, within=within)

    def hold_assigned(self, assignee: str, limit: int) -> list[AssignedChat]:
        """Of one assignee's open queue, what nobody has begun with."""
        return assignments.hold_assigned(self._connection, assignee, limit, self._scope)

    def ids_within(self, ids: Collection[str], scope: Scope) -> frozenset[str]:
        """Those in this scope, too."""
        own = assignments.ids_within(self._connection, ids, self._scope)
        return assignments.ids_within(self._connection, own, scope)

    def assign(self, ids: Collection[str], assignee: str | None) -> None:
        """Let them have this assignee."""
        assignments.assign(self._connection, ids, assignee)

    def open_chats(self, names: Collection[str]) -> dict[str, int]:
        """What waits for each."""
        return assignments.open_chats(self._connection, names, self._scope)

    def count_unassigned(self, *, at_most: int) -> int:
        """What waits for nobody yet."""
        return assignments.count_unassigned(self._connection, self._scope, at_most=at_most)
