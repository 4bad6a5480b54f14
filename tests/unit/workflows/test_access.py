from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from qa_service.domain.identity import Principal, Role, Scope
from qa_service.errors import ErrorCode, InvalidInput, NotFound, Unavailable
from qa_service.workflows.access import KEY_GRACE, LOGIN_TOKEN_LIFE, SESSION_LIFE, TOUCH_EVERY, Access
from tests.fakes.repository import FakeUnitOfWork
from tests.unit.storage.builders import NOW


@dataclass
class StillClock:
    """Moves only when it is moved."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def access(clock):
    return Access(unit_of_work=FakeUnitOfWork(), clock=clock)


def test_a_made_key_is_known_and_others_are_not(access):
    assert not access.has_keys()
    key = access.new_key("integration")

    assert access.has_keys()
    assert access.key_principal(key) == Principal(name="key:integration", role=Role.ADMIN)
    assert access.key_principal(key + "x") is None


def test_a_log_in_token_works_once(access):
    token = access.new_login_token()

    session = access.log_in(token, "Wang")

    assert access.session(session).name == "Wang"
    assert access.log_in(token, "Li") is None


def test_a_session_ends_with_the_log_out(access):
    session = access.log_in(access.new_login_token(), "Wang")

    access.log_out(session)

    assert access.session(session) is None


def test_a_token_and_a_session_grow_too_old(access, clock):
    token = access.new_login_token()
    clock.time += LOGIN_TOKEN_LIFE
    assert access.log_in(token, "Wang") is None

    session = access.log_in(access.new_login_token(), "Wang")
    clock.time += SESSION_LIFE + timedelta(seconds=1)
    assert access.session(session) is None


def test_a_revoked_key_is_listed_and_worth_nothing(access):
    key, other = access.new_key("integration"), access.new_key("other")

    access.revoke_key("integration")

    assert access.key_principal(key) is None
    assert access.key_principal(other) is not None
    known = access.keys()
    assert [(one.name, one.revoked_at is None) for one in known] == [
        ("integration", False),
        ("other", True),
    ]
    with pytest.raises(NotFound):
        access.revoke_key("integration")


def test_logging_in_forgets_sessions_that_are_over(access, clock):
    begun = clock.time
    session = access.log_in(access.new_login_token(), "Wang")
    clock.time += SESSION_LIFE + timedelta(seconds=1)
    access.log_in(access.new_login_token(), "Li")

    clock.time = begun
    assert access.session(session) is None


def test_a_key_acts_with_its_role_and_scope(access):
    scope = Scope(shops=frozenset({"demo"}))
    issued = access.issue_key("crm", role=Role.INTEGRATION, scope=scope)

    assert access.key_principal(issued.secret) == Principal(name="key:crm", role=Role.INTEGRATION, scope=scope)
    assert access.keys() == [replace(issued.key, last_used_at=issued.key.created_at)]


def test_a_key_opens_until_its_end_and_not_at_it(access, clock):
    issued = access.issue_key("crm", role=Role.INTEGRATION, expires_at=clock.time + timedelta(hours=1))
    clock.time += timedelta(minutes=59)
    assert access.key_principal(issued.secret) is not None
    clock.time = issued.key.expires_at
    assert access.key_principal(issued.secret) is None


def test_a_key_that_would_have_ended_already_is_not_made(access, clock):
    with pytest.raises(InvalidInput, match="expires_at"):
        access.issue_key("crm", role=Role.INTEGRATION, expires_at=clock.time)
    assert access.keys() == []


def test_a_rotated_key_opens_beside_the_new_one_for_a_day(access, clock):
    old = access.issue_key("crm", role=Role.REVIEWER, scope=Scope(groups=frozenset({"night"})))
    clock.time += timedelta(days=300)
    new = access.rotate_key(old.key.id)

    assert access.key_principal(new.secret) == access.key_principal(old.secret) == old.key.principal
    clock.time += KEY_GRACE
    assert access.key_principal(old.secret) is None
    assert access.key_principal(new.secret) == old.key.principal


def test_rotating_does_not_make_a_key_live_longer(access, clock):
    end = clock.time + timedelta(hours=2)
    old = access.issue_key("crm", role=Role.REVIEWER, expires_at=end)
    new = access.rotate_key(old.key.id)

    clock.time = end
    assert [access.key_principal(issued.secret) for issued in (old, new)] == [None, None]


@pytest.mark.parametrize("is_known", [True, False], ids=["revoked", "unknown"])
def test_what_is_not_valid_cannot_be_rotated(access, is_known):
    key_id = access.issue_key("crm", role=Role.REVIEWER).key.id if is_known else "0" * 32
    if is_known:
        access.revoke_key(key_id=key_id)
    with pytest.raises(NotFound):
        access.rotate_key(key_id)
    assert len(access.keys()) == is_known


def test_revoking_by_id_leaves_another_key_of_that_name(access):
    one, other = access.issue_key("crm", role=Role.REVIEWER), access.issue_key("crm", role=Role.REVIEWER)
    access.revoke_key(key_id=one.key.id)

    assert access.key_principal(one.secret) is None
    assert access.key_principal(other.secret) is not None
    with pytest.raises(NotFound, match="this id"):
        access.revoke_key(key_id=one.key.id)


def test_the_last_use_is_written_once_a_minute(access, clock):
    issued = access.issue_key("crm", role=Role.REVIEWER)
    begun = clock.time
    noted = []
    for _ in range(3):
        access.key_principal(issued.secret)
        noted.append(access.keys()[0].last_used_at)
        clock.time += TOUCH_EVERY / 2
    assert noted == [begun, begun, begun + TOUCH_EVERY]


def test_a_store_that_takes_no_writes_still_lets_a_key_in(access, clock):
    secret = access.new_key("crm")

    def read_only(*, is_read_only=False):
        if not is_read_only:
            raise Unavailable("the disk is full", code=ErrorCode.STORE_UNAVAILABLE)
        return access.unit_of_work(is_read_only=True)

    assert Access(unit_of_work=read_only, clock=clock).key_principal(secret) is not None
