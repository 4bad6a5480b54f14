"""Builds what erases text, and has the embedded worker do it between its batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qa_service.settings import Settings
from qa_service.workflows.erasure import Eraser, RetentionPlan
from qa_service.workflows.ports import Clock, UnitOfWork

ERASE_EVERY_SECONDS = 600.0
ONE_TURN_SECONDS = 1.0
"""Between two batches of the embedded worker: chats that wait shall not notice."""


def build_eraser(settings: Settings, unit_of_work: UnitOfWork, clock: Clock) -> Eraser:
    """What applies the retention of the settings and fulfils requests."""
    plan = RetentionPlan(days=settings.retention_days, days_by_shop=settings.retention_days_by_shop)
    return Eraser(unit_of_work=unit_of_work, clock=clock, plan=plan)


class ErasureTurns:
    """Erases now and then, a second at a time, as long as something is left to erase."""

    def __init__(self, eraser: Callable[[], Eraser], *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._eraser = eraser
        self._seconds = seconds
        self._is_wanted = threading.Event()
        self._next = 0.0

    def hurry(self) -> None:
        """Do it at the next turn: something was asked for."""
        self._is_wanted.set()

    def take(self) -> None:
        """Erase for a second if it is time.

        Raises:
            Unavailable: the store does not answer; the next turn tries again.
        """
        if not self._is_wanted.is_set() and self._seconds() < self._next:
            return
        self._is_wanted.clear()
        is_done = self._eraser().work(at_most_seconds=ONE_TURN_SECONDS)
        self._next = self._seconds() + (ERASE_EVERY_SECONDS if is_done else 0.0)
