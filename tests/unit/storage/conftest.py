"""A migrated store in a temporary file, and stores on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.storage import Database
from tests.stores import new_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qa.sqlite3"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    """An empty database of each kind, not migrated."""
    if request.param == "sqlite":
        yield f"sqlite:///{path}"
    else:
        with new_database(request.getfixturevalue("postgresql")) as address:
            yield address


@pytest.fixture
def store(url: str) -> Iterator[Database]:
    """A migrated store on each kind of database."""
    database = Database(url)
    database.upgrade()
    yield database
    database.close()
