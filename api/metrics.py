"""What `/metrics` shows: counts and times by route, state, rule and outcome. No text, no ids of chats or people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from qa_service.domain.inspection import Inspection
from qa_service.errors import QAServiceError

INSPECTION_BUCKETS_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one app, in a registry of their own.

    Args:
        count_states: the number of stored conversations per state; asked at every scrape.
    """

    def __init__(
        self, count_states: Callable[[], Mapping[str, int]], *, count_failed_reloads: Callable[[], int] = lambda: 0
    ) -> None:
        self._registry = CollectorRegistry()
        failed = Gauge("qa_rules_reload_failures", "Reloads refused: the rules stayed.", registry=self._registry)
        failed.set_function(count_failed_reloads)
        self._registry.register(_StateCollector(count_states))
        self._requests = Counter(
            "qa_http_requests", "Answered requests.", ["method", "route", "status"], registry=self._registry
        )
        self._findings = Counter("qa_findings", "Outcomes of rules.", ["rule", "outcome"], registry=self._registry)
        self._seconds = Histogram(
            "qa_inspection_seconds",
            "Time to inspect one conversation.",
            buckets=INSPECTION_BUCKETS_SECONDS,
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int) -> None:
        """Count an answer; `route` is the template, e.g. `/v1/findings/{finding_id}`."""
        self._requests.labels(method=method, route=route, status=str(status)).inc()

    def inspected(self, inspection: Inspection, seconds: float) -> None:
        """Count the outcomes of one inspection and its time."""
        self._seconds.observe(seconds)
        for finding in inspection.findings:
            self._findings.labels(rule=finding.rule_id, outcome=finding.outcome.value).inc()

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self._registry)


class _StateCollector(Collector):
    """Reads the number of conversations per state when scraped; leaves them out while the store is away."""

    def __init__(self, count_states: Callable[[], Mapping[str, int]]) -> None:
        self._count_states = count_states

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauge = GaugeMetricFamily("qa_conversations", "Stored conversations.", labels=["state"])
        try:
            counts = self._count_states()
        except QAServiceError:
            return
        for state, count in counts.items():
            gauge.add_metric([state], count)
        yield gauge
