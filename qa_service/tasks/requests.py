"""Acknowledges messages until the broker has taken it. Owns nothing of what the tasks do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from celery.worker.request import Request
from kombu.asynchronous import get_event_loop

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0

Settle = Callable[[logging.Logger, tuple[type[Exception], ...]], None]


class PatientRequest(Request):  # type: ignore[misc]
    """A task's message in the worker's main process.

    Celery tries to acknowledge once and goes on. A broker that stood still for that moment and kept the connection then
    had a worker that waited for ever: the message counted as in hand, so no other was fetched.
    """

    def acknowledge(self) -> None:
        """Acknowledge, now or as soon as the broker answers."""
        super().acknowledge()
        self._be_certain(self.message.ack_log_error)

    def reject(self, requeue: bool = False) -> None:
        """Give back, now or as soon as the broker answers."""
        super().reject(requeue=requeue)
        self._be_certain(partial(self.message.reject_log_error, requeue=requeue))

    def _be_certain(self, settle: Settle) -> None:
        """Look a moment later: the worker's loop has not sent anything yet."""
        loop = get_event_loop()
        if loop is not None:
            loop.call_later(AGAIN_SECONDS, self._again, settle)

    def _again(self, settle: Settle) -> None:
        channel = self.message.channel
        if self.message.acknowledged or channel.connection is None or getattr(channel, "closed", False):
            return  # or the worker has connected anew, and the broker delivers what was in hand again
        settle(logger, self.connection_errors)
        self._be_certain(settle)
