"""Messages to workers, through Redis or RabbitMQ. Owns names and routes; what the tasks do is in `tasks`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from qa_service.domain.work import Lane
from qa_service.errors import ErrorCode, Unavailable

INSPECT = "qa_service.inspect"
SWEEP = "qa_service.sweep"
ERASE = "qa_service.erase"

MAINTENANCE = "maintenance"
QUEUES = (Lane.REALTIME.value, MAINTENANCE, Lane.BULK.value)
"""In the order in which a worker that serves several looks at them (on Redis; RabbitMQ takes them in turn)."""

CONNECT_SECONDS = 2
LOAD_SECONDS = 120.0
"""A new worker process that has not loaded packs and model by then is killed. Celery's 4 s are too few: the process that
replaces a dead one was killed while it loaded, and the next one, without end."""
REST_SECONDS = 5.0
"""After a failure nothing is sent for so long: intake must not wait for a broker that is away, once for each chat."""


def celery_app(broker_url: str, *, soft_seconds: int, hard_seconds: int) -> Celery:
    """The application that sends and, with tasks registered (`tasks.app`), works.

    Args:
        broker_url: `redis://…` or `amqp://…`.
        soft_seconds: after so long a task is told to give back what it has.
        hard_seconds: after so long its process is killed and the task is delivered again.
    """
    app = Celery("qa_service", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue=_name(Lane.BULK.value),
        task_create_missing_queues=False,
        task_ignore_result=True,
        task_acks_late=True,
        task_acks_on_timeout=False,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=soft_seconds,
        task_time_limit=hard_seconds,
        worker_prefetch_multiplier=1,  # a message is a batch: what waits, waits where every worker sees it
        worker_proc_alive_timeout=LOAD_SECONDS,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        accept_content=["json"],
        broker_connection_timeout=CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(broker_url, visibility_seconds=2 * hard_seconds),
    )
    return app


class BrokerQueue:
    """Sends tasks by name, after commit. Safe to share between threads."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        connection = app.connection_for_write()
        self._errors = (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors)
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def send(self, conversation_ids: Sequence[str], lane: Lane) -> None:
        """One message for these conversations.

        Raises:
            Unavailable: the broker does not take it, or did not a moment ago.
        """
        with self._translated_errors():
            self.app.send_task(INSPECT, args=[list(conversation_ids), lane.value], queue=_name(lane.value), retry=False)

    def erase(self) -> None:
        """One message: erase what is asked for or over its time.

        Raises:
            Unavailable: as `send`; the next message of `beat` does the same.
        """
        with self._translated_errors():
            self.app.send_task(ERASE, queue=_name(MAINTENANCE), retry=False)

    def depth(self, lane: Lane) -> int:
        """Messages that no worker has taken yet.

        Raises:
            Unavailable: the broker does not answer.
        """
        with self._translated_errors(), self.app.connection_for_write() as connection:
            declared = _queue(lane.value)(connection.default_channel).queue_declare()
            return int(getattr(declared, "message_count", 0) or 0)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        with self._lock:
            if time.monotonic() < self._rests_until:
                raise _unavailable()
        try:
            yield
        except self._errors as error:
            with self._lock:
                self._rests_until = time.monotonic() + REST_SECONDS
            raise _unavailable() from error


def queue_names(queues: Sequence[str]) -> list[str]:
    """What the broker calls these of our `QUEUES`, in their order."""
    return [_name(queue) for queue in QUEUES if queue in queues]


def schedule(*, sweep_seconds: float, erase_seconds: float) -> dict[str, Any]:
    """What `beat` sends: what nobody has begun when the next one is due is not begun any more."""
    return {
        task: {"task": task, "schedule": seconds, "options": {"queue": _name(MAINTENANCE), "expires": seconds}}
        for task, seconds in ((SWEEP, sweep_seconds), (ERASE, erase_seconds))
    }


def _queue(name: str) -> Queue:
    # the nameless exchange needs no bindings, which a Redis that restarts empty would have lost
    return Queue(_name(name), exchange=Exchange(""), routing_key=_name(name))


def _name(queue: str) -> str:
    return f"qa.{queue}"


def _transport_options(broker_url: str, *, visibility_seconds: int) -> dict[str, Any]:
    if not broker_url.startswith("redis"):
        return {"confirm_publish": True}
    return {
        "visibility_timeout": visibility_seconds,
        "queue_order_strategy": "priority",
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": 10,
        "socket_keepalive": True,
    }


def _unavailable() -> Unavailable:
    return Unavailable(
        "the broker does not answer: check QA_BROKER_URL; what is accepted stays pending and is sent later",
        code=ErrorCode.BROKER_UNAVAILABLE,
    )
