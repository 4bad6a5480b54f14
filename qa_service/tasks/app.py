"""The tasks: ids in, nothing out. The task edge: no error passes that could take its words into a log."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from celery import Celery, Task

from qa_service.domain.work import Lane
from qa_service.errors import QAServiceError, Unavailable
from qa_service.queueing import ERASE, INSPECT, SWEEP
from qa_service.wiring import Services
from qa_service.workflows.worker import OutOfTime, retry_delay

logger = logging.getLogger(__name__)

RETRIES = 4
"""Deliveries of one message while the store is away; later the sweeper sends a new one."""

ERASE_SECONDS = 20.0
"""Of one task; what is left then is another, so that sweeps of the same queue have their turn."""


def register_tasks(app: Celery, services: Callable[[], Services]) -> None:
    """Add the tasks to `app`; `services` gives those of the worker process, made after it was forked."""

    @app.task(name=INSPECT, bind=True, max_retries=RETRIES)
    def inspect(task: Task[Any, None], ids: Sequence[str], lane: str) -> None:
        request = task.request
        with _edge(INSPECT), _soft_limit():
            try:
                services().worker(claimant=str(request.id)).work_on(ids, lane=Lane(lane))
            except Unavailable:
                if request.retries >= RETRIES:
                    raise
                delay = retry_delay(request.retries + 1).total_seconds()
                # `throw=False`: the exception that Celery raises for a retry would have to pass the edge
                task.retry(countdown=delay, throw=False)

    @app.task(name=SWEEP)
    def sweep() -> None:
        with _edge(SWEEP):
            services().sweeper().sweep()

    @app.task(name=ERASE, bind=True)
    def erase(task: Task[Any, None]) -> None:
        with _edge(ERASE):
            if not services().eraser.work(at_most_seconds=ERASE_SECONDS):
                task.apply_async(queue=task.request.delivery_info["routing_key"])


@contextmanager
def _edge(task: str) -> Iterator[None]:
    try:
        yield
    except OutOfTime:
        logger.warning("task out of time", extra={"task": task})
    except QAServiceError as error:
        logger.warning("task ended: %s", error.code, extra={"task": task})
    except Exception as error:  # noqa: BLE001 - the task edge
        # The type alone: a message may quote the transcript.
        logger.error("task failed: %s", type(error).__name__, extra={"task": task})


@contextmanager
def _soft_limit() -> Iterator[None]:
    """Celery's signal of the soft limit raises `OutOfTime`, which no stage can take for its own failure."""
    before = signal.signal(signal.SIGUSR1, _raise_out_of_time)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def _raise_out_of_time(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
