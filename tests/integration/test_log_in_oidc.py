"""The real app over a real store and a real provider: from the button to a page with the own role."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.domain.identity import Role, Scope
from qa_service.errors import ConfigError
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, identity_provider


def test_a_person_logs_in_at_the_provider_and_out_here(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with identity_provider(time.time) as provider:
        monkeypatch.setenv("QA_OIDC_ISSUER", provider.issuer)
        monkeypatch.setenv("QA_OIDC_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("QA_OIDC_CLIENT_SECRET", CLIENT_SECRET)
        monkeypatch.setenv("QA_OIDC_ALLOW_PRIVATE", "true")
        services = build_services(load_settings())
        try:
            services.people.add(
                "wang", role=Role.AUDITOR, scope=Scope(shops=frozenset({"a"})), email="wang@example.com"
            )
            browser = TestClient(create_app(services), follow_redirects=False)
            assert 'href="/login/oidc"' in browser.get("/login").text
            start = browser.get("/login/oidc")
            assert start.headers["location"].startswith(provider.issuer + "/authorize?")
            assert browser.get(provider.visit(start.headers["location"])).status_code == 200

            assert browser.get("/audit").status_code == 200
            assert browser.get("/people").status_code == 403
            session = services.access.session(browser.cookies["qa_session"])
            assert session is not None
            assert session.user is not None
            assert session.user.scope == Scope(shops=frozenset({"a"}))
        finally:
            services.close()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"oidc_issuer": "https://login.example"}, "QA_OIDC_CLIENT_ID"),
        ({"oidc_client_id": "qa", "oidc_client_secret": "s"}, "QA_OIDC_ISSUER"),
        ({"oidc_issuer": "http://login.example", "oidc_client_id": "qa", "oidc_client_secret": "s"}, "QA_OIDC_ISSUER"),
        ({"oidc_issuer": "ftp://login.example"}, "QA_OIDC_ISSUER"),
        ({"oidc_issuer": "https://me@login.example"}, "QA_OIDC_ISSUER"),
        ({"oidc_issuer": "https://login.example/?tenant=1"}, "QA_OIDC_ISSUER"),
        ({"oidc_issuer": "https://"}, "QA_OIDC_ISSUER"),
    ],
    ids=["issuer alone", "no issuer", "no TLS", "no web", "a name in it", "a query", "no host"],
)
def test_half_a_setting_or_a_wrong_one_is_named_at_the_start(given: dict[str, str], field: str) -> None:
    with pytest.raises(ConfigError, match=field) as refused:
        load_settings(**given)
    assert refused.value.field == field
