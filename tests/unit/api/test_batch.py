from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect

from api.routes import batch
from api.streams import DuplexResponse
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.work import BATCH as BATCH_SIZE
from qa_service.domain.work import Lane
from qa_service.errors import ErrorCode, Unavailable
from qa_service.settings import Settings
from qa_service.workflows.intake import CHECKED_EVERY
from qa_service.workflows.ports import Repository
from tests.fakes.services import FakeServices

BATCH = "/v1/conversations:batch"


def line(external_id: str, text: str = "在吗") -> bytes:
    chat = {"external_id": external_id, "turns": [{"role": "customer", "text": text}]}
    return json.dumps(chat, ensure_ascii=False).encode() + b"\n"


def answers(client: TestClient, content: bytes | Iterable[bytes]) -> list[dict[str, Any]]:
    answer = client.post(BATCH, content=content)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(text) for text in answer.text.splitlines()]


def test_each_line_is_answered_in_order(client: TestClient, services: FakeServices) -> None:
    content = line("c-1") + b"\n" + b'{"external_id":"c-2"}\n' + line("c-1") + b"{\n" + line("c-3", "更多")

    found = answers(client, content)

    assert [(a["line"], a["external_id"], a["status"]) for a in found] == [
        (1, "c-1", "accepted"),
        (3, "c-2", "rejected"),
        (4, "c-1", "unchanged"),
        (5, None, "rejected"),
        (6, "c-3", "accepted"),
    ]
    assert [a["error"] and a["error"]["code"] for a in found] == [None, "missing_field", None, "invalid_json", None]
    assert found[0]["id"] == found[2]["id"]
    assert services.queue.sent == [(Lane.BULK, [found[0]["id"], found[2]["id"], found[4]["id"]])]


def test_lines_may_be_cut_anywhere(client: TestClient) -> None:
    content = line("c-1") + line("c-2", "两个")

    found = answers(client, (content[n : n + 1] for n in range(len(content))))

    assert [a["status"] for a in found] == ["accepted", "accepted"]


def test_an_empty_batch_has_no_answers(client: TestClient) -> None:
    assert answers(client, b"") == []


def test_a_batch_may_be_larger_than_other_bodies(client: TestClient) -> None:
    chat = {"turns": [{"role": "customer", "text": "x" * 19_000}] * 20}
    content = b"".join(json.dumps({"external_id": f"c-{n}", **chat}).encode() + b"\n" for n in range(6))
    assert len(content) > 2 * 1024 * 1024

    assert [a["status"] for a in answers(client, content)] == ["accepted"] * 6


def test_a_line_over_its_limit_is_refused_and_the_next_one_taken(client: TestClient, services: FakeServices) -> None:
    too_long = b"x" * (services.limits.line_bytes + 1) + b"\n"

    found = answers(client, iter([too_long[:1000], too_long[1000:], line("c-2")]))

    assert [(a["line"], a["status"]) for a in found] == [(1, "rejected"), (2, "accepted")]
    assert found[0]["error"]["code"] == "too_large"


def test_what_is_over_the_number_of_lines_is_refused_once(client: TestClient) -> None:
    content = [b"{}\n" * batch.LINE_LIMIT + line("over"), line("further")]

    found = answers(client, iter(content))

    assert len(found) == batch.LINE_LIMIT + 1
    assert (found[-1]["line"], found[-1]["error"]["code"]) == (batch.LINE_LIMIT + 1, "too_large")


def test_a_store_that_is_away_rejects_lines_and_the_caller_may_send_them_again(
    client: TestClient, services: FakeServices
) -> None:
    class Flaky:
        """Away when something is written."""

        scope = EVERYTHING

        def within(self, scope: Scope) -> Flaky:
            return self

        def __call__(self, *, is_read_only: bool = False) -> AbstractContextManager[Repository]:
            if not is_read_only:
                raise Unavailable("the store is away", code=ErrorCode.STORE_UNAVAILABLE)
            return known(is_read_only=True)

    known = services.unit_of_work
    services.unit_of_work = Flaky()  # type: ignore[assignment]

    (found,) = answers(client, line("c-1"))

    assert (found["external_id"], found["status"], found["error"]["code"]) == ("c-1", "rejected", "store_unavailable")


