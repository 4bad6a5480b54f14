"""Erases text whose time is over, and what a customer asks for. Owns no row (`storage`) and no clockwork (`wiring`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from qa_service.domain.audit import AuditEvent
from qa_service.domain.erasure import CustomerQuery, Due, Erasure, ErasureState, customer_digest
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.workflows.acting import acting_name
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

logger = logging.getLogger(__name__)

BATCH = 100
"""Chats erased in one transaction: it holds their rows for some tens of milliseconds."""

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDue:
    """What of a shop (None: chats of no shop) is over its time; `days` is how long its text is held."""

    shop: str | None
    days: int
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """For how many days the text of a shop's chats is held.

    Attributes:
        days: of every shop that `days_by_shop` does not name; None: for ever.
        days_by_shop: of those shops; None: for ever.
    """

    days: int | None = None
    days_by_shop: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def is_for_ever(self) -> bool:
        """Whether no text is ever over its time."""
        return self.days is None and not any(self.days_by_shop.values())

    def days_of(self, shop: str | None) -> int | None:
        """How long the text of a shop's chats is held."""
        return self.days if shop is None else self.days_by_shop.get(shop, self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Works in batches, each a transaction: it may be killed at any line, and two at once erase nothing twice.

    Chats that wait for an inspection, or for the decision about an appeal, are erased once that is done.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    plan: RetentionPlan
    seconds: Callable[[], float] = time.monotonic

    def work(self, *, at_most_seconds: float) -> bool:
        """Erase what was asked for, then what is over its time; False where the time ran out before all was done."""
        until = self.seconds() + at_most_seconds
        with self.unit_of_work(is_read_only=True) as repository:
            pending = repository.pending_erasures()
        return all(self._erase_all(partial(self._fulfil, one), until) for one in pending) and self._retain(until)

    def due(self) -> list[ShopDue]:
        """What retention would erase now."""
        now = self.clock.now()
        with self.unit_of_work(is_read_only=True) as repository:
            held = [(shop, days) for shop in repository.shops_with_text() if (days := self.plan.days_of(shop))]
            found = [
                ShopDue(shop=shop, days=days, due=repository.expired(shop, _before(now, days))) for shop, days in held
            ]
        return [one for one in found if one.due.ready or one.due.waiting]

    def request(self, customer_id: str, *, source: str | None = None, shop: str | None = None) -> Erasure:
        """Note that a customer's data is to be erased; `work` or `run` does it.

        Raises:
            InvalidInput: no customer is named.
            NotPermitted: it is about more than the shops that the caller may touch.
        """
        if not customer_id.strip():
            raise InvalidInput("customer_id: must not be empty", code=ErrorCode.INVALID_FIELD, field="customer_id")
        now = self.clock.now()
        query = CustomerQuery(customer_digest=customer_digest(customer_id), source=source, shop=shop)
        with self.unit_of_work() as repository:
            found = repository.chats_of(query)
            erasure = Erasure(
                id=uuid4().hex,
                query=query,
                requested_by=acting_name(),
                requested_at=now,
                waiting=found.ready + found.waiting,
            )
            repository.add_erasure(erasure)
            _audit_request(repository, erasure, now=now)
        return erasure

    def run(self, erasure_id: str) -> Erasure:
        """Erase what can be erased of a request now, however long it takes. Raises NotFound."""
        while self._fulfil(erasure_id):
            pass
        return self.get(erasure_id)

    def get(self, erasure_id: str) -> Erasure:
        """Where a request stands. Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.get_erasure(erasure_id)

    def listing(self, limit: int = LONGEST_LIST) -> list[Erasure]:
        """The newest requests first."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.erasures(limit)

    def _erase_all(self, erase: Callable[[], int], until: float) -> bool:
        while self.seconds() < until:
            if erase() == 0:
                return True
        return False

    def _fulfil(self, erasure_id: str) -> int:
        """One batch of a request; 0 when nothing of it can be erased now."""
        now = self.clock.now()
        with self.unit_of_work() as repository:
            erasure = repository.get_erasure(erasure_id, for_update=True)
            if erasure.state is ErasureState.DONE:
                return 0
            erased = repository.erase_chats_of(erasure.query, limit=BATCH, now=now)
            left = repository.chats_of(erasure.query)
            is_done = left.ready == left.waiting == 0
            erasure = replace(
                erasure,
                erased=erasure.erased + erased,
                waiting=left.ready + left.waiting,
                state=ErasureState.DONE if is_done else ErasureState.PENDING,
                finished_at=now if is_done else None,
            )
            repository.save_erasure(erasure)
            if is_done:
                _audit_request(repository, erasure, now=now)
        if erased:
            logger.info("erased on request", extra={"erasure": erasure_id, "conversations": erased})
        return erased

    def _retain(self, until: float) -> bool:
        if self.plan.is_for_ever:
            return True
        with self.unit_of_work(is_read_only=True) as repository:
            shops = repository.shops_with_text()
        return all(self._erase_all(partial(self._erase_expired, shop), until) for shop in shops)

    def _erase_expired(self, shop: str | None) -> int:
        days, now = self.plan.days_of(shop), self.clock.now()
        if days is None:
            return 0
        before = _before(now, days)
        with self.unit_of_work() as repository:
            erased = repository.erase_expired(shop, before, limit=BATCH, now=now)
            if erased:
                after = {"conversations": erased, "days": days, "before": before.isoformat()}
                audit(repository, AuditEvent.RETENTION_APPLIED, now=now, on={}, shop=shop, after=after)
        if erased:
            logger.info("erased by retention", extra={"conversations": erased})
        return erased


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _audit_request(repository: Repository, erasure: Erasure, *, now: datetime) -> None:
    after = {"state": erasure.state.value, "conversations": erasure.erased, "waiting": erasure.waiting}
    audit(repository, AuditEvent.ERASED, now=now, on={"erasure": erasure.id}, shop=erasure.query.shop, after=after)
