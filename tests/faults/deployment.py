"""The distributed service as processes of its own: API, workers, beat, on private servers that a test may kill."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.integration.chats import line
from tests.integration.program import PATIENCE_SECONDS, PROGRAM, wait_for
from tests.servers import Server, psycopg_url

PII_KEYS = f"test:{base64.b64encode(bytes(32)).decode()}"
"""One key for all processes of a deployment, and for the next one on its database."""

COUNTS = """
SELECT count(*), count(DISTINCT c.id), count(DISTINCT i.id), count(i.id) FILTER (WHERE i.is_current)
FROM conversations c LEFT JOIN inspections i ON i.conversation_id = c.id WHERE c.state = 'complete'
"""


@dataclass(kw_only=True)
class Deployment:
    """One service.

    Attributes:
        database_url: SQLAlchemy URL of an empty database of `postgresql`.
        settings: more `QA_…` of all processes.
        program: what runs instead of `qa-service`, with the same arguments.
    """

    postgresql: Server
    redis: Server
    database_url: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = (str(PROGRAM),)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _key: str = ""

    def start(self, *args: str, log: str, **settings: str) -> subprocess.Popen[bytes]:
        """Run `qa-service ARGS`; `log` names the file in `folder` that takes what it prints."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
        own = {
            "QA_DATABASE_URL": self.database_url,
            "QA_BROKER_URL": self.redis.url,
            "QA_PII_KEYS": PII_KEYS,
            **self.settings,
            **settings,
        }
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(
                [*self.program, *args], env={**inherited, **own}, stdout=file, stderr=file, start_new_session=True
            )
        self._processes.append(process)
        return process

    def worker(self, *args: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker of all queues, or of `--queue …`."""
        return self.start("worker", *args, log="worker.log", **settings)

    def beat(self) -> subprocess.Popen[bytes]:
        """Start beat."""
        return self.start("beat", log="beat.log")

    @contextmanager
    def api(self, *, port: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
        """Serve on `port`, or a free one, with a client that has a key; killed at the end."""
        log = self.folder / f"api-{len(self._processes)}.log"
        process = self.start("serve", log=log.name, QA_PORT=str(port))
        address = wait_for(lambda: re.search(r"Serving on (\S+)", log.read_text()), process)[1]
        shown = re.search(r"qas_\S+", log.read_text())
        self._key = shown[0] if shown else self._key
        try:
            with httpx.Client(base_url=address, headers=self.headers, timeout=PATIENCE_SECONDS) as client:
                yield process, client
        finally:
            kill(process)

    @property
    def headers(self) -> dict[str, str]:
        """Of a request, with the key that the first start printed."""
        return {"Authorization": f"Bearer {self._key}"}

    def states(self) -> dict[str, int]:
        """Number of conversations per state."""
        return dict(self.rows("SELECT state, count(*) FROM conversations GROUP BY state"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(psycopg_url(self.database_url)) as connection:
            return connection.execute(query).fetchall()

    def wait_for_states(self, expected: Mapping[str, int], *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Until the conversations stand so; fails with how they stand instead."""
        end = time.monotonic() + within_seconds
        while self.states() != expected:
            assert time.monotonic() < end, f"{self.states()} instead of {expected}"
            time.sleep(0.1)

    def assert_each_is_there_once(self, count: int) -> None:
        """One current result each, none twice."""
        assert self.states() == {"complete": count}
        assert self.rows(COUNTS) == [(count, count, count, count)]

    def stop(self) -> None:
        """Kill what is left."""
        for process in self._processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and all of its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)


def post_batch(client: httpx.Client, documents: Iterable[object]) -> list[str]:
    """Hand many in; the status of each."""
    content = b"".join(line(document) for document in documents)
    answer = client.post("/v1/conversations:batch", content=content).raise_for_status()
    return [re.findall(r'"status":"(\w+)"', text)[0] for text in answer.text.splitlines()]
