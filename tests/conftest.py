"""Settings for all tests, and the servers and stores that they share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from qa_service.storage import Database
from qa_service.storage.sealing import KeyRing, new_key
from qa_service.workflows.ports import UnitOfWork
from tests.fakes.repository import FakeUnitOfWork
from tests.servers import FAST_NOT_SAFE, Server, postgresql_server, redis_server
from tests.stores import StoreOpener, chosen, empty, new_database

# No deadline: a shared machine is slow at times, and speed is not what properties state.
# Derandomised: the same commit gives the same answer.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A cluster for the session, started when the first test asks for it."""
    with postgresql_server(*FAST_NOT_SAFE) as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Server]:
    """A Redis for the session."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(scope="session")
def on_postgresql(postgresql: Server) -> Iterator[Database]:
    """A migrated store, emptied after each test."""
    with new_database(postgresql) as url:
        database = Database(url)
        database.upgrade()
        yield database
        database.close()


@pytest.fixture(scope="session")
def store_opener(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoreOpener:
    """Opens empty stores; what a kind needs is made when the first is opened."""
    keys = KeyRing([new_key(datetime.now(UTC))])

    @contextmanager
    def opened(kind: str) -> Iterator[UnitOfWork]:
        if kind == "memory":
            yield FakeUnitOfWork()
        elif kind == "postgresql":
            database: Database = request.getfixturevalue("on_postgresql")
            database.seal_with(keys)
            yield database.unit_of_work()
            empty(database)
        else:
            path = tmp_path_factory.mktemp("store") / "qa.sqlite3"
            database = Database(f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), path)}")
            database.seal_with(keys)
            yield database.unit_of_work()
            database.close()

    return opened


@pytest.fixture
def unit_of_work(store_opener: StoreOpener) -> Iterator[UnitOfWork]:
    """An empty store: in memory unless the tests are run on a database."""
    with store_opener(chosen("memory")) as store:
        yield store
