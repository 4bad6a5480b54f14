"""What may die while chats come in and are inspected. Each scenario ends when nothing waits any more."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import psycopg

from qa_service.domain.work import Lane
from qa_service.queueing import BrokerQueue, celery_app
from tests.faults.deployment import kill
from tests.faults.trial import HARD_SECONDS, SOFT_SECONDS, Trial, freeze, signal_to, thaw
from tests.servers import descendants, psycopg_url

KILLS = 10
AWAY_SECONDS = 60.0
LOCKED_SECONDS = 14.0
"""More than the 10 s that a statement waits for a lock."""
HOUR = 3600.0


def worker_killed(trial: Trial) -> None:
    """SIGKILL ten times, by turns to the process that works and to the whole worker."""
    with _step_by_step(trial) as first:
        worker = first
        for number in range(KILLS):
            trial.hand_in(trial.chats // (KILLS + 1))
            trial.wait_for_progress(worker)
            trial.pause(1.0)
            trial.faults += 1
            if number % 2:
                kill(worker)
                worker = trial.service.worker()
            else:
                for child in descendants(worker.pid):
                    signal_to(child, signal.SIGKILL)


def api_killed(trial: Trial) -> None:
    """SIGKILL five times during intake; the client repeats what got no answer."""
    trial.service.beat()
    trial.service.worker()
    wait: Callable[[], None] | None = None
    for _ in range(5):
        with trial.api():
            wait = wait or trial.hand_in_beside()
            before = len(trial.sender.accepted)
            _until(lambda before=before: len(trial.sender.accepted) > before + trial.chats // 20 or _all_in(trial))
            trial.pause(0.5)
            trial.faults += 1
    with trial.api():
        wait()
        trial.finish()


def redis_empty(trial: Trial) -> None:
    """Redis is killed twice with messages in it and comes back without them."""
    with _step_by_step(trial):
        for _ in range(2):
            trial.hand_in(trial.chats // 3)
            trial.wait_for_progress()
            trial.service.redis.kill()
            trial.faults += 1
            trial.hand_in(trial.chats // 10)
            trial.service.redis.start()


def postgresql_restarted(trial: Trial) -> None:
    """PostgreSQL is killed twice and ended once, while chats come in and are inspected."""
    with _during_intake(trial):
        for number in range(3):
            trial.wait_for_progress()
            trial.pause(1.0)
            trial.faults += 1
            if number == 1:
                trial.service.postgresql.stop()
            else:
                trial.service.postgresql.kill()
            time.sleep(2)
            trial.service.postgresql.start()


def broker_away(trial: Trial) -> None:
    """Redis takes connections and answers nothing for a minute; intake goes on."""
    with _step_by_step(trial):
        trial.hand_in(trial.chats // 3)
        trial.wait_for_progress()
        assert trial.service.redis.process is not None
        frozen, end = freeze(trial.service.redis.process), time.monotonic() + AWAY_SECONDS
        trial.faults += 1
        trial.hand_in(trial.chats // 3)
        time.sleep(max(0.0, end - time.monotonic()))
        thaw(frozen)


def disk_full(trial: Trial) -> None:
    """The file system of PostgreSQL's data is full twice, for 15 s; a PostgreSQL that ends over it is started again."""
    ballast = trial.service.postgresql.folder / "ballast"
    with _during_intake(trial):
        for _ in range(2):
            trial.wait_for_progress()
            _fill(ballast)
            trial.faults += 1
            time.sleep(15)
            ballast.unlink()
            server = trial.service.postgresql
            if server.process is not None and server.process.poll() is not None:
                server.start()


def lock_time_outs(trial: Trial) -> None:
    """Somebody holds the table of chats, twice for longer than a statement waits."""
    with _during_intake(trial):
        for _ in range(2):
            trial.wait_for_progress()
            with psycopg.connect(psycopg_url(trial.service.database_url)) as connection:
                connection.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
                trial.faults += 1
                time.sleep(LOCKED_SECONDS)


def two_workers_race(trial: Trial) -> None:
    """Two workers are sent each chat; three times one of them stands still until the other has taken its work over."""
    app = celery_app(trial.service.redis.url, soft_seconds=SOFT_SECONDS, hard_seconds=HARD_SECONDS)
    queue = BrokerQueue(app)
    with _step_by_step(trial) as first:
        trial.service.worker()
        for _ in range(3):
            wait = trial.hand_in_beside(trial.chats // 4)
            trial.wait_for_progress()
            for row in trial.service.rows("SELECT id FROM conversations WHERE state = 'pending'"):
                queue.send([row[0]], Lane.BULK)
                queue.send([row[0]], Lane.REALTIME)
            frozen = freeze(first)
            trial.faults += 1
            wait()
            time.sleep(2 * HARD_SECONDS + 12)  # its claims are stale and the sweeper has been there
            thaw(frozen)


def clock_stepped(trial: Trial) -> None:
    """The clock of all processes (injected; PostgreSQL's stays) goes two hours forward, then four back."""
    clock = Path(trial.service.folder / "clock")
    clock.write_text("0")
    trial.service.settings = {**trial.service.settings, "QA_TEST_CLOCK": str(clock)}
    with _step_by_step(trial):
        for seconds in (2 * HOUR, -2 * HOUR, 0.0):
            wait = trial.hand_in_beside(trial.chats // 4)
            trial.wait_for_progress()
            _write_at_once(clock, str(seconds))
            trial.faults += 1
            wait()


SCENARIOS: tuple[Callable[[Trial], None], ...] = (
    worker_killed,
    api_killed,
    redis_empty,
    postgresql_restarted,
    broker_away,
    disk_full,
    lock_time_outs,
    two_workers_race,
    clock_stepped,
)


@contextmanager
def _step_by_step(trial: Trial) -> Iterator[Popen[bytes]]:
    """API, beat and a worker run; what is not handed in yet is at the end, and all is waited for."""
    with trial.api():
        trial.service.beat()
        yield trial.service.worker()
        trial.hand_in()
        trial.finish()


@contextmanager
def _during_intake(trial: Trial) -> Iterator[None]:
    """The same while all chats are handed in beside it."""
    with trial.api():
        trial.service.beat()
        trial.service.worker()
        wait = trial.hand_in_beside()
        yield
        wait()
        trial.finish()


def _all_in(trial: Trial) -> bool:
    return len(trial.sender.accepted) == trial.chats


def _until(question: Callable[[], object]) -> None:
    while not question():
        threading.Event().wait(0.02)


def _fill(path: Path) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            while file.write(b"\0" * 65536):
                pass
    except OSError:
        return


def _write_at_once(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
