from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.domain.identity import Role, Scope
from tests.fakes.services import FakeServices
from tests.fakes.stages import FakeClock
from tests.identity_provider import (
    Provider,
    identity_provider,
)
from tests.unit.api.oidc.steps import EMAIL


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[Provider]:
    with identity_provider(lambda: clock.now().timestamp()) as running:
        yield running


@pytest.fixture
def services(provider: Provider, clock: FakeClock) -> FakeServices:
    services = FakeServices(settings=provider.settings(), clock=clock)
    services.people.add(
        "wang", role=Role.REVIEWER, display_name="王敏", scope=Scope(shops=frozenset({"a"})), email=EMAIL
    )
    return services


@pytest.fixture
def browser(services: FakeServices) -> Iterator[TestClient]:
    with TestClient(create_app(services), follow_redirects=False) as client:
        client.headers["Accept-Language"] = "en"
        yield client
