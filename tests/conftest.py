"""Settings for all tests, and the servers that integration tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import FAST_NOT_SAFE, Server, postgresql_server, redis_server

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
