"""An answer that streams out while the request streams in. Owns no meaning of the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.streams.memory import MemoryObjectSendStream
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

Answers = Callable[[Iterable[bytes]], Iterator[bytes]]
"""Turns the pieces of the body, as they arrive, into the pieces of the answer. Runs in a thread, may block."""


class DuplexResponse(Response):
    """Reads and answers at the same time.

    Starlette's own streaming response listens for a disconnect by reading from the connection, and so would swallow
    pieces of the body. Reading never waits for sending, for many clients read nothing before they have sent everything.

    Args:
        answers: gives at most `answer_limit` pieces; so many may wait for a client that does not read.
        limiter: how many such requests are worked on at once; the others wait.
    """

    media_type = "application/x-ndjson"

    def __init__(self, answers: Answers, *, answer_limit: int, limiter: anyio.CapacityLimiter) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._answers = answers
        self._answer_limit = answer_limit
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream both ways until the body ends."""
        inlet, outlet = anyio.create_memory_object_stream[bytes](self._answer_limit)
        head: Message = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        is_begun = False
        try:
            async with anyio.create_task_group() as tasks, outlet:
                tasks.start_soon(self._work, receive, inlet)
                async for piece in outlet:
                    if not is_begun:  # not earlier: a client may wait for "100 Continue", which comes with reading
                        await send(head)
                        is_begun = True
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        if not is_begun:
            await send(head)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _work(self, receive: Receive, inlet: MemoryObjectSendStream[bytes]) -> None:
        async with inlet:
            await anyio.to_thread.run_sync(self._answer_all, receive, inlet, limiter=self._limiter)

    def _answer_all(self, receive: Receive, inlet: MemoryObjectSendStream[bytes]) -> None:
        for piece in self._answers(_pieces(receive)):
            anyio.from_thread.run_sync(inlet.send_nowait, piece)


def _pieces(receive: Receive) -> Iterator[bytes]:
    async def next_message() -> Message:
        return await receive()

    while True:
        message = anyio.from_thread.run(next_message)
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return
