"""What a process counts: requests, intake, stages, batches, findings, errors. Labels are bounded: no ids, no text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from qa_service.domain.finding import Outcome
from qa_service.domain.inspection import Inspection
from qa_service.domain.mood import MoodStatus
from qa_service.domain.work import Lane
from qa_service.workflows.telemetry import Stage

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BATCH_SIZES = (1, 2, 4, 8, 16)
NAMED_RULES = 1_000
"""Rules that have series of their own; four outcomes each. Those beyond are counted together as `other`."""
OTHER = "other"

CacheCounts = Callable[[], tuple[int, int]]
"""Turns that the model was asked for, and those of them that it remembered."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        # a second series for each, with the time at which it was first counted
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._rules: set[str] = set()
        self._requests = self._counter("qa_http_requests", "Answered requests.", "method", "route", "status")
        self._request_seconds = self._histogram("qa_http_request_seconds", "Time to answer a request.", "route")
        self._intake = self._counter(
            "qa_intake", "Conversations taken in; unchanged: known content.", "lane", "outcome"
        )
        self._stages = self._histogram("qa_stage_seconds", "Time of one call of a stage.", "stage")
        self._batches = self._histogram("qa_batch_size", "Conversations inspected together.", buckets=BATCH_SIZES)
        self._seconds = self._histogram("qa_inspection_seconds", "Time to inspect one conversation.")
        self._findings = self._counter("qa_findings", "Outcomes of rules.", "rule", "outcome")
        self._unavailable = self._counter("qa_unavailable", "Inspections that lack this part.", "part")
        self._errors = self._counter("qa_errors", "Errors: refused requests and lines, failed inspections.", "code")
        self._tasks = self._counter("qa_tasks", "Tasks of workers by how they ended.", "task", "outcome")

    def answered(self, method: str, route: str, status: int) -> None:
        """Count an answer; `route` is the template, e.g. `/v1/findings/{finding_id}`."""
        self._requests.labels(method=method, route=route, status=str(status)).inc()

    def took(self, route: str, seconds: float) -> None:
        """The time of an answer."""
        self._request_seconds.labels(route=route).observe(seconds)

    def taken_in(self, lane: Lane, *, is_new: bool) -> None:
        """Count an accepted conversation."""
        self._intake.labels(lane=lane.value, outcome="accepted" if is_new else "unchanged").inc()

    def stage_took(self, stage: Stage, seconds: float) -> None:
        """The time of one call of a stage."""
        self._stages.labels(stage=stage.value).observe(seconds)

    def batch_begun(self, size: int) -> None:
        """Count a batch."""
        self._batches.observe(size)

    def inspected(self, inspection: Inspection, seconds: float) -> None:
        """Count the outcomes of one inspection, what it lacks, and its time."""
        self._seconds.observe(seconds)
        for finding in inspection.findings:
            self._findings.labels(rule=self._named(finding.rule_id), outcome=finding.outcome.value).inc()
        if inspection.mood.status is MoodStatus.UNAVAILABLE:
            self._unavailable.labels(part="mood").inc()
        if any(finding.outcome is Outcome.UNAVAILABLE for finding in inspection.findings):
            self._unavailable.labels(part="rules").inc()

    def failed(self, code: str) -> None:
        """Count an error; `code` is one of `errors.ErrorCode`."""
        self._errors.labels(code=code).inc()

    def task_ended(self, task: str, outcome: str) -> None:
        """Count a task of a worker."""
        self._tasks.labels(task=task, outcome=outcome).inc()

    def watch_reloads(self, failures: Callable[[], int]) -> None:
        """Show how often new rules were refused."""
        gauge = Gauge("qa_rules_reload_failures", "Reloads refused: the rules stayed.", registry=self.registry)
        gauge.set_function(failures)

    def watch_cache(self, counts: CacheCounts) -> None:
        """Show how often the model remembered a turn."""
        self.registry.register(_CacheCollector(counts))

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def _named(self, rule_id: str) -> str:
        if rule_id not in self._rules and len(self._rules) >= NAMED_RULES:
            return OTHER
        self._rules.add(rule_id)
        return rule_id

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str, *labels: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
        return Histogram(name, help_text, labels, buckets=buckets, registry=self.registry)


class _CacheCollector(Collector):
    def __init__(self, counts: CacheCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        asked, remembered = self._counts()
        family = CounterMetricFamily("qa_model_cache", "Turns asked of the model.", labels=["result"])
        family.add_metric(["hit"], remembered)
        family.add_metric(["miss"], asked - remembered)
        yield family
