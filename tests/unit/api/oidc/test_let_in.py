"""Logging in at an identity provider: a real provider on loopback, and the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import Role, Scope
from tests.fakes.services import FakeServices
from tests.fakes.stages import FakeClock
from tests.identity_provider import (
    Provider,
)
from tests.unit.api.oidc.steps import LEEWAY_SECONDS, log_in, rows


class TestLetIn:
    def test_a_user_with_the_verified_email_gets_a_session_with_the_own_role_and_scope(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        answer = log_in(browser, provider)
        assert answer.status_code == 200
        assert '<meta http-equiv="refresh" content="0; url=/queue">' in answer.text
        session = services.access.session(browser.cookies["qa_session"])
        assert session is not None
        assert session.user is not None
        assert (session.user.name, session.user.role) == ("wang", Role.REVIEWER)
        assert session.user.scope == Scope(shops=frozenset({"a"}))
        assert "王敏" in browser.get("/queue").text

        (row,) = rows(services, AuditEvent.LOGGED_IN)
        assert (row.by, row.role, row.on) == ("wang", "reviewer", {"with": "oidc"})

    def test_the_subject_goes_before_the_email(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        services.people.add("li", role=Role.AUDITOR, subject="s-1")
        log_in(browser, provider)
        session = services.access.session(browser.cookies["qa_session"])
        assert session is not None
        assert session.name == "li"

    def test_the_session_is_out_of_reach_of_scripts_and_other_sites_and_the_secret_of_the_way_is_gone(
        self, browser: TestClient, provider: Provider
    ) -> None:
        start = browser.get("/login/oidc")
        way = start.headers["set-cookie"].lower()
        assert all(word in way for word in ("qa_oidc=", "httponly", "samesite=lax", "path=/login/oidc", "max-age=600"))
        cookie = browser.get(provider.visit(start.headers["location"])).headers["set-cookie"].lower()
        assert all(word in cookie for word in ("qa_session=", "httponly", "samesite=strict"))
        assert "qa_oidc" not in browser.cookies

    def test_a_session_from_before_ends(self, services: FakeServices, browser: TestClient, provider: Provider) -> None:
        planted = services.access.log_in(services.access.new_login_token(), "attacker")
        assert planted is not None
        browser.cookies.set("qa_session", planted)
        log_in(browser, provider)
        assert services.access.session(planted) is None

    def test_logging_out_ends_the_session(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        log_in(browser, provider)
        secret = browser.cookies["qa_session"]
        found = re.search(r'name="form_token"\s+value="([^"]+)"', browser.get("/queue").text)
        assert found is not None
        browser.post("/logout", data={"form_token": found[1]})
        assert services.access.session(secret) is None

    @pytest.mark.parametrize(
        "description",
        [{}, {"token_endpoint_auth_methods_supported": ["client_secret_post"]}],
        ids=["secret in the head", "secret in the form"],
    )
    def test_the_client_proves_itself_as_the_provider_takes_it(
        self, browser: TestClient, provider: Provider, description: dict[str, Any]
    ) -> None:
        provider.description = description
        assert log_in(browser, provider).status_code == 200

    @pytest.mark.parametrize("aud", [["qa service"], ["qa service", "other"]], ids=["alone", "with another"])
    def test_a_token_may_name_several_readers_if_it_was_made_for_this_one(
        self, browser: TestClient, provider: Provider, aud: list[str]
    ) -> None:
        provider.claims = {"aud": aud, "azp": "qa service"}
        assert log_in(browser, provider).status_code == 200

    def test_keys_that_sign_nothing_are_passed_over(self, browser: TestClient, provider: Provider) -> None:
        others: list[Any] = [
            "?",
            {"kty": "new"},
            {"kty": "oct", "k": "AAAA", "kid": "k-1"},
            {"use": "enc", "kty": "RSA"},
        ]
        provider.keys = others + provider.keys
        assert log_in(browser, provider).status_code == 200

    def test_clocks_may_be_a_minute_apart(self, browser: TestClient, provider: Provider, clock: FakeClock) -> None:
        provider.claims = {"iat": int(clock.now().timestamp()) + LEEWAY_SECONDS - 1}
        assert log_in(browser, provider).status_code == 200
