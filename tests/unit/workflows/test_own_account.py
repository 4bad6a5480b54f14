"""What people change about themselves: the own password, sessions left open elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_service.domain.access import User
from qa_service.domain.audit import AuditEntry, AuditEvent
from qa_service.domain.identity import Role
from qa_service.errors import ErrorCode, InvalidInput, NotPermitted
from qa_service.workflows.access_ports import Passwords
from qa_service.workflows.acting import begin_act
from qa_service.workflows.attempts import ATTEMPTS_A_NAME
from qa_service.workflows.own_account import OwnAccount
from tests.fakes.services import FakeServices

OLD, NEW = "correct horse battery", "another horse battery"
HERE = "10.0.0.1"


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    services.people.add("wang", role=Role.REVIEWER, password=OLD)
    services.people.add("other", role=Role.REVIEWER, password=OLD)
    return services


@pytest.fixture
def user(services: FakeServices) -> User:
    return next(one for one in services.people.listing() if one.name == "wang")


def log_in(services: FakeServices, name: str = "wang", password: str = OLD) -> str:
    secret = services.log_in.log_in(name, password, address=HERE)
    assert secret is not None
    return secret


def change(services: FakeServices, user: User, session: str, *, old: str = OLD, new: str = NEW) -> bool:
    account = OwnAccount(door=services.log_in)
    with begin_act(principal=user.principal):
        return account.change_password(user, old, new, address=HERE, session=session)


def acts(services: FakeServices, event: AuditEvent) -> list[AuditEntry]:
    with services.unit_of_work(is_read_only=True) as repository:
        return [record.entry for record in repository.audit_records() if record.entry.event == event]


def test_the_new_password_opens_and_the_old_one_does_not(services: FakeServices, user: User) -> None:
    assert change(services, user, log_in(services))
    assert services.log_in.log_in("wang", OLD, address=HERE) is None
    assert services.log_in.log_in("wang", NEW, address=HERE) is not None


def test_other_sessions_of_the_user_end_and_this_one_goes_on(services: FakeServices, user: User) -> None:
    here, elsewhere, of_other = log_in(services), log_in(services), log_in(services, "other")
    by_link = services.access.log_in(services.access.new_login_token(), "wang")
    assert by_link is not None
    change(services, user, here)
    open_now = [services.access.session(secret) is not None for secret in (here, elsewhere, of_other, by_link)]
    assert open_now == [True, False, True, True]
    (entry,) = acts(services, AuditEvent.USER_CHANGED)
    assert (entry.by, entry.on, entry.after) == ("wang", {"user": "wang"}, {"password": "new", "sessions": 1})


def test_without_the_old_password_nothing_changes(services: FakeServices, user: User) -> None:
    here, elsewhere = log_in(services), log_in(services)
    assert not change(services, user, here, old="wrong horse battery")
    assert services.access.session(elsewhere) is not None
    assert log_in(services)
    (entry,) = acts(services, AuditEvent.LOGIN_FAILED)
    assert (entry.by, entry.on) == ("wang", {"with": "old_password", "user": "wang"})


def test_tries_are_counted_with_those_of_the_log_in(services: FakeServices, user: User) -> None:
    here = log_in(services)
    for _ in range(ATTEMPTS_A_NAME - 1):
        assert not change(services, user, here, old="wrong horse battery")
    assert services.log_in.log_in("wang", "wrong horse battery", address=HERE) is None
    with pytest.raises(NotPermitted) as caught:
        change(services, user, here)
    assert caught.value.code is ErrorCode.TOO_MANY_ATTEMPTS
    with pytest.raises(NotPermitted):
        services.log_in.log_in("wang", OLD, address=HERE)


def test_a_change_takes_back_the_tries_before_it(services: FakeServices, user: User) -> None:
    here = log_in(services)
    for _ in range(ATTEMPTS_A_NAME - 1):
        change(services, user, here, old="wrong horse battery")
    assert change(services, user, here)
    assert log_in(services, password=NEW)


@pytest.mark.parametrize(
    "new", ["short", "wang wang wang wang", "aaaaaaaaaaaaaaaa", OLD], ids=["short", "name", "same", "old"]
)
def test_what_cannot_be_a_new_password_is_refused_and_costs_no_try(
    services: FakeServices, user: User, new: str
) -> None:
    here = log_in(services)
    for _ in range(ATTEMPTS_A_NAME + 1):
        with pytest.raises(InvalidInput) as caught:
            change(services, user, here, new=new)
    assert caught.value.field == "password"
    assert log_in(services)


def test_a_password_that_was_reset_meanwhile_is_not_overwritten(services: FakeServices, user: User) -> None:
    here, reset = log_in(services), "a third horse battery"

    class Resetting:
        """Checks a password while an administrator gives another one."""

        def __init__(self, passwords: Passwords) -> None:
            self.passwords = passwords

        def hash(self, password: str) -> str:
            services.people.change("wang", password=reset)
            return self.passwords.hash(password)

        def verify(self, password_hash: str | None, password: str) -> bool:
            return self.passwords.verify(password_hash, password)

        def is_outdated(self, password_hash: str) -> bool:
            return self.passwords.is_outdated(password_hash)

    door = replace(services.log_in, passwords=Resetting(services.log_in.passwords))
    assert not OwnAccount(door=door).change_password(user, OLD, NEW, address=HERE, session=here)
    assert log_in(services, password=reset)


def test_somebody_without_a_password_cannot_change_it(services: FakeServices) -> None:
    user = services.people.add("by-company", role=Role.REVIEWER, email="a@example.com")
    assert not change(services, user, "x", old="")
    with services.unit_of_work(is_read_only=True) as repository:
        assert repository.password_hash(user.id) is None


def test_all_other_sessions_end(services: FakeServices, user: User) -> None:
    here, elsewhere, third = (log_in(services) for _ in range(3))
    with begin_act(principal=user.principal):
        assert OwnAccount(door=services.log_in).end_other_sessions(user, here) == 2
    assert [services.access.session(secret) is not None for secret in (here, elsewhere, third)] == [True, False, False]
    (entry,) = acts(services, AuditEvent.SESSIONS_ENDED)
    assert (entry.by, entry.on, entry.after) == ("wang", {"user": "wang"}, {"sessions": 2})
