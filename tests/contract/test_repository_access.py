"""What every store must do about keys, log-ins, sessions and the delivery log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qa_service.domain.access import ApiKey
from qa_service.domain.identity import EVERYTHING, Role, Scope
from qa_service.workflows.ports import UnitOfWork
from tests.unit.storage.builders import MINUTE, NOW


def api_key(name: str, **fields: Any) -> ApiKey:
    """A key whose id repeats the letter of its name."""
    key = ApiKey(id=name[0] * 32, name=name, role=Role.REVIEWER, scope=EVERYTHING, created_at=NOW)
    return replace(key, **fields)


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
