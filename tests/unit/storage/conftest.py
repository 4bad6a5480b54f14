"""A migrated store in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.storage import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qa.sqlite3"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    yield database
    database.close()
