"""The audit log on the command line: export it, check it, and notice what somebody did to it."""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.conftest import Ran

Cli = Callable[..., Ran]


@pytest.fixture
def anchor(cli: Cli) -> str:
    """What `verify` prints of a log with three rows."""
    for _ in range(3):
        cli("export", "verdicts")
    return cli("audit", "verify").text.strip()


def run(store: Path, *statements: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_the_export_has_every_row_and_who_was_at_the_command_line(cli: Cli, anchor: str) -> None:
    ran = cli("audit", "export")

    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["event"] for row in rows] == ["verdicts_exported"] * 3 + ["audit_exported"]
    assert {(row["by"], row["role"]) for row in rows} == {(f"cli:{getpass.getuser()}", "admin")}
    assert f"3:{rows[2]['sha256']}" == anchor
    assert rows[3]["previous_sha256"] == rows[2]["sha256"]


def test_the_export_goes_to_a_file(cli: Cli, tmp_path: Path) -> None:
    ran = cli("audit", "export", "--output", tmp_path / "log.jsonl")

    assert (ran.code, ran.stdout, ran.stderr) == (0, b"", "1 rows\n")
    assert json.loads((tmp_path / "log.jsonl").read_bytes())["number"] == 1


def test_a_whole_log_is_done_and_its_anchor_holds_later(cli: Cli, anchor: str) -> None:
    cli("export", "verdicts")

    ran = cli("audit", "verify", "--expect", anchor)

    assert (ran.code, ran.text[:2], ran.stderr) == (0, "4:", "")


def test_an_edited_row_is_named(cli: Cli, store: Path, anchor: str) -> None:
    run(store, "DROP TRIGGER audit_log_no_update", "UPDATE audit_log SET actor = 'nobody' WHERE number = 2")

    ran = cli("audit", "verify")

    assert ran.code == 1
    assert ran.stderr == "row 2: its values are not those that were written; the rows before it are whole\n"


def test_rows_cut_off_at_the_end_show_against_the_anchor(cli: Cli, store: Path, anchor: str) -> None:
    run(store, "DROP TRIGGER audit_log_no_delete", "DELETE FROM audit_log WHERE number > 1")

    assert cli("audit", "verify").code == 0
    ran = cli("audit", "verify", "--expect", anchor)
    assert (ran.code, ran.stderr) == (1, "row 2: it is missing, with all after it; the rows before it are whole\n")


@pytest.mark.parametrize("anchor", ["3", "x:y", "3:abc"])
def test_what_is_no_anchor_is_refused(cli: Cli, anchor: str) -> None:
    ran = cli("audit", "verify", "--expect", anchor)

    assert ran.code == 2
    assert "COUNT:HASH" in ran.stderr