def test_a_full_bulk_queue_refuses_batches_and_takes_live_conversations(
    client: TestClient, services: FakeServices
) -> None:
    services.settings = Settings(bulk_queue_limit=2)
    answers(client, line("c-1") + line("c-2"))

    refused = client.post(BATCH, content=line("c-3"))

    assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/v1/conversations", content=line("c-3")).status_code == 202
    services.work()
    assert [a["status"] for a in answers(client, line("c-4"))] == ["accepted"]


def test_a_queue_that_fills_up_during_a_batch_rejects_the_rest(client: TestClient, services: FakeServices) -> None:
    services.settings = Settings(bulk_queue_limit=CHECKED_EVERY)

    found = answers(client, b"".join(line(f"c-{n}") for n in range(CHECKED_EVERY + 1)))

    assert {a["status"] for a in found[:CHECKED_EVERY]} == {"accepted"}
    assert (found[-1]["status"], found[-1]["error"]["code"]) == ("rejected", "queue_full")


def test_workers_are_told_of_a_batch_of_conversations_at_a_time(client: TestClient, services: FakeServices) -> None:
    answers(client, b"".join(line(f"c-{n}") for n in range(BATCH_SIZE + 2)))

    assert [(lane, len(ids)) for lane, ids in services.queue.sent] == [(Lane.BULK, BATCH_SIZE), (Lane.BULK, 2)]


def test_an_unknown_error_before_the_first_answer_is_a_problem(client: TestClient, services: FakeServices) -> None:
    class Broken(FakeServices):
        intake = None  # type: ignore[assignment]

    client.app.state.services = Broken(unit_of_work=services.unit_of_work)  # type: ignore[attr-defined]

    answer = client.post(BATCH, content=line("c-1"))

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")


class Connection:
    """A client that sends a piece only when `may_send` says so."""

    def __init__(self, pieces: list[bytes], *, waits_for_answers: bool = False) -> None:
        self.pieces = pieces
        self.waits_for_answers = waits_for_answers
        self.sent: list[bytes] = []
        self.has_all = anyio.Event()
        self.given = 0

    async def receive(self) -> dict[str, Any]:
        with anyio.fail_after(5):
            while self.waits_for_answers and len(self.sent) < self.given:
                await anyio.sleep(0.001)
        if self.given == len(self.pieces):
            return {"type": "http.disconnect"}
        piece = self.pieces[self.given]
        self.given += 1
        if self.given == len(self.pieces):
            self.has_all.set()
        return {"type": "http.request", "body": piece, "more_body": self.given < len(self.pieces)}

    async def send(self, message: dict[str, Any]) -> None:
        if not self.waits_for_answers:
            with anyio.fail_after(5):
                await self.has_all.wait()
        if message.get("body"):
            self.sent.append(message["body"])


def echo(pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield from pieces


async def stream(connection: Connection) -> None:
    response = DuplexResponse(echo, answer_limit=100, limiter=anyio.CapacityLimiter(1))
    await response({"type": "http"}, connection.receive, connection.send)  # type: ignore[arg-type]


def test_an_answer_goes_out_before_the_next_piece_comes_in() -> None:
    connection = Connection([b"1", b"2", b"3"], waits_for_answers=True)

    anyio.run(stream, connection)

    assert connection.sent == [b"1", b"2", b"3"]


def test_a_client_that_reads_nothing_until_it_has_sent_all_is_served() -> None:
    pieces = [str(n).encode() for n in range(100)]
    connection = Connection(pieces)

    anyio.run(stream, connection)

    assert connection.sent == pieces


def test_a_client_that_hangs_up_ends_the_work() -> None:
    class HangsUp(Connection):
        async def receive(self) -> dict[str, Any]:
            message = await super().receive()
            return message if self.given < 2 else {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        anyio.run(stream, HangsUp([b"1", b"2", b"3"]))
