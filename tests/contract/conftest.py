"""Every store that the suite runs against: on SQLite, on PostgreSQL, and the one in memory that workflow tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa_service.workflows.ports import UnitOfWork
from tests.stores import StoreOpener


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def uow(request: pytest.FixtureRequest, store_opener: StoreOpener) -> Iterator[UnitOfWork]:
    with store_opener(request.param) as store:
        yield store
