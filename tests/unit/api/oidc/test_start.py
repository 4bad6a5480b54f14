"""The way to an identity provider: where it leads, who may take it, where it is offered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.domain.audit import AuditEvent
from qa_service.workflows.attempts import ATTEMPTS_AN_ADDRESS
from tests.fakes.services import FakeServices
from tests.identity_provider import (
    Provider,
    identity_provider,
)
from tests.unit.api.oidc.steps import begin, log_in, rows, sessions


class TestStart:
    @pytest.mark.parametrize(
        "description",
        [
            {"issuer": "http://127.0.0.1/other"},
            {"authorization_endpoint": "https://evil.example/authorize"},
            {"authorization_endpoint": "http://[/"},
            {"token_endpoint": None},
            {"jwks_uri": 7},
        ],
        ids=["another issuer", "leads elsewhere", "no address", "no token address", "no keys"],
    )
    def test_a_description_that_is_not_the_issuers_own_leads_nowhere(
        self, services: FakeServices, browser: TestClient, provider: Provider, description: dict[str, Any]
    ) -> None:
        provider.description = description
        answer = browser.get("/login/oidc")
        assert answer.status_code == 503
        assert "location" not in answer.headers
        assert [row.on["why"] for row in rows(services, AuditEvent.LOGIN_FAILED)] == ["provider"]

    @pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri"])
    def test_the_secret_and_the_trust_go_to_the_issuers_host_alone(
        self, services: FakeServices, browser: TestClient, provider: Provider, name: str
    ) -> None:
        with identity_provider(provider.now) as other:
            provider.description = {name: other.issuer + "/token"}
            assert log_in(browser, provider).status_code == 503
            assert other.asked == []
        assert sessions(services) == 0

    def test_a_provider_inside_of_the_network_needs_the_switch(self, provider: Provider) -> None:
        services = FakeServices(settings=provider.settings(oidc_allow_private=False))
        with TestClient(create_app(services), follow_redirects=False) as client:
            assert client.get("/login/oidc").status_code == 503
        assert provider.asked == []

    def test_every_log_in_has_a_secret_of_its_own(self, browser: TestClient) -> None:
        values = [re.findall(r"(?:state|nonce|code_challenge)=([^&]+)", begin(browser)) for _ in range(2)]
        assert len({*values[0], *values[1]}) == 6
        assert browser.cookies["qa_oidc"] not in str(values)

    def test_too_many_attempts_are_refused_before_the_provider_is_asked(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        back = provider.visit(begin(browser))
        for _ in range(ATTEMPTS_AN_ADDRESS):
            browser.get("/login/oidc/callback", params={"code": "x", "state": "wrong"})
        provider.asked.clear()
        for answer in (browser.get("/login/oidc"), browser.get(back)):
            assert answer.status_code == 429
            assert "Too many attempts" in answer.text
        assert provider.asked == []
        assert sessions(services) == 0

    def test_those_who_get_in_use_up_no_attempts(
        self, services: FakeServices, browser: TestClient, provider: Provider
    ) -> None:
        log_in(browser, provider)
        assert [count for count, _ in services.unit_of_work._store.attempts.values()] == [0]


class TestButton:
    def test_it_is_there_where_a_provider_is_set(self, browser: TestClient) -> None:
        assert 'href="/login/oidc"' in browser.get("/login").text

    def test_without_one_there_is_no_button_and_no_address(self) -> None:
        with TestClient(create_app(FakeServices()), follow_redirects=False) as client:
            assert "/login/oidc" not in client.get("/login").text
            assert client.get("/login/oidc").status_code == 404
            assert client.get("/login/oidc/callback").status_code == 404
