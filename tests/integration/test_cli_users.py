"""`qa-service users` and `qa-service keys` over a store of their own."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from qa_service.domain.identity import Role, Scope
from qa_service.settings import load_settings
from qa_service.wiring import Services, build_services

PASSWORD = "correct horse battery"


@pytest.fixture
def services(store) -> Iterator[Services]:
    services = build_services(load_settings())
    yield services
    services.close()


@pytest.fixture
def typed(monkeypatch):
    """What comes on stdin."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def opens(services: Services, name: str, password: str) -> bool:
    return services.log_in.log_in(name, password, address="::1") is not None


class TestUsers:
    def test_an_added_user_logs_in_with_what_came_on_stdin(self, cli, typed, services):
        typed(f"{PASSWORD}\n")
        ran = cli("users", "add", "Wang", "--role", "reviewer", "--shop", "demo", "--shop", "other")

        assert (ran.code, ran.stdout, ran.stderr) == (0, b"", "wang may log in as reviewer\n")
        (user,) = services.people.listing()
        assert (user.role, user.scope) == (Role.REVIEWER, Scope(shops=frozenset({"demo", "other"})))
        assert opens(services, "wang", PASSWORD)

    def test_somebody_whom_only_the_provider_knows(self, cli, services):
        ran = cli("users", "add", "wang", "--role", "agent", "--email", "Wang@Example.com", "--no-password")
        assert (ran.code, ran.stderr) == (0, "wang may log in as agent\n")
        (user,) = services.people.listing()
        assert (user.email, user.subject, user.has_password) == ("wang@example.com", None, False)
        assert cli("users", "set-identity", "wang", "--subject", "s-1").code == 0
        (user,) = services.people.listing()
        assert (user.email, user.subject) == (None, "s-1")
        assert cli("users", "set-identity", "wang", "--email", "wang").code == 2

    def test_somebody_who_sees_assigned_chats_only(self, cli, services):
        added = cli("users", "add", "wang", "--role", "reviewer", "--shop", "demo", "--only-assigned", "--no-password")
        assert added.code == 0
        (user,) = services.people.listing()
        assert (user.only_assigned, user.scope) == (True, Scope(shops=frozenset({"demo"})))
        assert "only assigned" in " ".join(cli("users", "list").stdout.decode().replace("│", " ").split())
        assert cli("users", "set-role", "wang", "--role", "reviewer").code == 0
        assert not services.people.listing()[0].only_assigned

    def test_a_password_is_no_argument(self, cli, typed, services):
        typed(f"{PASSWORD}\n")
        assert cli("users", "add", "wang", PASSWORD, "--role", "agent").code == 2
        assert cli("users", "add", "wang", "--password", PASSWORD, "--role", "agent").code == 2
        assert services.people.listing() == []

    def test_a_bad_password_is_named_and_not_repeated(self, cli, typed, services):
        typed("shortish\n")
        ran = cli("users", "add", "wang", "--role", "agent")

        assert ran.code == 2
        assert "12 to 200" in ran.stderr
        assert "shortish" not in ran.stderr

    def test_role_password_and_activity_change(self, cli, typed, services):
        services.people.add("wang", role=Role.AGENT, scope=Scope(agent_ids=frozenset({"a-7"})), password=PASSWORD)
        typed("another horse battery\n")

        assert cli("users", "set-password", "wang").code == 0
        assert cli("users", "set-role", "wang", "--role", "team_lead", "--group", "night").code == 0
        (user,) = services.people.listing()
        assert (user.role, user.scope) == (Role.TEAM_LEAD, Scope(groups=frozenset({"night"})))
        assert opens(services, "wang", "another horse battery")
        assert cli("users", "deactivate", "wang").code == 0
        assert not opens(services, "wang", "another horse battery")
        assert cli("users", "activate", "wang").code == 0
        assert opens(services, "wang", "another horse battery")

    def test_users_are_listed_without_their_hashes(self, cli, services):
        services.people.add("wang", role=Role.AGENT, display_name="[red]王敏", password=PASSWORD)
        services.people.add("new", role=Role.AUDITOR)
        ran = cli("users", "list")

        assert ran.code == 0
        for word in ("wang", "[red]王敏", "agent", "auditor", "no way in"):
            assert word in "".join(ran.text.split("\n")) or word.split()[0] in ran.text
        assert "argon2" not in ran.text

    def test_nobody_of_that_name(self, cli, services):
        ran = cli("users", "deactivate", "li")
        assert (ran.code, "no user of this name" in ran.stderr) == (2, True)


class TestKeys:
    def test_a_key_has_the_role_the_scope_and_the_end_that_it_is_given(self, cli, services):
        cli("keys", "new", "crm", "--role", "reviewer", "--shop", "demo", "--days", "30")

        (key,) = services.access.keys()
        assert (key.role, key.scope) == (Role.REVIEWER, Scope(shops=frozenset({"demo"})))
        assert (key.expires_at - key.created_at).days in (29, 30)

    def test_a_rotated_key_is_printed(self, cli, services):
        old = services.access.issue_key("crm", role=Role.REVIEWER)
        ran = cli("keys", "rotate", old.key.id)

        assert services.access.key_principal(ran.text.strip()) == old.key.principal

    def test_keys_are_listed_without_their_secrets(self, cli, services):
        issued = services.access.issue_key("crm", role=Role.REVIEWER, scope=Scope(groups=frozenset({"night"})))
        ran = cli("keys", "list")

        assert ran.code == 0
        assert issued.secret not in ran.text
        assert "crm" in ran.text

    def test_a_revoked_key_opens_nothing(self, cli, services):
        secret = services.access.new_key("crm")
        assert cli("keys", "revoke", "crm").code == 0
        assert services.access.key_principal(secret) is None
