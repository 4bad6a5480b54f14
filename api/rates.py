"""How often one caller may ask: a token bucket a key or session, and one an address for whoever is not known.

Counted in this process alone: n processes let through n times as much. Owns no identity (`guard`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from qa_service.errors import ErrorCode, QAServiceError

BURST_SECONDS = 5
"""A caller who was quiet may send what this long gives at once."""

MOST_CALLERS = 10_000
"""Remembered at once; those that have their whole burst again are forgotten first."""


class RateLimited(QAServiceError):
    """The caller asks too often."""

    def __init__(self, retry_after_seconds: int) -> None:
        message = f"too many requests; come back in {retry_after_seconds} s"
        super().__init__(message, code=ErrorCode.RATE_LIMITED)
        self.retry_after_seconds = retry_after_seconds


@dataclass(kw_only=True)
class RateLimit:
    """One bucket a caller. Used from the event loop alone.

    Attributes:
        per_second: what one caller may ask for in the long run; 0: as much as it likes.
        clock: seconds, monotonic.
    """

    per_second: int
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict, init=False)

    def take(self, caller: str) -> None:
        """Count one request.

        Raises:
            RateLimited: the bucket is empty; says when there is a request in it again.
        """
        if not self.per_second:
            return
        now = self.clock()
        left = self._left(caller, now)
        if left < 1:
            self._buckets[caller] = (left, now)
            raise RateLimited(math.ceil((1 - left) / self.per_second))
        if caller not in self._buckets and len(self._buckets) >= MOST_CALLERS:
            self._forget(now)
        self._buckets[caller] = (left - 1, now)

    def _left(self, caller: str, now: float) -> float:
        full = float(self.per_second * BURST_SECONDS)
        left, since = self._buckets.get(caller, (full, now))
        return min(full, left + (now - since) * self.per_second)

    def _forget(self, now: float) -> None:
        full = self.per_second * BURST_SECONDS
        self._buckets = {caller: bucket for caller, bucket in self._buckets.items() if self._left(caller, now) < full}
        if len(self._buckets) >= MOST_CALLERS:  # more addresses at once than callers are remembered: begin anew
            self._buckets = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Both limits of an app."""

    known: RateLimit
    unknown: RateLimit
