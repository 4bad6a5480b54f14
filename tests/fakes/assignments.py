"""Assigning in the store in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from qa_service.domain.assignment import AssignedChat
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.learning import MoodCorrection
from qa_service.domain.review import ReviewState, SuspicionReview, Verdict
from tests.fakes.scoping import FakeScoping
from tests.fakes.stored import Record, worst


class _Store(Protocol):
    records: dict[str, Record]
    groups: dict[tuple[str, str], str]
    verdicts: list[tuple[str, Verdict]]
    suspicion_reviews: list[SuspicionReview]
    mood_corrections: list[MoodCorrection]


class FakeAssignments:
    """See `qa_service.workflows.assignment_port.AssignmentStore`."""

    _store: _Store
    _scoping: FakeScoping
    _seen: list[Record]

    def hold_chats(self, ids: Collection[str]) -> list[AssignedChat]:
        return [self._chat(record) for record in sorted(self._seen, key=lambda record: record.id) if record.id in ids]

    def hold_unassigned(
        self, limit: int, *, shop: str | None = None, within: Sequence[Scope] = (EVERYTHING,)
    ) -> list[AssignedChat]:
        waiting = [
            self._chat(record)
            for record in self._queue(ReviewState.OPEN)
            if record.assignee is None
            and shop in (None, record.conversation.shop)
            and any(self._is_in(scope, record) for scope in within)
        ]
        return waiting[:limit]

    def hold_assigned(self, assignee: str, limit: int) -> list[AssignedChat]:
        chats = [self._chat(record) for record in self._queue(ReviewState.OPEN) if record.assignee == assignee]
        return sorted((chat for chat in chats if not chat.is_judged), key=lambda chat: chat.id)[:limit]

    def ids_within(self, ids: Collection[str], scope: Scope) -> frozenset[str]:
        return frozenset(record.id for record in self._seen if record.id in ids and self._is_in(scope, record))

    def assign(self, ids: Collection[str], assignee: str | None) -> None:
        for one in ids:
            self._store.records[one] = replace(self._store.records[one], assignee=assignee)

    def open_chats(self, names: Collection[str]) -> Mapping[str, int]:
        waiting = self._queue(ReviewState.OPEN, ReviewState.APPEALED)
        return Counter(
            record.assignee for record in waiting if record.assignee is not None and record.assignee in names
        )

    def count_unassigned(self, *, at_most: int) -> int:
        return min(at_most, sum(record.assignee is None for record in self._queue(ReviewState.OPEN)))

    def _queue(self, *states: ReviewState) -> list[Record]:
        listed = sorted((self._scoping.listed(record) for record in self._seen), key=lambda record: record.id)
        listed = [record for record in listed if record.result and record.result.is_flagged]
        return sorted((record for record in listed if record.review_state in states), key=worst)

    def _is_in(self, scope: Scope, record: Record) -> bool:
        return FakeScoping(scope=scope, groups=self._store.groups).holds(record)

    def _chat(self, record: Record) -> AssignedChat:
        store = self._store
        judged = {one for one, _ in store.verdicts}
        judged |= {made.conversation_id for made in (*store.suspicion_reviews, *store.mood_corrections)}
        return AssignedChat(
            id=record.id, shop=record.conversation.shop, assignee=record.assignee, is_judged=record.id in judged
        )
