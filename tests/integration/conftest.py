"""The command line run in this process, as the installed script calls it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa_service.cli import main
from tests.integration.chats import CHAT, write_jsonl, write_small_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it printed."""

    code: int | str | None
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout.decode()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test's own, made at first use."""
    path = tmp_path / "qa.sqlite3"
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{path}")
    return path


@pytest.fixture
def cli(store: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ran]:
    """Run `qa-service ARGS`."""

    def run(*args: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["qa-service", *map(str, args)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsysbinary.readouterr()
        return Ran(code=end.value.code, stdout=out, stderr=err.decode())

    return run


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    """A file with the chat of the contract."""
    return write_jsonl(tmp_path / "chat.jsonl", [CHAT])


@pytest.fixture
def small_rules(tmp_path: Path) -> Path:
    """A rules folder of one rule, `abuse.fool`."""
    return write_small_rules(tmp_path / "rules")
