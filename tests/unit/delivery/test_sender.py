"""A real receiver on loopback answers what the test says; names are looked up by the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from qa_service.delivery import WAITS_SECONDS, HttpSender
from qa_service.delivery.sender import REFUSED
from qa_service.domain.delivery import DeliveryAttempt

NAME = "hr.example"


def _answer(handler: BaseHTTPRequestHandler, status: int) -> None:
    handler.send_response(status)
    if status == 302:
        handler.send_header("Location", "/elsewhere")
    handler.end_headers()


@dataclass
class Receiver:
    """What it answers, one status a request, and what it was asked."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler, int], None] = _answer
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{NAME}:{self.port}/performance?team=7"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            told.hosts.append(self.headers["Host"])
            told.answer(self, told.statuses.pop(0))

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told.port = server.server_port
        yield told
        server.shutdown()


@dataclass
class Names:
    """Answers in turn; the last answer goes on."""

    answers: list[list[str]] = field(default_factory=lambda: [["127.0.0.1"]])
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def send(
    receiver: Receiver, *statuses: int, names: Names | None = None, **options: float | bool
) -> tuple[list[DeliveryAttempt], list[float]]:
    receiver.statuses[:] = statuses
    waits: list[float] = []
    sender = HttpSender(
        receiver.url,
        sleep=waits.append,
        resolve=names or Names(),
        **{"allow_private": True, **options},  # type: ignore[arg-type]
    )
    return list(sender.send(b"{}", lambda: {"X": "1"})), waits


def test_a_body_that_is_taken_is_sent_once(receiver: Receiver) -> None:
    attempts, waits = send(receiver, 200)

    assert [(a.number, a.status, a.delivered) for a in attempts] == [(1, 200, True)]
    assert waits == []
    assert receiver.bodies == [b"{}"]


def test_a_receiver_that_restarts_is_tried_again_with_growing_waits(receiver: Receiver) -> None:
    attempts, waits = send(receiver, 503, 503, 204)

    assert [a.delivered for a in attempts] == [False, False, True]
    assert waits == [1.0, 4.0]


@pytest.mark.parametrize("status", [400, 302], ids=["refused", "redirected"])
def test_what_is_refused_or_redirected_is_not_tried_again(receiver: Receiver, status: int) -> None:
    attempts, _ = send(receiver, status)

    assert [a.status for a in attempts] == [status]
    assert attempts[0].error == f"the receiver answered {status}"
    assert len(receiver.bodies) == 1


def test_after_four_attempts_it_ends(receiver: Receiver) -> None:
    attempts, waits = send(receiver, 500, 500, 500, 500)

    assert len(attempts) == 4
    assert waits == list(WAITS_SECONDS)


def test_an_address_that_does_not_answer_is_an_attempt_too() -> None:
    sender = HttpSender("http://127.0.0.1:9/", allow_private=True, sleep=lambda _: None)

    attempts = list(sender.send(b"{}", dict))

    assert [a.status for a in attempts] == [None] * 4
    assert attempts[0].error == "ConnectError"


def test_a_name_that_is_not_known_is_an_attempt_too(receiver: Receiver) -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    attempts = list(HttpSender(receiver.url, resolve=unknown, sleep=lambda _: None).send(b"{}", dict))

    assert [a.error for a in attempts] == ["OSError"] * 4


@pytest.mark.parametrize("inside", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]], ids=str)
def test_a_name_that_leads_inside_is_never_connected_to(receiver: Receiver, inside: list[str]) -> None:
    attempts, waits = send(receiver, 200, names=Names(answers=[inside]), allow_private=False)

    assert [(a.status, a.error) for a in attempts] == [(None, REFUSED)]
    assert (receiver.bodies, waits) == ([], [])


def test_without_the_switch_an_address_inside_is_refused() -> None:
    (attempt,) = HttpSender("http://127.0.0.1:9/", sleep=lambda _: None).send(b"{}", dict)

    assert attempt.error == REFUSED


def test_a_name_is_looked_up_once_an_attempt_and_the_connection_goes_to_what_was_judged(receiver: Receiver) -> None:
    """A second look-up, at the connection, would be answered by the next address: the receiver would hear nothing."""
    names = Names(answers=[["127.0.0.1"], ["192.0.2.1"]])

    attempts, _ = send(receiver, 200, names=names)

    assert attempts[0].delivered
    assert names.asked == [(NAME, receiver.port)]


def test_the_request_is_in_the_name_of_the_host(receiver: Receiver) -> None:
    send(receiver, 200)

    assert receiver.hosts == [f"{NAME}:{receiver.port}"]


def test_the_next_address_is_tried_where_one_takes_no_connection(receiver: Receiver) -> None:
    attempts, _ = send(receiver, 200, names=Names(answers=[["127.0.0.2", "127.0.0.1"]]))

    assert [a.delivered for a in attempts] == [True]


def test_an_answer_that_drips_ends_the_attempt(receiver: Receiver) -> None:
    def drip(handler: BaseHTTPRequestHandler, _: int) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 20:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)

    receiver.answer = lambda handler, status: _ignoring(ConnectionError, drip, handler, status)

    began = time.monotonic()
    attempts, _ = send(receiver, 200, 200, 200, 200, timeout_seconds=0.3)

    assert [(a.status, a.error) for a in attempts] == [(None, "TimeoutError")] * 4
    assert time.monotonic() - began < 5


def test_the_body_of_an_answer_is_not_read(receiver: Receiver) -> None:
    written: list[int] = []

    def flood(handler: BaseHTTPRequestHandler, status: int) -> None:
        handler.send_response(status)
        handler.end_headers()
        for _ in range(1000):
            written.append(handler.wfile.write(b"x" * 1_000_000))

    receiver.answer = lambda handler, status: _ignoring(ConnectionError, flood, handler, status)

    attempts, _ = send(receiver, 200)

    assert attempts[0].delivered
    assert sum(written) < 100_000_000


def test_no_proxy_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    attempts, _ = send(receiver, 200)

    assert attempts[0].delivered


def _ignoring(
    error: type[Exception], act: Callable[[BaseHTTPRequestHandler, int], None], handler: BaseHTTPRequestHandler, n: int
) -> None:
    try:
        act(handler, n)
    except error:
        handler.close_connection = True
