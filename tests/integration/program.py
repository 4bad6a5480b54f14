"""Runs `qa-service` as users do: as a process of its own, with a store of its own."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

PROGRAM = Path(sys.executable).with_name("qa-service")
PATIENCE_SECONDS = 240.0
"""For a busy machine; on an idle one nothing here takes more than a few seconds."""


def environment(store: Path, **settings: str) -> dict[str, str]:
    """The process environment without settings of ours, and these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    return {**inherited, "QA_DATABASE_URL": f"sqlite:///{store}", **settings}


def run(*args: str | Path, store: Path, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run to the end."""
    return subprocess.run(
        [PROGRAM, *args],
        env=environment(store, **settings),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def started(*args: str | Path, store: Path, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run beside the test; `log` takes stdout and stderr. Killed at the end if it is still there."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [PROGRAM, *args],
            env=environment(store, **settings),
            stdout=file,
            stderr=subprocess.STDOUT,
            # Tests run as a shell's background job ignore Ctrl-C, and what they start would inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def served(*, store: Path, log: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """`qa-service serve` on a free port, with a client that has the key which the first start of this store printed."""
    key_file = store.with_suffix(".key")
    with started("serve", store=store, log=log, QA_PORT="0", **settings) as process:
        address = wait_for(lambda: re.search(r"Serving on (\S+)", log.read_text()), process)[1]
        shown = re.search(r"qas_\S+", log.read_text())
        if shown:
            key_file.write_text(shown[0])
        headers = {"Authorization": f"Bearer {key_file.read_text()}"}
        with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_SECONDS) as client:
            yield process, client


def wait_for(question: Callable[[], T], process: subprocess.Popen[bytes]) -> T:
    """Ask until the answer is true; fail if the process ends first or time runs out."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (answer := question()):
        assert process.poll() is None, f"the process ended with {process.returncode}"
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
    return answer


def states(store: Path) -> dict[str, int]:
    """Number of conversations per state, read beside the running process; empty before the tables are made."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT state, count(*) FROM conversations GROUP BY state"))
    except sqlite3.OperationalError:
        return {}


def interrupt(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C; the exit code."""
    process.send_signal(signal.SIGINT)
    return process.wait(PATIENCE_SECONDS)
