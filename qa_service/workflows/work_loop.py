"""Keeps a worker working: in the serving process (embedded) or in one of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from qa_service.domain.work import Lane
from qa_service.errors import Unavailable
from qa_service.workflows.worker import Worker

logger = logging.getLogger(__name__)

IDLE_SECONDS = 2.0
"""How long an idle worker waits for a call before it looks by itself (another process may have submitted)."""


class WorkLoop:
    """Works until stopped. What a killed loop had claimed, the next one claims again."""

    def __init__(
        self,
        build_worker: Callable[[], Worker],
        *,
        before_batch: Callable[[], None] = lambda: None,
        after_batch: Callable[[], None] = lambda: None,
    ) -> None:
        self._build_worker = build_worker
        self._before_batch = before_batch
        self._after_batch = after_batch
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._renew = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the background thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Run in a background thread."""
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def send(self, conversation_ids: Sequence[str], lane: Lane) -> None:
        """Say that something is pending: the loop of this process looks for itself what."""
        self._wake.set()

    def renew(self) -> None:
        """Build the worker anew before the next batch: a part of it was replaced."""
        self._renew.set()

    def stop(self, timeout_seconds: float = 30.0) -> None:
        """Finish the batch in hand, then end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def run(self) -> None:
        """Work in this thread until `stop`."""
        worker = self._build_worker()
        while not self._stop.is_set():
            self._before_batch()
            if self._renew.is_set():
                self._renew.clear()
                worker = self._build_worker()
            if self._work(worker) == 0:
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()

    def _work(self, worker: Worker) -> int:
        try:
            taken = worker.work()
            self._after_batch()
        except Unavailable as error:
            logger.warning("worker waits: %s", error.code)
            return 0
        except Exception as error:  # noqa: BLE001 - the task edge: one batch that breaks must not end all work
            # The type alone: a message may quote the transcript.
            logger.error("worker gave up a batch: %s", type(error).__name__)
            return 0
        return taken
