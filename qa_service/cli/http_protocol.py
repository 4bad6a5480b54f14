"""The server's HTTP/1.1 with bounds that it lacks: the head of a request has a size, a number of fields and a time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT_BYTES = 32 * 1024
"""Address and header fields of a request together."""
HEADER_LIMIT = 100
HEAD_SECONDS = 10.0
"""From the first byte, or from the connection while none came."""

_TOO_LARGE = "431 Request Header Fields Too Large"
_TOO_SLOW = "408 Request Timeout"


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431 or 408 and hangs up where a head is too large or too slow. Bodies are bounded at the request edge."""

    head_limit_bytes = HEAD_LIMIT_BYTES
    header_limit = HEADER_LIMIT
    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing ends, too."""
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; it keeps an unfinished field for as long as it grows."""
        before = self._head_timer
        super().data_received(data)
        if self._head_timer is None or self._head_timer is not before:
            return  # no head, or one that began in this piece, perhaps behind the body before it
        self._head_bytes += len(data)
        if self._head_bytes > self.head_limit_bytes:
            self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """The head is here: hand the request on if it is within bounds."""
        self._end_head()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.head_limit_bytes or len(self.headers) > self.header_limit:
            self._refuse(_TOO_LARGE)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Nothing of a request that was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Nothing of a request that was refused."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def _begin_head(self) -> None:
        self._end_head()
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, _TOO_SLOW)

    def _end_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: str) -> None:
        self._end_head()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode("ascii"))
            self.transport.close()
