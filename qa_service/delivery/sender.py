"""Sends with retries to the one configured address. Owns no content and no log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping

import httpx

from qa_service.delivery.addresses import RefusedAddress, Resolver, permitted, resolve
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
        try:
            addresses = permitted(self._look_up(), allow_private=self._allow_private)
            status = asyncio.run(self._post(addresses, body, headers))
        except RefusedAddress:
            return DeliveryAttempt(number=number, status=None, error=REFUSED)
        except (httpx.HTTPError, OSError) as error:
            return DeliveryAttempt(number=number, status=None, error=type(error).__name__)
        refused = None if 200 <= status < 300 else f"the receiver answered {status}"
        return DeliveryAttempt(number=number, status=status, error=refused)

    def _look_up(self) -> list[str]:
        default = 443 if self._url.scheme == "https" else 80
        return list(self._resolve(self._url.host, self._url.port or default))

    async def _post(self, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> int:
        """The status. Tries the addresses in turn until one takes the connection. Raises HTTPError, TimeoutError."""
        async with (
            asyncio.timeout(self._timeout_seconds),
            httpx.AsyncClient(
                verify=httpx.create_ssl_context(),  # what SSL_CERT_FILE names goes on to be trusted
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(self._timeout_seconds, connect=self._timeout_seconds / len(addresses)),
            ) as client,
        ):
            for address in addresses[:-1]:
                try:
                    return await self._post_to(client, address, body, headers)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
            return await self._post_to(client, addresses[-1], body, headers)

    async def _post_to(self, client: httpx.AsyncClient, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """To this address, in the name of the host: it stands in the request, and the certificate has to be its own."""
        request = client.build_request(
            "POST",
            self._url.copy_with(host=address),
            content=body,
            headers={"Content-Type": "application/json", **headers, "Host": self._url.netloc.decode("ascii")},
            extensions={"sni_hostname": self._url.host},
        )
        answer = await client.send(request, stream=True)
        await answer.aclose()
        return answer.status_code


def _is_retryable(attempt: DeliveryAttempt) -> bool:
    if attempt.status is None:
        return attempt.error != REFUSED
    return attempt.status in RETRYABLE_STATUSES
