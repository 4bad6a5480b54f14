"""Every store that the suite runs against: on SQLite, on PostgreSQL, and the one in memory that workflow tests use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.storage import Database
from qa_service.workflows.ports import UnitOfWork
from tests.fakes.repository import FakeUnitOfWork
from tests.servers import Server
from tests.stores import empty, new_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, migrated once and copied for each test."""
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


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def uow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWork]:
    if request.param == "memory":
        yield FakeUnitOfWork()
    elif request.param == "postgresql":
        database: Database = request.getfixturevalue("on_postgresql")
        yield database.unit_of_work()
        empty(database)
    else:
        database = Database(f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), tmp_path / 'qa.sqlite3')}")
        yield database.unit_of_work()
        database.close()
