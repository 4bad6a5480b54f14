"""A batch over a real connection: answers come while the body is still being sent."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from api.app import create_app
from tests.fakes.services import FakeServices

LINES = 1_000
BUFFER_BYTES = 32768
"""Small socket buffers, so that a server that waits for its reader stops reading soon."""


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    """A connection that has sent the head of a batch request with a chunked body."""
    services = FakeServices()
    key = services.access.new_key("test")
    config = uvicorn.Config(create_app(services), log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _shrink_buffers(listener)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with socket.socket() as client:
            _shrink_buffers(client)
            client.settimeout(120)
            client.connect(listener.getsockname())
            client.sendall(
                b"POST /v1/conversations:batch HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                b"Transfer-Encoding: chunked\r\nAuthorization: Bearer " + key.encode() + b"\r\n\r\n"
            )
            yield client
        server.should_exit = True
        thread.join(10)


def _shrink_buffers(end: socket.socket) -> None:
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        end.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)


def chunk(external_id: str) -> bytes:
    chat = {"external_id": external_id, "turns": [{"role": "customer", "text": "在吗"}]}
    line = json.dumps(chat).encode() + b"\n"
    return f"{len(line):x}\r\n".encode() + line + b"\r\n"


def read_until(client: socket.socket, word: bytes) -> bytes:
    received = b""
    while word not in received:
        piece = client.recv(65536)
        assert piece, "the server hung up"
        received += piece
    return received


def test_the_first_answer_comes_before_the_second_line_is_sent(connection: socket.socket) -> None:
    connection.sendall(chunk("c-1"))
    assert b"200 OK" in read_until(connection, b'"external_id":"c-1","status":"accepted"')

    connection.sendall(chunk("c-2") + b"0\r\n\r\n")
    read_until(connection, b'"external_id":"c-2","status":"accepted"')


def test_a_client_that_reads_nothing_before_it_has_sent_all_gets_all_answers(connection: socket.socket) -> None:
    line = b'{"' + b"x" * 500 + b'":1}\n'
    connection.sendall(f"{LINES * len(line):x}\r\n".encode())
    for _ in range(LINES):
        connection.sendall(line)
    connection.sendall(b"\r\n0\r\n\r\n")

    received = b""
    while piece := connection.recv(65536):
        received += piece

    assert received.count(b'"status":"rejected"') == LINES
