"""A deployment on servers of the test's own, which it may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deployment import Deployment
from tests.servers import postgresql_server, redis_server


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """PostgreSQL (as safe as by default) and Redis run; API, workers and beat are the test's to start."""
    with postgresql_server() as postgresql, redis_server() as redis:
        service = Deployment(postgresql=postgresql, redis=redis, database_url=postgresql.url, folder=tmp_path)
        yield service
        service.stop()
