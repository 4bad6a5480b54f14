"""Asks the one configured host for documents. Owns no meaning of them."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from qa_service.delivery.addresses import RefusedAddress, Resolver, resolve
from qa_service.delivery.guarded import Call, TooLarge, perform

FETCH_SECONDS = 5.0
"""Of one call: somebody waits for the page."""
FETCH_LIMIT_BYTES = 256 * 1024
"""Of one answer. Documents and key sets of identity providers have some 10 KiB."""


class HostFetcher:
    """Calls addresses of one origin; what leads elsewhere is refused before anything is looked up.

    Args:
        origin: an address there; scheme, host and port count.
        allow_private: also at addresses that are not of the open internet.
        resolve: looks names up, once a call.
        seconds: of one call.
        limit_bytes: of one answer.
    """

    def __init__(
        self,
        origin: str,
        *,
        allow_private: bool = False,
        resolve: Resolver = resolve,
        seconds: float = FETCH_SECONDS,
        limit_bytes: int = FETCH_LIMIT_BYTES,
    ) -> None:
        self._origin = _origin(httpx.URL(origin))
        self._allow_private = allow_private
        self._resolve = resolve
        self._seconds = seconds
        self._limit_bytes = limit_bytes

    def __call__(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            ConnectionError: it leads to another host or into the network, cannot be reached, or is too long or too slow.
        """
        try:
            call = Call(
                method=method,
                url=httpx.URL(url),
                content=content,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
                seconds=self._seconds,
                body_limit=self._limit_bytes,
            )
            if _origin(call.url) != self._origin:
                raise RefusedAddress
            return perform(call, resolve=self._resolve, allow_private=self._allow_private)
        except (RefusedAddress, TooLarge, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise ConnectionError(type(error).__name__) from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx leaves out the port that the scheme implies
    return url.scheme, url.host, url.port
