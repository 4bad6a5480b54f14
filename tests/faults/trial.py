"""One fault run: the service, what is handed in, and what the database has of it in the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.faults.deployment import Deployment
from tests.faults.sender import Sender
from tests.integration.chats import drawn
from tests.servers import descendants, free_port, postgresql_server, redis_server

SOFT_SECONDS, HARD_SECONDS = 12, 15
"""A claim of a dead worker is taken over after twice the hard limit: not four minutes for a run."""
PATIENCE_SECONDS = 900.0
TWICE = {
    "records": "SELECT count(*) - count(DISTINCT (source, external_id)) FROM conversations",
    "revisions": "SELECT count(*) - count(DISTINCT conversation_id) FROM conversation_revisions",
    "results": "SELECT count(*) - count(DISTINCT conversation_id) FROM inspections",
    "findings": "SELECT count(*) - count(DISTINCT (conversation_id, key)) FROM findings",
    "scorecards": "SELECT count(*) - count(DISTINCT (inspection_id, agent_id)) FROM scorecards",
}
"""Rows beyond the first: every chat was handed in with one content and inspected with one set of rules."""
DONE = """
SELECT c.external_id FROM conversations c JOIN inspections i ON i.conversation_id = c.id AND i.is_current
WHERE c.state = 'complete' AND i.revision = c.revision
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A row of the table. `lost`: accepted and without result. `dead`: given up, with a cause, to be queued again."""

    scenario: str
    chats: int
    faults: int
    lost: int
    twice: int
    dead: int
    repeated: int
    slowest_answer_seconds: float
    seconds: float

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing twice, nothing given up."""
        return not (self.lost or self.twice or self.dead)

    def row(self) -> str:
        """Of a Markdown table."""
        return "| " + " | ".join(str(value) for value in asdict(self).values()) + " |"


@dataclass(kw_only=True)
class Trial:
    """What a scenario works with; it counts its `faults` here."""

    service: Deployment
    chats: int
    rng: random.Random
    faults: int = 0
    port: int = field(default_factory=free_port)
    sender: Sender = field(init=False)
    _handed_in: int = 0

    def __post_init__(self) -> None:
        self.sender = Sender(connect=self.client)

    def client(self) -> httpx.Client:
        """For whoever serves on `port`."""
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=self.service.headers, timeout=60)

    @contextmanager
    def api(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve until the end of the block."""
        with self.service.api(port=self.port) as (process, _):
            yield process

    def hand_in(self, count: int | None = None) -> None:
        """Hand in so many chats, or all that are left, and wait until they are accepted."""
        self.sender.send(self._next(count))

    def hand_in_beside(self, count: int | None = None) -> Callable[[], None]:
        """Begin to hand in so many chats, or all that are left; call what is returned to wait for it."""
        thread = self.sender.send_beside(self._next(count))
        return lambda: thread.join(PATIENCE_SECONDS)

    def complete(self) -> int:
        """How many are inspected."""
        return self.service.states().get("complete", 0)

    def wait_for_progress(self, worker: subprocess.Popen[bytes] | None = None) -> None:
        """Until something more is complete."""
        before, end = self.complete(), time.monotonic() + PATIENCE_SECONDS
        while self.complete() <= before:
            assert worker is None or worker.poll() is None, "the worker ended"
            assert time.monotonic() < end, f"no progress: {self.service.states()}"
            time.sleep(0.05)

    def pause(self, longest_seconds: float) -> None:
        """Wait at random."""
        time.sleep(self.rng.uniform(0, longest_seconds))

    def finish(self) -> None:
        """Wait until nothing waits any more."""
        end = time.monotonic() + PATIENCE_SECONDS
        while set(self.service.states()) - {"complete", "failed"} or sum(self.service.states().values()) < self.chats:
            assert time.monotonic() < end, f"still open: {self.service.states()}"
            time.sleep(0.2)

    def result(self, scenario: str, seconds: float) -> Result:
        """Counted from the database."""
        done = {row[0] for row in self.service.rows(DONE)}
        return Result(
            scenario=scenario,
            chats=len(self.sender.accepted),
            faults=self.faults,
            lost=len(self.sender.accepted - done),
            twice=sum(self.service.rows(query)[0][0] for query in TWICE.values()),
            dead=self.service.states().get("failed", 0),
            repeated=self.sender.repeated,
            slowest_answer_seconds=round(self.sender.slowest_seconds, 1),
            seconds=round(seconds, 1),
        )

    def _next(self, count: int | None) -> list[dict[str, object]]:
        size = self.chats - self._handed_in if count is None else count
        documents = drawn(size, "f", start=self._handed_in)
        self._handed_in += size
        return documents


def run(
    scenario: Callable[[Trial], None],
    *,
    chats: int,
    seed: int,
    inside: Path | None = None,
    program: tuple[str, ...] | None = None,
) -> Result:
    """One scenario on servers of its own; `inside` is where PostgreSQL keeps its data."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="qa-faults-")))
        postgresql = stack.enter_context(postgresql_server(inside=inside))
        redis = stack.enter_context(redis_server())
        limits = {
            "QA_TASK_SOFT_SECONDS": str(SOFT_SECONDS),
            "QA_TASK_HARD_SECONDS": str(HARD_SECONDS),
            "QA_MODEL_THREADS": "1",
        }
        service = Deployment(
            postgresql=postgresql, redis=redis, database_url=postgresql.url, folder=folder, settings=limits
        )
        service.program = program or service.program
        stack.callback(service.stop)
        trial = Trial(service=service, chats=chats, rng=random.Random(seed))
        started = time.monotonic()
        try:
            scenario(trial)
        except BaseException:
            for log in sorted(folder.glob("*.log")):
                print(f"== {log.name}", *log.read_text().splitlines()[-8:], sep="\n", file=sys.stderr)
            raise
        return trial.result(scenario.__name__, time.monotonic() - started)


def freeze(process: subprocess.Popen[bytes]) -> list[int]:
    """SIGSTOP to a process and its children; their ids, for `thaw`."""
    ids = [process.pid, *descendants(process.pid)]
    for one in ids:
        signal_to(one, signal.SIGSTOP)
    return ids


def thaw(ids: list[int]) -> None:
    """SIGCONT."""
    for one in ids:
        signal_to(one, signal.SIGCONT)


def signal_to(process_id: int, number: signal.Signals) -> None:
    """Send it; whoever has ended by then is not asked."""
    with suppress(ProcessLookupError):
        os.kill(process_id, number)
