from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.workflows.ports import UnitOfWork
from tests.fakes.services import FakeServices


@pytest.fixture
def services(unit_of_work: UnitOfWork) -> FakeServices:
    return FakeServices(unit_of_work=unit_of_work)


@pytest.fixture
def anonymous(services: FakeServices) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, services: FakeServices) -> TestClient:
    anonymous.headers["Authorization"] = f"Bearer {services.access.new_key('test')}"
    return anonymous


@pytest.fixture
def chat() -> dict[str, Any]:
    """A chat with one hit by the agent a-7."""
    return {
        "external_id": "c-1",
        "shop": "demo",
        "channel": "taobao",
        "started_at": "2026-11-02T09:58:00+08:00",
        "agents": [{"id": "a-7", "name": "小林"}],
        "turns": [
            {"role": "customer", "text": "你好，这个能退吗"},
            {"role": "agent", "sender_id": "a-7", "text": "亲，七天内都可以退的哦"},
        ],
    }
