"""Runs `worker` and `beat` until SIGTERM. Owns signals and logging of Celery; no task."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from celery import Celery, signals
from prometheus_client import CollectorRegistry

from qa_service.erasure_wiring import ERASE_EVERY_SECONDS
from qa_service.observability import Snapshots, configure_logging, serve_metrics
from qa_service.queueing import queue_names, schedule
from qa_service.settings import Settings
from qa_service.tasks.app import TaskEnded, register_tasks
from qa_service.wiring import build_broker, build_services, process_services
from qa_service.workflows.sweep import SWEEP_EVERY


def run_worker(settings: Settings, queues: Sequence[str]) -> int:
    """Take tasks of these queues until SIGTERM; the batch in hand is finished. The exit code.

    Each of `worker_processes` children loads packs and model for itself, after the fork.

    Raises:
        ConfigError: a rubric or setting is wrong.
        Unavailable: the store does not answer.
    """
    build_services(settings).close()  # what is wrong ends the command here, not each child
    with TemporaryDirectory(prefix="qa-metrics-") as folder:
        return _run_worker(settings, queues, Snapshots(Path(folder)))


def _run_worker(settings: Settings, queues: Sequence[str], snapshots: Snapshots) -> int:
    if settings.metrics_port is not None:
        registry = CollectorRegistry()
        registry.register(snapshots)
        serve_metrics(registry, host=settings.host, port=settings.metrics_port)
    app = _app(settings, told=partial(_told, snapshots) if settings.metrics_port is not None else _count)
    signals.worker_process_init.connect(_load, weak=False)
    signals.worker_process_shutdown.connect(_close, weak=False)
    worker = app.Worker(
        hostname=f"qa-{os.getpid()}@%h",
        queues=queue_names(queues),
        concurrency=settings.worker_processes,
        pool="prefork",
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def run_beat(settings: Settings) -> None:
    """Ask for sweeps and erasures in their times until SIGTERM. One such process is enough; two do no harm."""
    app = _app(settings, told=_count)
    app.conf.beat_schedule = schedule(sweep_seconds=SWEEP_EVERY.total_seconds(), erase_seconds=ERASE_EVERY_SECONDS)
    app.Beat(scheduler="celery.beat:Scheduler", loglevel="INFO", quiet=True).run()


def _app(settings: Settings, *, told: TaskEnded) -> Celery:
    signals.setup_logging.connect(_set_up_logging, weak=False)
    app = build_broker(settings).app
    register_tasks(app, process_services, told=told)
    return app


def _set_up_logging(**_: Any) -> None:
    """Instead of Celery's own: ids and counts, one JSON object a line."""
    configure_logging()


def _count(task: str, outcome: str) -> None:
    process_services().telemetry.metrics.task_ended(task, outcome)


def _told(snapshots: Snapshots, task: str, outcome: str) -> None:
    """In a child: what it has counted by now is the worker's to show."""
    _count(task, outcome)
    snapshots.write(process_services().telemetry.metrics.registry)


def _load(**_: Any) -> None:
    process_services().inspector()


def _close(**_: Any) -> None:
    with closing(process_services()):
        pass
