"""Pushes a body to the one configured address. Owns no content and no log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import httpx

from qa_service.domain.delivery import DeliveryAttempt

TIMEOUT_SECONDS = 10.0
WAITS_SECONDS = (1.0, 4.0, 16.0)
"""Back-off between four attempts; a receiver that restarts is back within half a minute."""
RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class HttpSender:
    """Sends with retries. Follows no redirects: what is signed for one address goes to that address only."""

    def __init__(self, url: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._url = url
        self._sleep = sleep

    def send(self, body: bytes, headers: Callable[[], Mapping[str, str]]) -> Iterator[DeliveryAttempt]:
        """Try until it is taken, refused or the attempts are used up; yields each attempt as it ends.

        Args:
            body: what to send, JSON.
            headers: made anew for each attempt, since the signed time moves on.
        """
        for number, wait in enumerate((*WAITS_SECONDS, None), start=1):
            attempt = self._attempt(number, body, headers())
            yield attempt
            if wait is None or not _is_retryable(attempt):
                return
            self._sleep(wait)

    def _attempt(self, number: int, body: bytes, headers: Mapping[str, str]) -> DeliveryAttempt:
        try:
            answer = httpx.post(
                self._url,
                content=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            return DeliveryAttempt(number=number, status=None, error=type(error).__name__)
        refused = None if answer.is_success else f"the receiver answered {answer.status_code}"
        return DeliveryAttempt(number=number, status=answer.status_code, error=refused)


def _is_retryable(attempt: DeliveryAttempt) -> bool:
    return attempt.status is None or attempt.status in RETRYABLE_STATUSES
