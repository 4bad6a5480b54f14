"""Brings the counts of worker processes together in the process that started them, which Prometheus asks.

Each process writes what it has counted to a file of its own after every task; the sum stands for the worker. What a dead
process had counted stays counted, so that sums never fall.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector


class Snapshots(Collector):
    """The files in one folder, one a process; only counters and histograms, which may be added up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, registry: CollectorRegistry) -> None:
        """Replace the file of this process; a process that dies while it writes leaves the one before."""
        families = [
            [metric.name, metric.documentation, metric.type, [[s.name, s.labels, s.value] for s in metric.samples]]
            for metric in registry.collect()
        ]
        path = self._folder / f"{os.getpid()}.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(families), encoding="utf-8")
        new.replace(path)

    def collect(self) -> Iterator[Metric]:
        """The sums."""
        sums: dict[str, tuple[Metric, dict[tuple[str, frozenset[tuple[str, str]]], float]]] = {}
        for path in sorted(self._folder.glob("*.json")):
            for name, documentation, kind, samples in json.loads(path.read_text(encoding="utf-8")):
                _, values = sums.setdefault(name, (Metric(name, documentation, kind), {}))
                for sample, labels, value in samples:
                    key = (sample, frozenset(labels.items()))
                    values[key] = values.get(key, 0.0) + value
        for metric, values in sums.values():
            for (sample, labels_of), value in values.items():
                metric.add_sample(sample, dict(labels_of), value)
            yield metric
