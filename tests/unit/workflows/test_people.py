"""Users and how they log in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from qa_service.domain.identity import EVERYTHING, Principal, Role, Scope
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound, NotPermitted
from qa_service.passwords import ArgonPasswords
from qa_service.workflows.access import SESSION_IDLE, SESSION_LIFE, TOUCH_EVERY, Access
from qa_service.workflows.attempts import ATTEMPT_WINDOW, ATTEMPTS_A_NAME, ATTEMPTS_AN_ADDRESS
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.people import LONGEST_PASSWORD, People
from tests.fakes.repository import FakeUnitOfWork
from tests.unit.storage.builders import NOW

PASSWORD = "correct horse battery"
SHOP = Scope(shops=frozenset({"demo"}))


@dataclass
class StillClock:
    """Moves only when it is moved."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class CountingPasswords(ArgonPasswords):
    """Remembers what was checked."""

    def __init__(self, memory_cost: int = 8) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=memory_cost, parallelism=1))
        self.checked: list[bool] = []

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.checked.append(password_hash is not None)
        return super().verify(password_hash, password)


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def passwords():
    return CountingPasswords()


@pytest.fixture
def access(clock):
    return Access(unit_of_work=FakeUnitOfWork(), clock=clock)


@pytest.fixture
def people(access, passwords):
    people = People(unit_of_work=access.unit_of_work, clock=access.clock, passwords=passwords)
    people.add("wang", role=Role.REVIEWER, display_name="王敏", scope=SHOP, password=PASSWORD)
    return people


@pytest.fixture
def door(access, people):
    return LogIn(unit_of_work=access.unit_of_work, clock=access.clock, passwords=people.passwords, access=access)


def log_in(door, name="wang", password=PASSWORD, *, address="10.0.0.1", before=None):
    return door.log_in(name, password, address=address, before=before)


class TestUsers:
    def test_a_user_acts_with_role_and_scope_under_the_own_name(self, door, access):
        session = access.session(log_in(door))

        assert session.user.principal == Principal(name="wang", role=Role.REVIEWER, scope=SHOP)
        assert session.user.display_name == "王敏"

    @pytest.mark.parametrize("name", ["", " ", "a b", "-a", "key:crm", "a/b", "x" * 65, "a\n"], ids=repr)
    def test_what_cannot_be_a_name(self, people, name):
        if name.strip() == "a":
            assert people.add(name, role=Role.AGENT).name == "a"
            return
        with pytest.raises(InvalidInput, match="name"):
            people.add(name, role=Role.AGENT)

    @pytest.mark.parametrize("name", ["Wang", " wang", "ｗａｎｇ"])
    def test_no_two_names_look_the_same(self, people, name):
        with pytest.raises(Conflict):
            people.add(name, role=Role.AGENT)

    @pytest.mark.parametrize(
        "password",
        ["", "short", "a" * 12, "ababababababab", "my wang secret", "x1" * LONGEST_PASSWORD],
        ids=["empty", "short", "one letter", "two letters", "the name", "long"],
    )
    def test_what_cannot_be_a_password(self, people, door, password):
        with pytest.raises(InvalidInput, match="password"):
            people.change("wang", password=password)
        assert log_in(door) is not None

    def test_names_and_passwords_may_be_chinese(self, people, door):
        people.add("李雷", role=Role.AGENT, password="今天天气真好适合出门散步")
        assert log_in(door, "李雷", "今天天气真好适合出门散步") is not None

    @pytest.mark.parametrize("change", [{"role": Role.ADMIN}, {"password": PASSWORD}], ids=["role", "password"])
    def test_nobody_of_that_name_can_be_changed(self, people, change):
        with pytest.raises(NotFound):
            people.change("li", **change)

    def test_what_is_not_given_stays(self, people):
        before = people.listing()[0]
        assert people.change("wang", display_name="小王") == replace(before, display_name="小王")
        assert people.change("wang", scope=EVERYTHING) == replace(before, display_name="小王", scope=EVERYTHING)
        assert people.listing() == [replace(before, display_name="小王", scope=EVERYTHING)]

    @pytest.mark.parametrize(
        ("change", "ends"),
        [
            ({"role": Role.AUDITOR}, True),
            ({"scope": EVERYTHING}, True),
            ({"is_active": False}, True),
            ({"email": "wang@example.com"}, True),
            ({"subject": "s-1"}, True),
            ({"display_name": "小王"}, False),
            ({"role": Role.REVIEWER}, False),
        ],
        ids=["role", "scope", "activity", "email", "subject", "display name", "the same role"],
    )
    def test_a_session_ends_with_the_rights_it_was_opened_with(self, people, door, access, change, ends):
        secret = log_in(door)
        people.change("wang", **change)
        assert (access.session(secret) is None) is ends

    def test_a_new_password_ends_sessions_and_the_old_one(self, people, door, access):
        secret = log_in(door)
        people.change("wang", password="another horse battery")

        assert access.session(secret) is None
        assert log_in(door) is None
        assert log_in(door, password="another horse battery") is not None

    def test_an_inactive_user_is_shut_out_until_activated(self, people, door):
        people.change("wang", is_active=False)
        assert log_in(door) is None
        people.change("wang", is_active=True)
        assert log_in(door) is not None


