"""Handing out, taking back and giving up in the store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qa_service.domain.personal_data import unmask
from qa_service.domain.records import text_erased
from qa_service.domain.work import CLOCK_STEP, MAX_CLAIMS, Claim, DeadLetters, Lane, Unsent
from qa_service.errors import Conflict, ErrorCode
from tests.fakes.personal_data import FakePersonalDataRepository
from tests.fakes.records import first_of_page
from tests.fakes.stored import Record, dead_letter_of


class FakeWork(FakePersonalDataRepository):
    """A part of `FakeRepository`."""

    def claim(
        self, limit: int, *, lane: Lane, claimant: str, now: datetime, ids: Sequence[str] | None = None
    ) -> list[Claim]:
        due = self._due(now)
        waiting = [r for r in due if (r.lane is lane if ids is None else r.id in ids)]
        if ids is not None and waiting:
            waiting += [r for r in due if r.lane is lane and r.id not in ids and not r.attempts]
        is_alone = bool(waiting and waiting[0].attempts)
        waiting = waiting[:1] if is_alone else [r for r in waiting if not r.attempts][:limit]
        for record in waiting:
            self._change(
                record,
                state="processing",
                state_since=now,
                claimed_revision=record.revision,
                claimant=claimant,
                attempts=record.attempts + 1,
            )
        said = {r.id: unmask(r.conversation, self.originals(r.id)) for r in waiting}
        return [
            Claim(id=r.id, conversation=said[r.id], attempts=r.attempts + 1, traceparent=r.traceparent) for r in waiting
        ]

    def return_stale(self, *, now: datetime, stale_before: datetime) -> int:
        return self._return(
            [r for r in self._store.records.values() if not stale_before <= r.state_since <= now + CLOCK_STEP], now=now
        )

    def return_claims(self, claimant: str, *, now: datetime) -> int:
        return self._return([r for r in self._store.records.values() if r.claimant == claimant], now=now)

    def release(self, ids: Sequence[str], *, now: datetime) -> None:
        self._return([self._store.records[one] for one in ids], now=now)

    def take_unsent(self, limit: int, *, lane: Lane, now: datetime, offered_before: datetime) -> list[Unsent]:
        waiting = [
            r
            for r in self._due(now)
            if r.lane is lane and (r.offered_at is None or not offered_before <= r.offered_at <= now + CLOCK_STEP)
        ]
        for record in waiting[:limit]:
            self._change(record, offered_at=now)
        return [Unsent(id=r.id, was_claimed=r.attempts > 0) for r in waiting[:limit]]

    def mark_failed(self, conversation_id: str, *, error: str, now: datetime, retry_at: datetime | None = None) -> None:
        record = self._record(conversation_id)
        if record.state == "complete" or record.claimed_revision not in (None, record.revision):
            return
        if retry_at is not None and record.attempts < MAX_CLAIMS:
            record = self._change(record, state="pending", due_at=retry_at, offered_at=None)
        else:
            record = self._change(record, state="failed")
        self._change(record, state_since=now, error=error)

    def dead_letters(self, *, limit: int, cursor: str | None = None, error: str | None = None) -> DeadLetters:
        dead = [r for r in self._seen if r.state == "failed" and error in (None, r.error)]
        dead.sort(key=lambda r: (r.state_since, r.id), reverse=True)
        start = first_of_page(cursor)
        end = start + limit
        rows = tuple(dead_letter_of(record) for record in dead[start:end])
        return DeadLetters(rows=rows, next_cursor=f"after-{end}" if end < len(dead) else None)

    def requeue(self, conversation_id: str, *, now: datetime) -> Lane:
        record = self._record(conversation_id)
        if record.state != "failed":
            raise Conflict("only a conversation that failed can be queued again", field="id")
        if record.erased is not None:
            raise text_erased(record.erased)
        self._change(record, state="pending", state_since=now, due_at=now, offered_at=now, attempts=0, error=None)
        return record.lane

    def requeue_all(self, *, now: datetime, error: str | None = None) -> int:
        failed = [r for r in self._seen if r.state == "failed" and r.erased is None]
        dead = [r for r in failed if error in (None, r.error)]
        for record in dead:
            self.requeue(record.id, now=now)
            self._change(self._record(record.id), lane=Lane.BULK, offered_at=None)
        return len(dead)

    def _due(self, now: datetime) -> list[Record]:
        due = [
            r
            for r in self._store.records.values()
            if r.state == "pending" and (not r.attempts or r.due_at <= now or r.state_since > now + CLOCK_STEP)
        ]
        return sorted(due, key=lambda record: (record.due_at, record.id))

    def _return(self, records: Sequence[Record], *, now: datetime) -> int:
        open_claims = [record for record in records if record.state == "processing"]
        for record in open_claims:
            is_spent = record.attempts >= MAX_CLAIMS
            self._change(
                record,
                state="failed" if is_spent else "pending",
                error=ErrorCode.WORKER_LOST.value if is_spent else record.error,
                state_since=now,
                offered_at=None,
            )
        return len(open_claims)
