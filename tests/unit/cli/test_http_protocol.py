"""A real server with small bounds; what is sent is written byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from qa_service.cli.http_protocol import BoundedProtocol
from qa_service.cli.serve import server_config

GOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Small(BoundedProtocol):
    head_limit_bytes = 2000
    header_limit = 10
    head_seconds = 0.3


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers how many bytes came."""
    if scope["type"] != "http":
        return
    size, has_more = 0, True
    while has_more:
        message = await receive()
        size += len(message.get("body", b""))
        has_more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]})
    await send({"type": "http.response.body", "body": f"{size:7}".encode()})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = server_config(echo)
    config.http = Small
    config.lifespan = "off"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield bound.getsockname()[1]
        server.should_exit = True
        thread.join()


def ask(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that comes back before the server hangs up or two seconds are over."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        answer = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
        return answer


def status(answer: bytes) -> bytes:
    return answer.partition(b"\r\n")[0].partition(b" ")[2][:3]


def test_requests_within_bounds_are_answered_one_after_the_other(port: int) -> None:
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\nConnection: close\r\n\r\n" + b"x" * 9000

    assert status(ask(port, GOOD.replace(b"Host", b"Connection: close\r\nHost"))) == b"200"
    assert ask(port, GOOD, body, pause=0.1).count(b"200 OK") == 2
    assert b"   9000" in ask(port, body[:100], body[100:], pause=0.1)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\n" + b"".join(b"A%d: 1\r\n" % n for n in range(11)) + b"\r\n"],
        [b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 3000 + b"\r\n\r\n"],
        [b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"x" * 3000],
        [b"GET / HTTP/1.1\r\n", b"x" * 3000],
    ],
    ids=["fields", "value", "address", "unfinished-value", "unfinished-name"],
)
def test_a_head_that_is_too_large_is_refused(port: int, pieces: list[bytes]) -> None:
    assert status(ask(port, *pieces, pause=0.05)) == b"431"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half-a-head"])
def test_a_head_that_does_not_come_ends_the_connection(port: int, sent: bytes) -> None:
    began = time.monotonic()

    assert status(ask(port, sent)) == b"408"
    assert time.monotonic() - began < 1.5


def test_dripping_does_not_lengthen_the_time(port: int) -> None:
    drops = [bytes([byte]) for byte in GOOD[:-1]]

    assert status(ask(port, *drops, pause=0.03)) in (b"408", b"")


def test_a_second_request_has_a_time_of_its_own(port: int) -> None:
    assert ask(port, GOOD, GOOD[:10], pause=0.2).count(b"HTTP/1.1 408") == 1


def test_the_server_is_bounded_and_says_nothing_of_itself() -> None:
    config = server_config(echo)

    assert (config.http, config.ws, config.server_header) == (BoundedProtocol, "none", False)
    assert (config.timeout_keep_alive, config.limit_concurrency, config.reset_contextvars) == (15, 1000, True)
