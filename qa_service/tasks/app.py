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
from qa_service.observability import bound
from qa_service.queueing import ERASE, INSPECT, SWEEP
from qa_service.tasks.requests import PatientRequest
from qa_service.wiring import Services
from qa_service.workflows.worker import OutOfTime, retry_delay

logger = logging.getLogger(__name__)

RETRIES = 4
"""Deliveries of one message while the store is away; later the sweeper sends a new one."""

ERASE_SECONDS = 20.0
"""Of one task; what is left then is another, so that sweeps of the same queue have their turn."""


TaskEnded = Callable[[str, str], None]
"""Told of each task and how it ended."""


def register_tasks(app: Celery, services: Callable[[], Services], *, told: TaskEnded) -> None:
    """Add the tasks to `app`; `services` gives those of the worker process, made after it was forked."""

    @app.task(name=INSPECT, bind=True, max_retries=RETRIES, Request=PatientRequest)
    def inspect(task: Task[Any, None], ids: Sequence[str], lane: str) -> None:
        request = task.request
        with _edge(INSPECT, request.id, told) as ended, _soft_limit():
            try:
                services().worker(claimant=str(request.id)).work_on(ids, lane=Lane(lane))
            except Unavailable:
                if request.retries >= RETRIES:
                    raise
                delay = retry_delay(request.retries + 1).total_seconds()
                # `throw=False`: the exception that Celery raises for a retry would have to pass the edge
                task.retry(countdown=delay, throw=False)
                ended.append("retried")

    @app.task(name=SWEEP, bind=True, Request=PatientRequest)
    def sweep(task: Task[Any, None]) -> None:
        with _edge(SWEEP, task.request.id, told):
            services().sweeper().sweep()

    @app.task(name=ERASE, bind=True, Request=PatientRequest)
    def erase(task: Task[Any, None]) -> None:
        with _edge(ERASE, task.request.id, told):
            if not services().eraser.work(at_most_seconds=ERASE_SECONDS):
                task.apply_async(queue=task.request.delivery_info["routing_key"])


@contextmanager
def _edge(task: str, task_id: str, told: TaskEnded) -> Iterator[list[str]]:
    """The task's id stands in all of its log; what is put into the list says how it ended, if not well or badly."""
    ended: list[str] = []
    with bound(task_id=task_id):
        try:
            yield ended
            ended.append("done")
        except OutOfTime:
            ended.append("out_of_time")
            logger.warning("task out of time", extra={"task": task})
        except QAServiceError as error:
            ended.append("failed")
            logger.warning("task ended: %s", error.code, extra={"task": task})
        except Exception as error:  # noqa: BLE001 - the task edge
            ended.append("failed")
            # The type alone: a message may quote the transcript.
            logger.error("task failed: %s", type(error).__name__, extra={"task": task})
        finally:
            told(task, ended[0] if ended else "stopped")


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
