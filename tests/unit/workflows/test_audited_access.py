"""Keys, log-ins and log-outs leave their rows; no row has a secret."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qa_service.domain.audit import AuditEntry, AuditEvent
from qa_service.domain.identity import Principal, Role, Scope
from qa_service.errors import InvalidInput, NotFound
from qa_service.workflows.access import Access
from qa_service.workflows.acting import begin_act
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock

ADMIN = Principal(name="王", role=Role.ADMIN)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def access(uow: FakeUnitOfWork) -> Access:
    return Access(unit_of_work=uow, clock=FakeClock())


def rows(uow: FakeUnitOfWork) -> list[AuditEntry]:
    with uow(is_read_only=True) as repository:
        return [record.entry for record in repository.audit_records()]


def test_a_key_is_made_rotated_and_revoked_by_somebody(uow: FakeUnitOfWork, access: Access) -> None:
    scope = Scope(shops=frozenset({"s-2", "s-1"}))
    with begin_act(principal=ADMIN):
        made = access.issue_key("crm", role=Role.INTEGRATION, scope=scope)
        rotated = access.rotate_key(made.key.id)
        access.revoke_key(key_id=rotated.key.id)

    first, second, third = rows(uow)
    assert [row.event for row in (first, second, third)] == [
        AuditEvent.KEY_MADE,
        AuditEvent.KEY_ROTATED,
        AuditEvent.KEY_REVOKED,
    ]
    assert {(row.by, row.role) for row in (first, second, third)} == {("王", "admin")}
    assert (first.on, third.on) == ({"key_id": made.key.id, "key_name": "crm"}, {"key_id": rotated.key.id})
    values = first.after or {}
    assert (values["role"], values["scope"]["shops"], values["expires_at"]) == ("integration", ["s-1", "s-2"], None)
    assert (second.after or {})["new_key"] == rotated.key.id
    for secret in (made.secret, rotated.secret):
        assert secret not in str(rows(uow))


def test_what_is_refused_is_not_in_the_log(uow: FakeUnitOfWork, access: Access) -> None:
    with pytest.raises(NotFound):
        access.revoke_key("nobody")
    with pytest.raises(InvalidInput):
        access.issue_key("old", role=Role.ADMIN, expires_at=FakeClock().now() - timedelta(days=1))

    assert rows(uow) == []


def test_logging_in_and_out_and_failing_to(uow: FakeUnitOfWork, access: Access) -> None:
    token = access.new_login_token()
    with begin_act(request_id="r-1", address="10.0.0.9"):
        session = access.log_in(token, "李")
    with begin_act(address="10.0.0.66"):
        assert access.log_in(token, "mallory") is None
    with begin_act(principal=Principal(name="李", role=Role.ADMIN)):
        access.log_out(session or "")

    made, came, failed, left = rows(uow)
    assert [row.event for row in (made, failed)] == [AuditEvent.LOGIN_LINK_MADE, AuditEvent.LOGIN_FAILED]
    assert (came.event, came.by, came.role, came.address) == (AuditEvent.LOGGED_IN, "李", "admin", "10.0.0.9")
    assert (failed.by, failed.role, failed.address) == ("unknown", None, "10.0.0.66")
    assert (left.event, left.by) == (AuditEvent.LOGGED_OUT, "李")
    for secret in (token, session or "", "mallory"):
        assert secret not in str(rows(uow))
