"""What operators ask of the store in memory: how much waits, since when, and how the conversations stand."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Protocol

from qa_service.domain.work import COUNTED, Lane
from tests.fakes.stored import Record


class _Records(Protocol):
    records: dict[str, Record]


class FakeWatched:
    """A part of `FakeRepository`."""

    _store: _Records
    _seen: list[Record]

    def count_pending(self, lane: Lane, *, at_most: int) -> int:
        waiting = [r for r in self._store.records.values() if r.state == "pending" and r.lane is lane]
        return min(len(waiting), at_most)

    def waiting_since(self, lane: Lane) -> datetime | None:
        waiting = (r.due_at for r in self._store.records.values() if r.state == "pending" and r.lane is lane)
        return min(waiting, default=None)

    def state_counts(self, *, at_most: int = COUNTED) -> dict[str, int]:
        counted = Counter(record.state for record in self._seen)
        return {state: min(count, at_most) for state, count in counted.items()}
