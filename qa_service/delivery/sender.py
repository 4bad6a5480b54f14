"""Sends with retries to the one configured address. Owns no content and no log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import httpx

from qa_service.delivery.addresses import RefusedAddress, Resolver, resolve
from qa_service.delivery.guarded import Call, perform
from qa_service.domain.delivery import DeliveryAttempt

TIMEOUT_SECONDS = 10.0
"""Of a whole attempt after the look-up, however slowly the receiver answers."""
WAITS_SECONDS = (1.0, 4.0, 16.0)
"""Back-off between four attempts; a receiver that restarts is back within half a minute."""
RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED = "the address is inside of the network: QA_PUSH_ALLOW_PRIVATE=true allows that"


class HttpSender:
    """Sends with retries. Follows no redirect, asks no proxy and reads no body of an answer: its status is all that counts.

    Args:
        url: where to; its host is the only one that is ever reached.
        allow_private: also to addresses that are not of the open internet.
        resolve: looks names up, once an attempt.
        sleep: waits between attempts.
        timeout_seconds: of one attempt.
    """

    def __init__(
        self,
        url: str,
        *,
        allow_private: bool = False,
        resolve: Resolver = resolve,
        sleep: Callable[[float], None] = time.sleep,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._url = httpx.URL(url)
        self._allow_private = allow_private
        self._resolve = resolve
        self._sleep = sleep
        self._timeout_seconds = timeout_seconds

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
        call = Call(
            method="POST",
            url=self._url,
            content=body,
            headers={"Content-Type": "application/json", **headers},
            seconds=self._timeout_seconds,
        )
        try:
            status, _ = perform(call, resolve=self._resolve, allow_private=self._allow_private)
        except RefusedAddress:
            return DeliveryAttempt(number=number, status=None, error=REFUSED)
        except (httpx.HTTPError, OSError) as error:
            return DeliveryAttempt(number=number, status=None, error=type(error).__name__)
        refused = None if 200 <= status < 300 else f"the receiver answered {status}"
        return DeliveryAttempt(number=number, status=status, error=refused)


def _is_retryable(attempt: DeliveryAttempt) -> bool:
    if attempt.status is None:
        return attempt.error != REFUSED
    return attempt.status in RETRYABLE_STATUSES
