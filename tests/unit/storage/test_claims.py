"""Several processes at one store: nothing is claimed twice, nothing is lost, nobody waits for ever."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

from qa_service.domain.work import Lane
from qa_service.storage import Database
from tests.unit.storage.builders import NOW, chat, digest, inspection

CONVERSATIONS = 40
NEW_FILES = 50


def work_off(url: str) -> list[str]:
    """Claim, inspect and store until nothing is left; the ids that were claimed."""
    database = Database(url)
    uow = database.unit_of_work()
    done: list[str] = []
    while True:
        with uow() as repository:
            claimed = repository.claim(3, lane=Lane.REALTIME, claimant="w", now=NOW)
        if not claimed:
            break
        for taken in claimed:
            with uow() as repository:
                repository.add_inspection(taken.id, inspection(taken.conversation), now=NOW)
            done.append(taken.id)
    database.close()
    return done


def submit_all(url: str) -> list[str]:
    """Hand all conversations in; their ids."""
    database = Database(url)
    ids = []
    for number in range(CONVERSATIONS):
        content = chat(f"c-{number}")
        with database.unit_of_work()() as repository:
            ids.append(repository.submit(content, content_sha256=digest(content), now=NOW).id)
    database.close()
    return ids


def assert_each_done_once(store: Database, done: Sequence[Sequence[str]]) -> None:
    claimed = [conversation_id for part in done for conversation_id in part]
    assert len(claimed) == len(set(claimed)) == CONVERSATIONS
    with store.unit_of_work()() as repository:
        assert repository.state_counts() == {"complete": CONVERSATIONS}


def test_two_processes_share_the_work_without_overlap(store: Database, url: str) -> None:
    submit_all(url)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(work_off, [url] * 2))
    assert_each_done_once(store, done)


def test_threads_share_the_work_without_overlap(store: Database, url: str) -> None:
    submit_all(url)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work_off, [url] * 4))
    assert_each_done_once(store, done)


def test_the_same_conversations_handed_in_at_once_are_there_once(store: Database, url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(submit_all, [url] * 4)
    assert all(ids == first for ids in others)
    with store.unit_of_work()() as repository:
        assert repository.state_counts() == {"pending": CONVERSATIONS}


def upgrade(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.close()


def test_processes_may_migrate_at_once(url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(upgrade, [url] * 2))
    assert work_off(url) == []


def upgrade_new_files(folder: Path, gate: Barrier) -> None:
    for number in range(NEW_FILES):
        gate.wait()
        upgrade(f"sqlite:///{folder}/{number}.sqlite3")


def test_a_new_sqlite_file_may_be_opened_by_two_processes_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(2, timeout=10)
    processes = [context.Process(target=upgrade_new_files, args=(tmp_path, gate)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
