from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.edge import BODY_LIMIT_BYTES, SECURITY_HEADERS, BodyLimit, RequestEdge
from qa_service.errors import ConfigError, ErrorCode
from qa_service.workflows.inspect_conversation import Inspector
from tests.fakes.services import FakeServices

SECRET_TEXT = "我的电话是13800000000"


class Broken(FakeServices):
    """Fails with an error that quotes the transcript."""

    error: Exception = ValueError(SECRET_TEXT)

    def inspector(self) -> Inspector:
        raise self.error


@pytest.fixture
def services() -> FakeServices:
    return Broken()


@pytest.mark.parametrize("path", ["/healthz", "/v1/rules", "/nowhere", "/metrics"])
def test_every_answer_has_the_security_headers(anonymous: TestClient, path: str) -> None:
    headers = anonymous.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("given", ["a", "Job-17", "a" * 64])
def test_a_request_id_is_taken_over(anonymous: TestClient, given: str) -> None:
    assert anonymous.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a\u00e9", "<script>", "a_b"])
def test_another_request_id_is_replaced(anonymous: TestClient, given: str) -> None:
    made = anonymous.get("/healthz", headers={"X-Request-ID": given.encode("latin-1")}).headers["X-Request-ID"]

    assert made != given
    assert len(made) == 32


def test_requests_without_id_get_different_ones(anonymous: TestClient) -> None:
    assert len({anonymous.get("/healthz").headers["X-Request-ID"] for _ in range(3)}) == 3


def test_an_unknown_error_shows_its_request_id_only(
    client: TestClient, chat: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/v1/inspect", json=chat, headers={"X-Request-ID": "job-1"})

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "job-1"
    assert SECURITY_HEADERS.items() <= {name: answer.headers[name] for name in SECURITY_HEADERS}.items()
    assert "ValueError" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "api.errors"]
    assert "request job-1 failed: ValueError at" in record.getMessage()
    assert "test_edge.py" in record.getMessage()


