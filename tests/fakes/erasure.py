"""Erasing in the store in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from qa_service.domain.erasure import (
    CustomerQuery,
    Due,
    Erased,
    Erasure,
    ErasureReason,
    ErasureState,
    conversation_without_text,
    inspection_without_text,
)
from qa_service.domain.review import ReviewState, SuspicionReview, Verdict
from qa_service.errors import NotFound
from tests.fakes.scoping import FakeScoping
from tests.fakes.stored import Record, Result


@dataclass(kw_only=True)
class ErasureStore:
    records: dict[str, Record] = field(default_factory=dict)
    verdicts: list[tuple[str, Verdict]] = field(default_factory=list)
    suspicion_reviews: list[SuspicionReview] = field(default_factory=list)
    erasures: dict[str, Erasure] = field(default_factory=dict)


class FakeErasureRepository:
    """See `qa_service.workflows.erasure_port.ErasureStore`."""

    _store: ErasureStore
    _scoping: FakeScoping

    def shops_with_text(self) -> list[str | None]:
        shops = {record.conversation.shop for record in self._held(lambda _: True)}
        return sorted(shops, key=lambda shop: (shop is not None, shop or ""))

    def expired(self, shop: str | None, before: datetime) -> Due:
        return _due(self._held(_is_expired(shop, before)))

    def erase_expired(self, shop: str | None, before: datetime, *, limit: int, now: datetime) -> int:
        return self._erase(_is_expired(shop, before), limit, Erased(at=now, reason=ErasureReason.RETENTION))

    def chats_of(self, query: CustomerQuery) -> Due:
        return _due(self._held(_is_of(query)))

    def erase_chats_of(self, query: CustomerQuery, *, limit: int, now: datetime) -> int:
        return self._erase(_is_of(query), limit, Erased(at=now, reason=ErasureReason.REQUEST))

    def add_erasure(self, request: Erasure) -> None:
        self._scoping.scope.require_shop(request.query.shop)
        self._store.erasures[request.id] = request

    def get_erasure(self, erasure_id: str, *, for_update: bool = False) -> Erasure:
        if erasure_id not in {request.id for request in self._by_age() if self._is_seen(request)}:
            raise NotFound("no such erasure", field="id")
        return self._store.erasures[erasure_id]

    def save_erasure(self, request: Erasure) -> None:
        self._store.erasures[request.id] = request

    def erasures(self, limit: int) -> list[Erasure]:
        return [request for request in reversed(self._by_age()) if self._is_seen(request)][:limit]

    def pending_erasures(self) -> list[str]:
        return [request.id for request in self._by_age() if request.state is ErasureState.PENDING]

    def _is_seen(self, request: Erasure) -> bool:
        scope = self._scoping.scope
        return not scope.is_within_shops and (scope.shops is None or request.query.shop in scope.shops)

    def _by_age(self) -> list[Erasure]:
        return sorted(self._store.erasures.values(), key=lambda request: (request.requested_at, request.id))

    def _held(self, is_meant: Callable[[Record], bool]) -> list[Record]:
        held = [record for record in self._store.records.values() if record.text_since is not None and is_meant(record)]
        return sorted(held, key=lambda record: (record.text_since, record.id))

    def _erase(self, is_meant: Callable[[Record], bool], limit: int, erased: Erased) -> int:
        ready = [record for record in self._held(is_meant) if _is_ready(record)][:limit]
        for record in ready:
            self._store.records[record.id] = replace(
                record,
                contents=tuple((sha, conversation_without_text(content)) for sha, content in record.contents),
                results=tuple(_without_text(result) for result in record.results),
                text_since=None,
                customers=frozenset(),
                erased=erased,
            )
        ids = {record.id for record in ready}
        self._store.verdicts = [
            (one, replace(verdict, comment="") if one in ids else verdict) for one, verdict in self._store.verdicts
        ]
        self._store.suspicion_reviews = [
            replace(review, comment="") if review.conversation_id in ids else review
            for review in self._store.suspicion_reviews
        ]
        return len(ready)


def _is_expired(shop: str | None, before: datetime) -> Callable[[Record], bool]:
    return lambda record: (
        record.conversation.shop == shop and record.text_since is not None and record.text_since < before
    )


def _is_of(query: CustomerQuery) -> Callable[[Record], bool]:
    return lambda record: (
        query.customer_digest in record.customers
        and query.source in (None, record.conversation.source)
        and query.shop in (None, record.conversation.shop)
    )


def _is_ready(record: Record) -> bool:
    return record.state in ("complete", "failed") and record.review_state != ReviewState.APPEALED


def _due(held: list[Record]) -> Due:
    ready = sum(_is_ready(record) for record in held)
    return Due(ready=ready, waiting=len(held) - ready)


def _without_text(result: Result) -> Result:
    blank = inspection_without_text(result.inspection)
    standing = inspection_without_text(replace(result.inspection, findings=result.standing)).findings
    return replace(result, inspection=blank, standing=standing)
