from __future__ import annotations

from datetime import timedelta

import pytest

from qa_service.errors import NotFound
from qa_service.workflows.access import LOGIN_TOKEN_LIFE, SESSION_LIFE, Access
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def access(clock):
    return Access(unit_of_work=FakeUnitOfWork(), clock=clock)


def test_a_made_key_is_known_and_others_are_not(access):
    assert not access.has_keys()
    key = access.new_key("integration")

    assert access.has_keys()
    assert access.verify_key(key)
    assert not access.verify_key(key + "x")


def test_a_log_in_token_works_once(access):
    token = access.new_login_token()

    session = access.log_in(token, "Wang")

    assert access.session_name(session) == "Wang"
    assert access.log_in(token, "Li") is None


def test_a_session_ends_with_the_log_out(access):
    session = access.log_in(access.new_login_token(), "Wang")

    access.log_out(session)

    assert access.session_name(session) is None


def test_a_token_and_a_session_grow_too_old(access, clock):
    token = access.new_login_token()
    clock.time += LOGIN_TOKEN_LIFE
    assert access.log_in(token, "Wang") is None

    session = access.log_in(access.new_login_token(), "Wang")
    clock.time += SESSION_LIFE + timedelta(seconds=1)
    assert access.session_name(session) is None


def test_a_revoked_key_is_listed_and_worth_nothing(access):
    key, other = access.new_key("integration"), access.new_key("other")

    access.revoke_key("integration")

    assert (access.verify_key(key), access.verify_key(other)) == (False, True)
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
    assert access.session_name(session) is None
