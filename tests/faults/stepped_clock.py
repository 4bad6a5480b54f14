"""`qa-service` under a clock that a test steps: the program reads how far it is off from a file.

QA_TEST_CLOCK=FILE python -m tests.faults.stepped_clock worker
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from qa_service import wiring
from qa_service.cli import main

REAL_TIME = time.time


class SteppedClock:
    """The service's clock, `seconds_off` beside the real one."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def seconds_off(self) -> float:
        return float(self._file.read_text() or 0)

    def time(self) -> float:
        return REAL_TIME() + self.seconds_off()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)


if __name__ == "__main__":
    clock = SteppedClock(Path(os.environ["QA_TEST_CLOCK"]))
    time.time = clock.time  # Celery's and kombu's as well
    wiring.SystemClock.now = lambda _self: clock.now()  # type: ignore[method-assign]
    sys.exit(main())
