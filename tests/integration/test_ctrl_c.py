"""Ctrl-C ends every command quietly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import types

import pytest

from qa_service.cli import main
from qa_service.ingest import DEFAULT_LIMITS, read_conversation
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from tests.integration import program
from tests.integration.chats import CHAT, named, write_jsonl


@pytest.mark.model
def test_serve_ends_with_0_and_nothing_more_to_say(tmp_path, small_rules):
    log = tmp_path / "log"
    with program.served(store=tmp_path / "qa.sqlite3", log=log, QA_RULES_DIR=str(small_rules)) as (process, client):
        assert client.get("/readyz").json()["parts"] == dict.fromkeys(
            ("store", "migrations", "rules", "model", "worker"), "ok"
        )
        announced = log.read_text()

        assert program.interrupt(process) == 0

    assert log.read_text() == announced


@pytest.mark.model
def test_the_worker_ends_with_0(tmp_path, small_rules, store):
    services = build_services(load_settings())
    services.intake.submit(read_conversation(CHAT, default_zone=None, limits=DEFAULT_LIMITS))
    services.close()
    with program.started("worker", store=store, log=tmp_path / "log", QA_RULES_DIR=str(small_rules)) as process:
        program.wait_for(lambda: program.states(store) == {"complete": 1}, process)

        assert program.interrupt(process) == 0

    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["message"] for line in lines] == ["inspected"]


@pytest.mark.model
def test_inspect_ends_with_130_and_the_file_has_whole_lines_only(tmp_path, small_rules):
    turns = [{**turn, "text": f"{turn['text']} {n}"} for n in range(4) for turn in CHAT["turns"]]
    texts = [[{"role": t["role"], "text": f"{t['text']}-{n}"} for t in turns] for n in range(400)]
    path = write_jsonl(tmp_path / "chats.jsonl", [named(f"c-{n}", turns=texts[n]) for n in range(400)])
    output, log = tmp_path / "out.jsonl", tmp_path / "log"
    args = ("inspect", path, "--rules", small_rules, "--output", output)
    with program.started(*args, store=tmp_path / "qa.sqlite3", log=log) as process:
        program.wait_for(lambda: output.exists() and output.stat().st_size > 0, process)

        assert program.interrupt(process) == 130

    assert log.read_text() == ""
    content = output.read_text(encoding="utf-8")
    assert content.endswith("\n")
    ids = [json.loads(line)["external_id"] for line in content.splitlines()]
    assert ids == [f"c-{n}" for n in range(len(ids))]
    assert 0 < len(ids) < 400


@pytest.mark.model
def test_a_reader_that_goes_away_ends_inspect_quietly(tmp_path, small_rules):
    path = write_jsonl(tmp_path / "chats.jsonl", [named(f"c-{n}") for n in range(100)])
    args = [program.PROGRAM, "inspect", path, "--rules", small_rules, "--output", "-"]
    env = program.environment(tmp_path / "qa.sqlite3")
    with subprocess.Popen(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b'{"external_id":"c-0"')
        process.stdout.close()

        assert process.wait(program.PATIENCE_SECONDS) == 1
        assert process.stderr.read() == b""


def test_a_port_that_is_taken_is_a_message_and_no_key_is_made(tmp_path):
    store = tmp_path / "qa.sqlite3"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ran = program.run("serve", store=store, QA_PORT=port)

    assert (ran.returncode, ran.stdout) == (2, b"")
    message = f"invalid_setting QA_HOST, QA_PORT: cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert ran.stderr.decode().startswith(message)
    assert not store.exists()


def test_while_the_program_still_loads_ctrl_c_is_quiet_too(monkeypatch, capsys):
    def interrupted() -> None:
        raise KeyboardInterrupt

    loading = types.ModuleType("qa_service.cli.app")
    loading.main = interrupted
    monkeypatch.setitem(sys.modules, "qa_service.cli.app", loading)

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 130
    assert capsys.readouterr() == ("", "")
