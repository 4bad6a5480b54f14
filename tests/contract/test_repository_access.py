"""What every store must do about keys, log-ins, sessions and the delivery log."""

from __future__ import annotations

from qa_service.domain.records import ApiKey
from qa_service.workflows.ports import UnitOfWork
from tests.unit.storage.builders import MINUTE, NOW


class TestAccess:
    def test_keys_are_known_by_their_hash(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            assert repository.count_api_keys() == 0
            repository.add_api_key(name="local", key_sha256="k" * 64, now=NOW)
        with uow() as repository:
            assert repository.count_api_keys() == 1
            assert repository.has_api_key("k" * 64)
            assert not repository.has_api_key("x" * 64)

    def test_keys_are_listed_and_a_revoked_one_is_not_valid(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_api_key(name="a", key_sha256="a" * 64, now=NOW)
            repository.add_api_key(name="b", key_sha256="b" * 64, now=NOW + MINUTE)
            assert repository.revoke_api_keys("a", now=NOW + 2 * MINUTE) == 1
            assert repository.revoke_api_keys("a", now=NOW + 3 * MINUTE) == 0
        with uow() as repository:
            assert repository.api_keys() == [
                ApiKey(name="a", created_at=NOW, revoked_at=NOW + 2 * MINUTE),
                ApiKey(name="b", created_at=NOW + MINUTE, revoked_at=None),
            ]
            assert (repository.has_api_key("a" * 64), repository.has_api_key("b" * 64)) == (False, True)
            assert repository.count_api_keys() == 1

    def test_forgetting_what_ended_keeps_what_is_valid(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_session(session_sha256="s" * 64, name="王", expires_at=NOW + 2 * MINUTE)
            repository.add_login_token(token_sha256="t" * 64, expires_at=NOW + 2 * MINUTE)
            repository.add_session(session_sha256="o" * 64, name="李", expires_at=NOW + MINUTE)
            repository.add_login_token(token_sha256="u" * 64, expires_at=NOW + MINUTE)
            repository.forget_ended_access(now=NOW + MINUTE)
        with uow() as repository:
            assert repository.session_name("o" * 64, now=NOW) is None  # it would still be valid then
            assert not repository.use_login_token("u" * 64, now=NOW)
            assert repository.session_name("s" * 64, now=NOW) == "王"
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

    def test_a_session_has_a_name_until_it_ends(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_session(session_sha256="s" * 64, name="王", expires_at=NOW + MINUTE)
            assert repository.session_name("s" * 64, now=NOW) == "王"
            assert repository.session_name("s" * 64, now=NOW + MINUTE) is None
            assert repository.session_name("x" * 64, now=NOW) is None
            repository.end_session("s" * 64)
            assert repository.session_name("s" * 64, now=NOW) is None

    def test_deliveries_are_listed_newest_first(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for number in range(3):
                repository.add_delivery({"attempt": number, "status": None})
        with uow() as repository:
            assert [record["attempt"] for record in repository.deliveries(2)] == [2, 1]
