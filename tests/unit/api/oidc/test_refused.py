"""What comes back from an identity provider and opens no session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.domain.audit import AuditEvent
from tests.fakes.services import FakeServices
from tests.fakes.stages import FakeClock
from tests.identity_provider import (
    LIFE_SECONDS,
    Provider,
    rsa_key,
    signed_by_stranger,
    signed_with_client_secret,
    signed_with_public_key,
    unsigned,
)
from tests.unit.api.oidc.steps import LEEWAY_SECONDS, begin, log_in, rows, sessions

WRONG_TOKENS: list[Any] = [
    pytest.param({"nonce": "other"}, id="nonce of another log-in"),
    pytest.param({"nonce": None}, id="no nonce"),
    pytest.param({"nonce": ["other"]}, id="nonce that is no text"),
    pytest.param({"exp": 1}, id="over"),
    pytest.param({"exp": None}, id="without an end"),
    pytest.param({"exp": "never"}, id="end that is no number"),
    pytest.param({"iat": 4_000_000_000}, id="from the future"),
    pytest.param({"aud": "somebody else"}, id="for somebody else"),
    pytest.param({"aud": None}, id="for nobody"),
    pytest.param({"aud": ["qa service", "other"]}, id="for several, made for nobody"),
    pytest.param({"azp": "other"}, id="made for another"),
    pytest.param({"iss": "http://127.0.0.1/realms/other"}, id="of another issuer"),
    pytest.param({"iss": None}, id="of no issuer"),
    pytest.param({"sub": None}, id="of nobody"),
    pytest.param({"sub": ""}, id="of an empty subject"),
    pytest.param({"sub": "s\x00"}, id="of an unprintable subject"),
    pytest.param({"sub": "s" * 256}, id="of an endless subject"),
]
FORGED: list[Any] = [
    pytest.param(unsigned, id="not signed"),
    pytest.param(signed_by_stranger, id="signed by a stranger"),
    pytest.param(signed_with_client_secret, id="signed with the client's secret"),
    pytest.param(signed_with_public_key, id="signed with the public key"),
    pytest.param(lambda _: "e30.e30.x", id="without an algorithm"),
    pytest.param(lambda _: "not a token", id="no token"),
    pytest.param(lambda _: "é.ü.ß", id="not even base64"),
]


class TestRefused:
    """Each opens no session, says so on the page, and leaves its reason in the audit log."""

    def refused(
        self,
        services: FakeServices,
        browser: TestClient,
        answer: Any,
        *,
        status: int,
        says: str,
        why: str,
        user: str = "",
    ) -> None:
        assert answer.status_code == status
        assert says in answer.text
        assert sessions(services) == 0
        assert "qa_session" not in browser.cookies
        (row,) = rows(services, AuditEvent.LOGIN_FAILED)
        assert row.on == {"with": "oidc", "why": why} | ({"user": user} if user else {})
        assert rows(services, AuditEvent.LOGGED_IN) == []

    @pytest.mark.parametrize("claims", WRONG_TOKENS)
    def test_a_token_that_is_wrong(
        self, services: FakeServices, browser: TestClient, provider: Provider, claims: dict[str, Any]
    ) -> None:
        provider.claims = claims
        self.refused(services, browser, log_in(browser, provider), status=401, says="did not go through", why="token")

    @pytest.mark.parametrize("sign", FORGED)
    def test_a_token_that_is_forged(
        self, services: FakeServices, browser: TestClient, provider: Provider, sign: Callable[[dict[str, Any]], str]
    ) -> None:
        provider.sign = sign
        self.refused(services, browser, log_in(browser, provider), status=401, says="did not go through", why="token")

    def test_a_token_just_over(
        self, services: FakeServices, browser: TestClient, provider: Provider, clock: FakeClock
    ) -> None:
        now = int(clock.now().timestamp())
        provider.claims = {"iat": now - LIFE_SECONDS - LEEWAY_SECONDS, "exp": now - LEEWAY_SECONDS}
        self.refused(services, browser, log_in(browser, provider), status=401, says="did not go through", why="token")

    def test_a_key_that_the_provider_no_longer_has(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        provider.keys = [dict(rsa_key("stranger").as_dict(private=False))]
        self.refused(services, browser, log_in(browser, provider), status=401, says="did not go through", why="token")

    @pytest.mark.parametrize("state", ["", "other", "é"], ids=["none", "other", "not ascii"])
    def test_a_state_of_another_browser_and_the_provider_is_not_asked(
        self, services: FakeServices, browser: TestClient, provider: Provider, state: str
    ) -> None:
        provider.visit(begin(browser))
        provider.asked.clear()
        answer = browser.get("/login/oidc/callback", params={"code": "code-0", "state": state})
        self.refused(services, browser, answer, status=401, says="did not go through", why="state")
        assert provider.asked == []

    def test_the_answer_in_a_browser_that_did_not_ask(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        back = provider.visit(begin(browser))
        with TestClient(create_app(services), headers={"Accept-Language": "en"}) as victim:
            self.refused(services, victim, victim.get(back), status=401, says="did not go through", why="state")

    def test_a_stolen_code_in_the_log_in_of_somebody_else(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        stolen = provider.visit(begin(browser)).split("code=")[1].split("&")[0]
        state = provider.visit(begin(browser)).split("state=")[1]
        answer = browser.get("/login/oidc/callback", params={"code": stolen, "state": state})
        self.refused(services, browser, answer, status=503, says="does not answer as it should", why="provider")

    def test_a_person_who_said_no_at_the_provider(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        state = provider.visit(begin(browser)).split("state=")[1]
        answer = browser.get("/login/oidc/callback", params={"error": "access_denied", "state": state})
        self.refused(services, browser, answer, status=401, says="did not go through", why="denied")

    @pytest.mark.parametrize("verified", [False, None, "true", 1], ids=["no", "not said", "text", "number"])
    def test_an_email_that_the_provider_has_not_verified(
        self, services: FakeServices, browser: TestClient, provider: Provider, verified: Any
    ) -> None:
        provider.claims = {"email_verified": verified}
        self.refused(
            services, browser, log_in(browser, provider), status=403, says="has not verified", why="email_unverified"
        )

    @pytest.mark.parametrize(
        "email",
        ["other@example.com", "ｗang@example.com", "no address", None, 7],
        ids=["other", "look-alike", "bad", "none", "number"],
    )
    def test_somebody_whom_nobody_added_and_nobody_is_added(
        self, services: FakeServices, browser: TestClient, provider: Provider, email: Any
    ) -> None:
        provider.claims = {"email": email}
        self.refused(
            services, browser, log_in(browser, provider), status=403, says="Ask an administrator", why="no_user"
        )
        assert [user.name for user in services.people.listing()] == ["wang"]

    def test_an_address_that_was_given_to_somebody_new(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        services.people.change("wang", subject="s-0")
        self.refused(
            services, browser, log_in(browser, provider), status=403, says="Ask an administrator", why="no_user"
        )

    def test_a_user_who_was_shut_out(self, services: FakeServices, browser: TestClient, provider: Provider) -> None:
        services.people.change("wang", is_active=False)
        self.refused(
            services,
            browser,
            log_in(browser, provider),
            status=403,
            says="Ask an administrator",
            why="inactive",
            user="wang",
        )

    def test_a_code_that_was_used_opens_no_second_session(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        start = browser.get("/login/oidc")
        secret = browser.cookies["qa_oidc"]
        back = provider.visit(start.headers["location"])
        assert browser.get(back).status_code == 200
        assert browser.get(back).status_code == 401  # the browser has forgotten the way
        browser.cookies.set("qa_oidc", secret, path="/login/oidc")
        assert browser.get(back).status_code == 503  # and the provider takes a code once
        assert sessions(services) == 1
        assert [row.on["why"] for row in rows(services, AuditEvent.LOGIN_FAILED)] == ["state", "provider"]

    @pytest.mark.parametrize(
        ("name", "answer"),
        [
            ("token", (302, b"{}")),
            ("token", (500, b"{}")),
            ("token", (200, b"[]")),
            ("token", (200, b"{}")),
            ("token", (200, b"{")),
            ("token", (200, b"[" * 100_000)),
            ("token", (200, b'{"id_token": "' + b"x" * 300_000 + b'"}')),
            ("keys", (200, b'{"keys": {}}')),
            ("keys", (404, b"{}")),
        ],
        ids=["redirect", "error", "list", "empty", "broken", "deep", "too long", "no keys", "keys gone"],
    )
    def test_a_provider_that_answers_nonsense(
        self,
        services: FakeServices,
        browser: TestClient,
        provider: Provider,
        name: str,
        answer: tuple[int, bytes],
    ) -> None:
        provider.answers[name] = answer
        self.refused(
            services,
            browser,
            log_in(browser, provider),
            status=503,
            says="does not answer as it should",
            why="provider",
        )
        assert "elsewhere" not in provider.asked
