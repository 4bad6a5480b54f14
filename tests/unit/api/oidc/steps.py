"""What a browser does on the way to a provider and back, and what it left."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from qa_service.domain.audit import AuditEntry, AuditEvent
from tests.fakes.services import FakeServices
from tests.identity_provider import (
    Provider,
)

LEEWAY_SECONDS = 60
EMAIL = "wang@example.com"


def begin(browser: TestClient) -> str:
    """Where the browser is sent."""
    answer = browser.get("/login/oidc")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def log_in(browser: TestClient, provider: Provider) -> Any:
    return browser.get(provider.visit(begin(browser)))


def rows(services: FakeServices, event: AuditEvent) -> list[AuditEntry]:
    with services.unit_of_work(is_read_only=True) as repository:
        return [record.entry for record in repository.audit_records() if record.entry.event is event]


def sessions(services: FakeServices) -> int:
    return len(services.unit_of_work._store.sessions)
