"""Backtests that run beside requests, in this process: one at a time. Reports outlive the process, running ones do not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from qa_service.errors import Conflict, ErrorCode, QAServiceError

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class BacktestRuns:
    """What runs and what failed, by id."""

    running: str | None = field(default=None, init=False)
    failed: dict[str, str] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def start(self, run: Callable[[str], None]) -> str:
        """Run in a thread of its own; the id that `run` is given. Raises Conflict while another one runs."""
        with self._lock:
            if self.running is not None:
                raise Conflict(f"backtest {self.running} is running; wait for its end")
            self.running = identity = uuid4().hex
        threading.Thread(target=self._run, args=(run, identity), name="backtest", daemon=True).start()
        return identity

    def _run(self, run: Callable[[str], None], identity: str) -> None:
        try:
            run(identity)
        except QAServiceError as error:
            self.failed[identity] = error.code
        except Exception as error:  # noqa: BLE001 - the task edge
            # The type alone: a message may quote the transcript.
            logger.error("backtest failed: %s", type(error).__name__)
            self.failed[identity] = ErrorCode.INTERNAL
        finally:
            self.running = None
