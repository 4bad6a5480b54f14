"""A real receiver on loopback answers what the test says."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from qa_service.delivery import WAITS_SECONDS, HttpSender


@pytest.fixture
def receiver():
    class Handler(BaseHTTPRequestHandler):
        statuses: ClassVar[list[int]] = []
        bodies: ClassVar[list[bytes]] = []

        def do_POST(self):
            Handler.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            status = Handler.statuses.pop(0)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Handler.url = f"http://127.0.0.1:{server.server_port}/"
        yield Handler
        server.shutdown()


def send(receiver, *statuses):
    receiver.statuses[:] = statuses
    receiver.bodies.clear()
    waits: list[float] = []
    attempts = list(HttpSender(receiver.url, sleep=waits.append).send(b"{}", lambda: {"X": "1"}))
    return attempts, waits


def test_a_body_that_is_taken_is_sent_once(receiver):
    attempts, waits = send(receiver, 200)

    assert [(a.number, a.status, a.delivered) for a in attempts] == [(1, 200, True)]
    assert waits == []
    assert receiver.bodies == [b"{}"]


def test_a_receiver_that_restarts_is_tried_again_with_growing_waits(receiver):
    attempts, waits = send(receiver, 503, 503, 204)

    assert [a.delivered for a in attempts] == [False, False, True]
    assert waits == [1.0, 4.0]


@pytest.mark.parametrize("status", [400, 302], ids=["refused", "redirected"])
def test_what_is_refused_or_redirected_is_not_tried_again(receiver, status):
    attempts, _ = send(receiver, status)

    assert [a.status for a in attempts] == [status]
    assert attempts[0].error == f"the receiver answered {status}"


def test_after_four_attempts_it_ends(receiver):
    attempts, waits = send(receiver, 500, 500, 500, 500)

    assert len(attempts) == 4
    assert waits == list(WAITS_SECONDS)


def test_an_address_that_does_not_answer_is_an_attempt_too():
    attempts = list(HttpSender("http://127.0.0.1:9/", sleep=lambda _: None).send(b"{}", dict))

    assert [a.status for a in attempts] == [None] * 4
    assert attempts[0].error == "ConnectError"