class TestLogIn:
    @pytest.mark.parametrize(
        ("name", "password"),
        [("wang", "wrong horse battery"), ("li", PASSWORD), ("new", PASSWORD), ("", "")],
        ids=["wrong password", "unknown", "no password yet", "empty"],
    )
    def test_all_that_fails_fails_alike_and_does_the_same_work(self, people, door, passwords, name, password):
        people.add("new", role=Role.AGENT)
        assert log_in(door, name, password) is None
        assert len(passwords.checked) == 1

    def test_the_name_is_read_as_it_was_stored(self, door):
        assert log_in(door, " ＷＡＮＧ") is not None

    def test_a_session_ends_at_its_time_whatever_is_done_in_it(self, door, access, clock):
        secret = log_in(door)
        while clock.time < NOW + SESSION_LIFE - timedelta(hours=1):
            clock.time += timedelta(hours=1)
            assert access.session(secret) is not None
        clock.time = NOW + SESSION_LIFE
        assert access.session(secret) is None

    def test_an_idle_session_ends(self, door, access, clock):
        secret, other = log_in(door), log_in(door)
        clock.time += SESSION_IDLE
        assert access.session(other) is not None
        clock.time += timedelta(seconds=1)
        assert access.session(secret) is None
        assert access.session(other) is not None

    def test_the_session_of_a_link_does_not_end_by_being_idle(self, access, clock):
        secret = access.log_in(access.new_login_token(), "Wang")
        clock.time += SESSION_LIFE - timedelta(seconds=1)
        assert access.session(secret) is not None

    def test_the_last_request_is_written_once_a_minute(self, door, access, clock):
        secret = log_in(door)
        seen = []
        for _ in range(4):
            access.session(secret)
            seen.append(access.session(secret).last_seen_at)
            clock.time += TOUCH_EVERY / 2
        assert seen == [NOW, NOW, NOW + TOUCH_EVERY, NOW + TOUCH_EVERY]

    def test_the_session_before_ends(self, door, access):
        before = access.log_in(access.new_login_token(), "Wang")
        after = log_in(door, before=before)

        assert access.session(before) is None
        assert access.session(after).user.name == "wang"

    def test_a_failed_log_in_leaves_the_session_before(self, door, access):
        before = access.log_in(access.new_login_token(), "Wang")
        log_in(door, password="wrong", before=before)
        assert access.session(before) is not None

    def test_an_outdated_hash_is_renewed_by_logging_in(self, people, door, access):
        renewing = CountingPasswords(memory_cost=16)
        again = replace(door, passwords=renewing)
        user = people.listing()[0]
        sessions = [log_in(door), log_in(again)]

        with access.unit_of_work() as repository:
            assert not renewing.is_outdated(repository.password_hash(user.id))
        assert None not in [*map(access.session, sessions), log_in(again)]

    def test_a_password_changed_while_the_old_one_was_checked_shuts_it_out(self, people, door):
        class Slow(CountingPasswords):
            def verify(self, password_hash, password):
                people.change("wang", password="another horse battery")
                return super().verify(password_hash, password)

        assert log_in(replace(door, passwords=Slow())) is None


class TestThrottle:
    @pytest.mark.parametrize("name", ["wang", "nobody"], ids=["known", "unknown"])
    def test_a_name_is_shut_after_too_many_attempts(self, door, passwords, clock, name):
        for number in range(ATTEMPTS_A_NAME):
            assert log_in(door, name, "wrong", address=f"10.0.0.{number}") is None
        passwords.checked.clear()
        with pytest.raises(NotPermitted) as caught:
            log_in(door, name)
        assert caught.value.code is ErrorCode.TOO_MANY_ATTEMPTS
        assert passwords.checked == []  # no work for whoever only wants to keep the service busy

        clock.time += ATTEMPT_WINDOW + timedelta(seconds=1)
        assert (log_in(door, name) is not None) is (name == "wang")

    def test_an_address_is_shut_whatever_the_names(self, people, door, clock):
        people.add("li", role=Role.AGENT, password=PASSWORD)
        for number in range(ATTEMPTS_AN_ADDRESS):
            assert log_in(door, f"n{number}", "wrong") is None
        with pytest.raises(NotPermitted):
            log_in(door)
        assert log_in(door, "li", address="10.0.0.2") is not None

    def test_logging_in_takes_back_the_failures_of_the_name_and_its_own_attempt(self, door):
        for _ in range(2 * ATTEMPTS_AN_ADDRESS):
            assert log_in(door) is not None
        for _ in range(2 * ATTEMPTS_A_NAME):
            log_in(door, password="wrong", address="10.0.0.9")
            log_in(door, address="10.0.0.9")

    def test_other_processes_see_the_same_counts(self, door):
        for number in range(ATTEMPTS_A_NAME):
            log_in(replace(door, passwords=CountingPasswords()), password="wrong", address=f"10.0.0.{number}")
        with pytest.raises(NotPermitted):
            log_in(replace(door, passwords=CountingPasswords()), address="10.9.9.9")


class TestAudit:
    def test_what_happens_to_users_is_written_down_without_passwords(self, people, door, access):
        people.change("wang", role=Role.AUDITOR)
        people.change("wang", password="another horse battery")
        log_in(door)
        log_in(door, "typed into the wrong field", "x")
        log_in(door, password="another horse battery")

        with access.unit_of_work(is_read_only=True) as repository:
            entries = [record.entry for record in repository.audit_records()]
        assert [(entry.event, entry.by, dict(entry.on)) for entry in entries] == [
            ("user_made", "system", {"user": "wang"}),
            ("user_changed", "system", {"user": "wang"}),
            ("user_changed", "system", {"user": "wang"}),
            ("login_failed", "unknown", {"with": "password", "user": "wang"}),
            ("login_failed", "unknown", {"with": "password"}),
            ("logged_in", "wang", {"with": "password"}),
        ]
        assert (entries[1].before["role"], entries[1].after["role"]) == ("reviewer", "auditor")
        assert "horse" not in str(entries)
        assert "argon2" not in str(entries)
