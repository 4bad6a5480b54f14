"""Every store that the suite runs against: the one on SQLite and the one in memory that workflow tests use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.storage import Database
from qa_service.workflows.ports import UnitOfWork
from tests.fakes.repository import FakeUnitOfWork


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "memory"])
def uow(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[UnitOfWork]:
    if request.param == "memory":
        yield FakeUnitOfWork()
        return
    database = Database(f"sqlite:///{shutil.copy(migrated, tmp_path / 'qa.sqlite3')}")
    yield database.unit_of_work()
    database.close()
