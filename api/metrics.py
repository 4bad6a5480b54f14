"""What `/metrics` shows: what this process counted, and what waits in the store. No text, no ids of chats or people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from qa_service.domain.work import COUNTED, Lane
from qa_service.errors import QAServiceError
from qa_service.observability import Metrics
from qa_service.workflows.ports import Clock, UnitOfWork


class Watched(Protocol):
    """What is asked at every scrape."""

    @property
    def unit_of_work(self) -> UnitOfWork:
        """Begins transactions."""

    @property
    def clock(self) -> Clock:
        """The time now."""


class Scrape:
    """Everything that one process shows to Prometheus."""

    def __init__(self, process: Metrics, watched: Watched) -> None:
        self._process = process
        self._store = CollectorRegistry()
        self._store.register(_StoreCollector(watched))

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return self._process.exposition() + generate_latest(self._store)


class _StoreCollector(Collector):
    """Reads states and lanes when scraped; leaves them out while the store is away."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            with self._watched.unit_of_work(is_read_only=True) as repository:
                states = repository.state_counts()
                depths = {lane: repository.count_pending(lane, at_most=COUNTED) for lane in Lane}
                since = {lane: repository.waiting_since(lane) for lane in Lane}
        except QAServiceError:
            return
        now = self._watched.clock.now()
        ages = {lane.value: _age(since[lane], now) for lane in Lane}
        yield _gauge("qa_conversations", f"Stored conversations, counted up to {COUNTED}.", "state", states)
        waiting = {lane.value: depth for lane, depth in depths.items()}
        yield _gauge("qa_queue_depth", f"Conversations that wait, counted up to {COUNTED}.", "lane", waiting)
        yield _gauge("qa_queue_age_seconds", "How long the longest waiting conversation has waited.", "lane", ages)


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds; a retry that is due later does not wait yet."""
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _gauge(name: str, help_text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
