"""What people said, their names and phone numbers are never in what a process prints or logs."""

from __future__ import annotations

import json
import re
import socket
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration import program
from tests.integration.chats import CHAT, named, write_jsonl, write_small_rules

pytestmark = pytest.mark.model

TEXT, NAME, PHONE = "暗号八八六七天可以退", "欧阳暗号", "13900007746"
IDENTITY, CARD, MAIL, STREET = "11010119900307109X", "6217001230004567893", "anhao_8867", "暗号路8867号"
MARKERS = (TEXT, NAME, PHONE, IDENTITY, CARD, MAIL, STREET)
FORMS: tuple[Callable[[str], str], ...] = (str, ascii, urllib.parse.quote, lambda marker: marker.encode().hex())
"""As it is and as programs escape it."""


def traces(log: str) -> list[str]:
    """The markers that are in the log in any form."""
    return [marker for marker in MARKERS for form in FORMS if form(marker).strip("'") in log]


def marked(external_id: str, **fields: Any) -> dict[str, Any]:
    """A chat that is full of what must not be logged."""
    personal = f"身份证{IDENTITY}，卡号{CARD}，{MAIL}@example.com，寄到杭州市西湖区{STREET}"
    said = {"role": "agent", "sender_id": "a-7", "text": f"{TEXT}，我是{NAME}，电话{PHONE}，{personal}"}
    agents = [{"id": "a-7", "name": NAME, "group": NAME}]
    return named(external_id, agents=agents, attributes={"phone": PHONE}, turns=[*CHAT["turns"][:1], said], **fields)


def wrong(turn: dict[str, Any]) -> dict[str, Any]:
    return {**marked("c-3"), "turns": [turn]}


WRONG = {
    "unknown-role": wrong({"role": NAME, "text": TEXT}),
    "text-is-a-list": wrong({"role": "agent", "text": [TEXT, PHONE]}),
    "time-that-is-none": wrong({"role": "agent", "text": TEXT, "at": PHONE}),
    "name-is-an-object": marked("c-3") | {"agents": [{"id": "a-7", "name": {"first": NAME}}]},
    "attribute-is-a-list": marked("c-3") | {"attributes": {"phone": [PHONE]}},
    "surrogate": wrong({"role": "agent", "text": TEXT + "\ud83d"}),
    "same-id": marked("c-3") | {"turns": [{"id": PHONE, "role": "agent", "text": TEXT}] * 2},
    "too-long": wrong({"role": "agent", "text": TEXT * 3_000}),
    "only-text": TEXT,
}


def answers(client: httpx.Client) -> dict[str, int]:
    """Ask for everything that may fail, marked; the status of each."""
    post, get = client.post, client.get
    stored = post("/v1/conversations", json=marked("c-1")).raise_for_status().json()["id"]
    found = {"right": 202, "inspected": post("/v1/inspect", json=marked("c-2")).status_code}
    for name, document in WRONG.items():
        found[name] = post("/v1/conversations", content=json.dumps(document).encode()).status_code
    found["broken"] = post("/v1/inspect", content=json.dumps(marked("c-3")).encode()[:-9]).status_code
    lines = b"\n".join(json.dumps(document).encode() for document in (*WRONG.values(), marked("c-4")))
    found["batch"] = post("/v1/conversations:batch", content=lines + b"\n{" + TEXT.encode()).status_code
    found["no-key"] = get("/v1/conversations", headers={"Authorization": f"Bearer {PHONE}"}).status_code
    found["no-id"] = get(f"/v1/conversations/{TEXT}").status_code
    found["no-cursor"] = get("/v1/conversations", params={"cursor": TEXT, "agent": NAME}).status_code
    found["no-page"] = get(f"/{TEXT}", params={"name": NAME}).status_code
    found["no-log-in"] = get("/login", params={"token": PHONE}).status_code
    found["no-period"] = get("/v1/performance", params={"period": TEXT}).status_code
    verdict = {"decision": "overturn", "comment": TEXT, "reviewer": NAME}
    found["no-finding"] = post(f"/v1/findings/{stored}/verdicts", json=verdict).status_code
    return found


def ask_in_broken_http(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        connection.sendall(f"{TEXT} {PHONE}\r\n\r\n".encode())
        connection.recv(1024)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> tuple[dict[str, int], str]:
    """The answers of a served app, and all that its process printed from start to end."""
    folder = tmp_path_factory.mktemp("served")
    store, log = folder / "qa.sqlite3", folder / "log"
    rules = write_small_rules(folder / "rules")
    with program.served(store=store, log=log, QA_RULES_DIR=str(rules)) as (process, client):
        found = answers(client)
        ask_in_broken_http(client)
        program.wait_for(lambda: program.states(store).keys() == {"complete"}, process)
        link = re.search(r"http\S+/login\?token=\S+", log.read_text())
        client.get(link[0], follow_redirects=True).raise_for_status()
        destroy(store)
        found["broken-store"] = client.post("/v1/conversations", json=marked("c-5")).status_code
        program.interrupt(process)
    return found, log.read_text(encoding="utf-8")


def destroy(store: Path) -> None:
    """Not a database any more, so that requests and worker fail in a way that nobody foresaw."""
    for path in store.parent.glob(f"{store.name}*"):
        path.write_bytes(TEXT.encode() * 10_000)


def test_the_requests_fail_as_they_should(asked):
    found, _ = asked

    assert {name: found.pop(name) for name in ("right", "inspected", "batch", "no-key", "no-id")} == {
        "right": 202, "inspected": 200, "batch": 200, "no-key": 401, "no-id": 404,
    }  # fmt: skip
    assert found.pop("broken-store") >= 500
    assert {name: status for name, status in found.items() if not 400 <= status < 500} == {}


def test_what_the_process_printed_holds_nothing_that_was_said(asked):
    _, log = asked

    assert "Serving on" in log
    assert traces(log) == []


def test_an_unforeseen_error_is_logged_by_its_type(asked):
    _, log = asked

    entries = [json.loads(text) for text in log.splitlines() if text.startswith("{")]
    assert {entry["level"] for entry in entries} >= {"error"}
    assert "Traceback" not in log


@pytest.mark.parametrize("option", ["--no-store", "--store"])
def test_inspect_rejects_without_quoting(cli, tmp_path, small_rules, option):
    path = write_jsonl(tmp_path / "chats.jsonl", [marked("c-1")])
    path.write_bytes(path.read_bytes() + b"".join(json.dumps(one).encode() + b"\n" for one in WRONG.values()))

    ran = cli("inspect", path, option, "--rules", small_rules, "--output", tmp_path / "out.jsonl")

    assert ran.code == 1
    assert len(ran.stderr.splitlines()) == len(WRONG)
    assert traces(ran.stderr + ran.text) == []