def test_neither_answer_nor_log_quotes_the_transcript(
    client: TestClient, chat: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    chat["turns"][0]["text"] = SECRET_TEXT
    chat["turns"].append({"role": SECRET_TEXT, "text": "x"})
    with caplog.at_level(logging.DEBUG):
        refused = client.post("/v1/inspect", json=chat)
        chat["turns"].pop()
        failed = client.post("/v1/inspect", json=chat)

    assert (refused.status_code, failed.status_code) == (422, 500)
    assert SECRET_TEXT not in refused.text + failed.text + caplog.text


async def answer_half_then_fail(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError(SECRET_TEXT)


async def read_from_nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise ClientDisconnect


@pytest.mark.parametrize(
    ("app", "sent", "counted", "logged"),
    [
        pytest.param(answer_half_then_fail, 2, 200, True, id="an error in the middle of an answer"),
        pytest.param(read_from_nobody, 0, 499, False, id="a caller who hung up"),
    ],
)
def test_where_no_other_answer_is_possible_the_connection_ends(
    app: ASGIApp, sent: int, counted: int, logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    messages: list[Message] = []
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    edge = RequestEdge(app, observe=lambda method, route, status: statuses.append(status))
    anyio.run(edge, {"type": "http", "method": "POST", "headers": []}, receive, send)

    assert (len(messages), statuses, bool(caplog.records)) == (sent, [counted], logged)
    assert SECRET_TEXT not in caplog.text


def test_a_wrong_configuration_is_told_to_the_log_not_to_the_caller(
    client: TestClient, services: Broken, chat: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    services.error = ConfigError("/srv/models/mood: sha256 differs", code=ErrorCode.INVALID_MODEL)

    answer = client.post("/v1/inspect", json=chat)

    assert (answer.status_code, answer.json()["code"]) == (500, "invalid_model")
    assert "/srv" not in answer.text
    assert "/srv/models/mood" in caplog.text


def test_a_body_at_the_limit_is_read(client: TestClient) -> None:
    answer = client.post("/v1/inspect", content=b" " * BODY_LIMIT_BYTES)

    assert answer.json()["code"] == "invalid_json"


@pytest.mark.parametrize(
    "path", ["/v1/conversations", "/v1/inspect", "/v1/performance/exports", "/v1/findings/f/verdicts"]
)
@pytest.mark.parametrize("streamed", [False, True], ids=["stated length", "streamed"])
def test_a_body_over_the_limit_is_refused(client: TestClient, path: str, streamed: bool) -> None:
    body = b" " * (BODY_LIMIT_BYTES + 1)
    content = iter([body[:100_000], body[100_000:]]) if streamed else body

    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert str(BODY_LIMIT_BYTES) in answer.json()["detail"]


def test_an_unknown_address_is_a_problem(anonymous: TestClient) -> None:
    answer = anonymous.get("/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_another_method_is_a_problem_and_the_right_ones_are_named(anonymous: TestClient) -> None:
    answer = anonymous.delete("/healthz")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1/keys", "GET, POST"), ("/v1/users", "GET, POST"), ("/static/app.css", "GET, HEAD")],
    ids=["keys", "users", "file"],
)
def test_all_methods_of_an_address_are_named(client: TestClient, path: str, methods: str) -> None:
    answer = client.delete(path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == methods


class TestSlowBodies:
    @staticmethod
    def slow(body: bytes, pause: float) -> Receive:
        left = list(body)

        async def receive() -> Message:
            await anyio.sleep(pause)
            return {"type": "http.request", "body": bytes([left.pop(0)]), "more_body": bool(left)}

        return receive

    @staticmethod
    def read(receive: Receive, *, path: str, seconds: float) -> list[Message]:
        """What an application that reads its whole body gets."""
        got: list[Message] = []

        async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
            while not got or got[-1].get("more_body"):
                got.append(await receive())

        limit = BodyLimit(application, limit_bytes=1000, streamed_path="/stream", seconds=seconds)
        scope = {"type": "http", "path": path, "headers": []}
        anyio.run(limit, scope, receive, None)
        return got

    def test_a_body_that_comes_in_time_is_read(self) -> None:
        assert len(self.read(self.slow(b"abc", 0.01), path="/", seconds=5)) == 3

    def test_a_body_that_drips_is_refused(self) -> None:
        with pytest.raises(HTTPException) as refused:
            self.read(self.slow(b"x" * 1000, 0.05), path="/", seconds=0.3)

        assert (refused.value.status_code, refused.value.headers) == (408, {"Connection": "close"})

    def test_a_batch_may_take_long_but_not_stop(self) -> None:
        assert len(self.read(self.slow(b"x" * 10, 0.1), path="/stream", seconds=0.5)) == 10
        assert self.read(self.slow(b"xx", 9), path="/stream", seconds=0.1) == [{"type": "http.disconnect"}]

    def test_waiting_for_the_caller_to_hang_up_is_no_slow_body(self) -> None:
        messages: list[Message] = [{"type": "http.request", "body": b"a"}, {"type": "http.disconnect"}]

        async def receive() -> Message:
            await anyio.sleep(0 if len(messages) == 2 else 0.4)
            return messages.pop(0)

        async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
            assert (await receive())["body"] == b"a"
            assert (await receive())["type"] == "http.disconnect"

        limit = BodyLimit(application, limit_bytes=9, streamed_path="/stream", seconds=0.2)
        anyio.run(limit, {"type": "http", "path": "/", "headers": []}, receive, None)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_over_tls_a_browser_is_told_to_stay_there(services: FakeServices, scheme: str) -> None:
    with TestClient(create_app(services), base_url=f"{scheme}://testserver") as client:
        assert ("Strict-Transport-Security" in client.get("/healthz").headers) is (scheme == "https")
