"""What every store must do about keys, log-ins, sessions and the delivery log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa_service.domain.access import ApiKey, Session, User
from qa_service.domain.identity import EVERYTHING, Role, Scope
from qa_service.errors import Conflict
from qa_service.workflows.ports import UnitOfWork
from tests.unit.storage.builders import MINUTE, NOW


def api_key(name: str, **fields: Any) -> ApiKey:
    """A key whose id repeats the letter of its name."""
    key = ApiKey(id=name[0] * 32, name=name, role=Role.REVIEWER, scope=EVERYTHING, created_at=NOW)
    return replace(key, **fields)


def session(name: str, *, minutes: int, user: User | None = None) -> Session:
    return Session(name=name, user=user, expires_at=NOW + minutes * MINUTE, last_seen_at=NOW)


def user(name: str, **fields: Any) -> User:
    """A user whose id repeats the letter of the name."""
    known = User(
        id=name[0] * 32,
        name=name,
        display_name="王敏",
        role=Role.REVIEWER,
        scope=Scope(shops=frozenset({"一店"})),
        is_active=True,
        has_password=False,
        created_at=NOW,
    )
    return replace(known, **fields)


class TestAccess:
    def test_keys_are_known_by_their_hash(self, uow: UnitOfWork) -> None:
        key = api_key("local", scope=Scope(shops=frozenset({"二店", "一店"}), agent_ids=frozenset()))
        with uow() as repository:
            assert repository.count_api_keys() == 0
            repository.add_api_key(key, key_sha256="k" * 64)
        with uow() as repository:
            assert repository.count_api_keys() == 1
            assert repository.find_api_key("k" * 64) == key
            assert repository.find_api_key("x" * 64) is None

    def test_keys_are_listed_oldest_first(self, uow: UnitOfWork) -> None:
        newer = api_key("a", created_at=NOW + MINUTE, expires_at=NOW + 2 * MINUTE)
        with uow() as repository:
            repository.add_api_key(newer, key_sha256="a" * 64)
            repository.add_api_key(api_key("b"), key_sha256="b" * 64)
        with uow() as repository:
            assert repository.api_keys() == [api_key("b"), newer]

    @pytest.mark.parametrize("by", [{"name": "a"}, {"key_id": "a" * 32}], ids=["name", "id"])
    def test_a_key_is_revoked_once(self, uow: UnitOfWork, by: dict[str, str]) -> None:
        with uow() as repository:
            repository.add_api_key(api_key("a"), key_sha256="a" * 64)
            repository.add_api_key(api_key("b"), key_sha256="b" * 64)
            assert repository.revoke_api_keys(now=NOW + 2 * MINUTE, **by) == 1
            assert repository.revoke_api_keys(now=NOW + 3 * MINUTE, **by) == 0
        with uow() as repository:
            assert repository.api_keys() == [api_key("a", revoked_at=NOW + 2 * MINUTE), api_key("b")]
            assert repository.count_api_keys() == 1

    def test_the_end_and_the_last_use_of_one_key_are_noted(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_api_key(api_key("a"), key_sha256="a" * 64)
            repository.add_api_key(api_key("b"), key_sha256="b" * 64)
            repository.touch_api_key("a" * 32, now=NOW + MINUTE)
            repository.expire_api_key("a" * 32, at=NOW + 2 * MINUTE)
        with uow() as repository:
            used = api_key("a", last_used_at=NOW + MINUTE, expires_at=NOW + 2 * MINUTE)
            assert repository.api_keys() == [used, api_key("b")]

    def test_forgetting_what_ended_keeps_what_is_valid(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_session(session("王", minutes=2), session_sha256="s" * 64)
            repository.add_login_token(token_sha256="t" * 64, expires_at=NOW + 2 * MINUTE)
            repository.add_session(session("李", minutes=1), session_sha256="o" * 64)
            repository.add_login_token(token_sha256="u" * 64, expires_at=NOW + MINUTE)
            repository.forget_ended_access(now=NOW + MINUTE)
        with uow() as repository:
            assert repository.find_session("o" * 64) is None
            assert not repository.use_login_token("u" * 64, now=NOW)
            assert repository.find_session("s" * 64) == session("王", minutes=2)
            assert repository.use_login_token("t" * 64, now=NOW)

    def test_a_log_in_token_works_once(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_login_token(token_sha256="t" * 64, expires_at=NOW + MINUTE)
            assert not repository.use_login_token("x" * 64, now=NOW)
            assert repository.use_login_token("t" * 64, now=NOW)
            assert not repository.use_login_token("t" * 64, now=NOW)

    def test_a_log_in_token_ends(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_login_token(token_sha256="t" * 64, expires_at=NOW + MINUTE)
            assert not repository.use_login_token("t" * 64, now=NOW + MINUTE)

    def test_a_session_is_known_until_it_is_ended(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_session(session("王", minutes=1), session_sha256="s" * 64)
            repository.touch_session("s" * 64, now=NOW + MINUTE / 2)
        with uow() as repository:
            assert repository.find_session("s" * 64) == replace(session("王", minutes=1), last_seen_at=NOW + MINUTE / 2)
            assert repository.find_session("x" * 64) is None
            repository.end_session("s" * 64)
            assert repository.find_session("s" * 64) is None

    def test_deliveries_are_listed_newest_first(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for number in range(3):
                repository.add_delivery({"attempt": number, "status": None})
        with uow() as repository:
            assert [record["attempt"] for record in repository.deliveries(2)] == [2, 1]


class TestPeople:
    def test_users_are_listed_by_name_and_found(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            assert not repository.has_users()
            repository.add_user(user("b", has_password=True), password_hash="$argon2id$b")
            repository.add_user(user("a", scope=EVERYTHING), password_hash=None)
        with uow() as repository:
            assert repository.has_users()
            assert repository.users() == [user("a", scope=EVERYTHING), user("b", has_password=True)]
            assert repository.find_user("a") == user("a", scope=EVERYTHING)
            assert repository.find_user("c") is None
            assert [repository.password_hash(id_ * 32) for id_ in "abc"] == [None, "$argon2id$b", None]

    def test_a_name_is_taken_once_and_the_rest_of_the_transaction_stays(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_user(user("a"), password_hash=None)
            with pytest.raises(Conflict, match="name"):
                repository.add_user(user("a", id="z" * 32), password_hash=None)
        with uow() as repository:
            assert repository.users() == [user("a")]

    def test_an_email_and_a_subject_are_of_one_user(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_user(user("a", email="name@x.de", subject="s-1"), password_hash=None)
            repository.add_user(user("b"), password_hash=None)
            repository.add_user(user("c"), password_hash=None)
            for taken in ({"email": "name@x.de"}, {"subject": "s-1"}):
                with pytest.raises(Conflict) as refused:
                    repository.add_user(user("d", **taken), password_hash=None)
                assert [refused.value.field] == list(taken)
                with pytest.raises(Conflict) as refused:
                    repository.save_user(user("b", **taken))
                assert [refused.value.field] == list(taken)
            repository.save_user(user("a", email="name@x.de", subject="s-1"))
        with uow() as repository:
            assert [one.name for one in repository.users()] == ["a", "b", "c"]

    def test_a_user_is_found_by_subject_and_else_by_email(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_user(user("a", email="a@x.de"), password_hash=None)
            repository.add_user(user("b", subject="s-b"), password_hash=None)
            repository.add_user(user("c", email="c@x.de", subject="s-c"), password_hash=None)
            repository.add_user(user("d"), password_hash=None)

            def found(subject: str, email: str | None) -> str | None:
                one = repository.find_user_of(subject=subject, email=email)
                return one.name if one else None

            assert found("s-new", "a@x.de") == "a"
            assert found("s-b", "a@x.de") == "b"
            assert found("s-b", None) == "b"
            assert found("s-new", "c@x.de") is None
            assert found("s-new", None) is None

    def test_a_user_is_changed_and_gets_a_password(self, uow: UnitOfWork) -> None:
        changed = user("a", display_name="李", role=Role.ADMIN, scope=EVERYTHING, is_active=False)
        with uow() as repository:
            repository.add_user(user("a"), password_hash=None)
            repository.add_user(user("b"), password_hash=None)
            repository.save_user(changed)
            repository.save_password_hash("a" * 32, "$argon2id$a")
        with uow() as repository:
            assert repository.users() == [replace(changed, has_password=True), user("b")]
            assert repository.password_hash("a" * 32) == "$argon2id$a"

    def test_a_session_has_its_user_as_he_or_she_is_now(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_user(user("a"), password_hash=None)
            repository.add_session(session("a", minutes=1, user=user("a")), session_sha256="s" * 64)
            repository.save_user(user("a", role=Role.AUDITOR))
        with uow() as repository:
            now = user("a", role=Role.AUDITOR)
            assert repository.find_session("s" * 64) == session("a", minutes=1, user=now)

    def test_all_sessions_of_one_user_end(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for name in "ab":
                repository.add_user(user(name), password_hash=None)
            for sha, who in (("1", user("a")), ("2", user("a")), ("3", user("b")), ("4", None)):
                repository.add_session(session("x", minutes=1, user=who), session_sha256=sha * 64)
            repository.end_sessions_of("a" * 32)
        with uow() as repository:
            assert [repository.find_session(sha * 64) is not None for sha in "1234"] == [False, False, True, True]

    def test_attempts_are_counted_by_subject_until_the_window_is_over(self, uow: UnitOfWork) -> None:
        counts = []
        for minute in (0, 1, 2, 5):
            with uow() as repository:
                now = NOW + minute * MINUTE
                counts.append(repository.count_attempt("n" * 64, now=now, since=now - 3 * MINUTE))
        assert counts == [1, 2, 3, 1]
        with uow() as repository:
            assert repository.count_attempt("m" * 64, now=NOW, since=NOW) == 1

    def test_attempts_are_forgiven_and_forgotten(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for subject in "nnnmma":
                repository.count_attempt(subject * 64, now=NOW, since=NOW)
            repository.forgive_attempts("n" * 64, count=2)
            repository.forgive_attempts("m" * 64)
            repository.forgive_attempts("a" * 64, count=5)
            assert [repository.count_attempt(one * 64, now=NOW, since=NOW) for one in "nma"] == [2, 1, 1]
            repository.forget_attempts(before=NOW)
            assert repository.count_attempt("n" * 64, now=NOW, since=NOW) == 3
            repository.forget_attempts(before=NOW + MINUTE)
            assert repository.count_attempt("n" * 64, now=NOW, since=NOW) == 1
