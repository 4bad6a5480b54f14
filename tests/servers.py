"""Private PostgreSQL and Redis servers on free ports, for tests. Each can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

REQUIRED = "QA_REQUIRE_SERVICES"
"""Set by `.ci/run`: a server that is not installed fails the tests instead of skipping them."""
PATIENCE_SECONDS = 60.0
POSTGRESQL_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
FAST_NOT_SAFE = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
"""A server that a test kills survives the kill without these; a machine that loses power would not."""


def needed(program: str, *folders: Path) -> Path:
    """Where a server program is; the test is skipped without it, or fails if servers are required."""
    places = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which(program, path=places)
    if found is None:
        reason = f"{program} is not installed"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{reason}, and {REQUIRED}=1 requires it")
        pytest.skip(reason)
    return Path(found)


def descendants(process_id: int) -> list[int]:
    """Children of a process and theirs. PostgreSQL's are groups of their own, which no signal to its group reaches."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, open_ids = [], [process_id]
    while open_ids:
        mine = children.get(open_ids.pop(), [])
        found += mine
        open_ids += mine
    return found


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def server_folder(owner: str | None = None, *, inside: Path | None = None) -> Iterator[Path]:
    """A folder for a server's data; readable for `owner`, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="qa-server-", dir=inside))
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(kw_only=True)
class Server:
    """A server process that a test may kill and start again."""

    command: Sequence[str]
    url: str
    port: int
    folder: Path
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                user=self.user,
                cwd=self.folder,
                start_new_session=True,
            )
        wait_until(self._answers, self.process)
        if self.url.startswith("postgresql"):
            wait_until_sql_answers(self)

    def kill(self) -> None:
        """SIGKILL to it and all its children, as a machine that dies."""
        self._end(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it in an orderly way."""
        self._end(number)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                for process in [self.process.pid, *descendants(self.process.pid)]:
                    os.kill(process, number)
            else:
                self.process.send_signal(number)
        self.process.wait(PATIENCE_SECONDS)
        self.process = None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def postgresql_server(*options: str, inside: Path | None = None) -> Iterator[Server]:
    """A cluster with one database `postgres`; `url` is its SQLAlchemy URL. `options` as for `postgres`.

    Its folder is made in `inside`, else where temporary files are.
    """
    initdb, postgres = needed("initdb", *POSTGRESQL_FOLDERS), needed("postgres", *POSTGRESQL_FOLDERS)
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with server_folder(user, inside=inside) as folder:
        subprocess.run(
            [initdb, "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        port = free_port()
        server = Server(
            command=[
                str(postgres),
                "-D",
                f"{folder}/data",
                "-p",
                str(port),
                "-k",
                str(folder),
                "-h",
                "127.0.0.1",
                *options,
            ],
            url=f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres",
            port=port,
            folder=folder,
            user=user,
        )
        yield from _running(server)


@contextmanager
def redis_server(*options: str) -> Iterator[Server]:
    """A Redis that keeps nothing on disk: started again, it is empty."""
    program = needed("redis-server")
    with server_folder() as folder:
        port = free_port()
        command = [
            str(program),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            *options,
        ]
        yield from _running(Server(command=command, url=f"redis://127.0.0.1:{port}/0", port=port, folder=folder))


def wait_until_sql_answers(server: Server) -> None:
    """PostgreSQL takes connections before it takes queries."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(psycopg_url(server.url)).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def psycopg_url(url: str) -> str:
    """The URL without the name of the driver, as libpq takes it."""
    return url.replace("+psycopg", "", 1)


def wait_until(question: Callable[[], object], process: subprocess.Popen[bytes] | None = None) -> None:
    """Ask until the answer is true; fail if the process ends first or time runs out."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not question():
        assert process is None or process.poll() is None, "the server ended"
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.kill()
