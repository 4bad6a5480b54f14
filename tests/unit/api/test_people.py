"""Users and keys over the API, and the page of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.session import form_token
from qa_service.domain.identity import EVERYTHING, Principal, Role, Scope
from tests.fakes.services import FakeServices

PASSWORD = "correct horse battery"
SHOP = Scope(shops=frozenset({"demo"}))


def opens(services: FakeServices, name: str, password: str = PASSWORD) -> bool:
    return services.log_in.log_in(name, password, address="::1") is not None


class TestUsers:
    def test_a_user_is_added_listed_and_logs_in(self, services: FakeServices, client: TestClient) -> None:
        user = {"name": "Wang", "display_name": "王敏", "role": "reviewer", "scope": {"shops": ["b", "a"]}}
        answer = client.post("/v1/users", json={**user, "password": PASSWORD})

        assert answer.status_code == 201
        scope = {"shops": ["a", "b"], "groups": None, "agent_ids": None}
        shown = {
            **user,
            "name": "wang",
            "scope": scope,
            "only_assigned": False,
            "is_active": True,
            "has_password": True,
        }
        shown |= {"email": None, "subject": None}
        assert {**answer.json(), "created_at": None} == {**shown, "created_at": None}
        assert client.get("/v1/users").json() == {"users": [answer.json()]}
        assert opens(services, "wang")

    def test_a_name_is_taken_once(self, client: TestClient) -> None:
        assert client.post("/v1/users", json={"name": "wang", "role": "agent"}).status_code == 201
        answer = client.post("/v1/users", json={"name": "WANG", "role": "admin"})
        assert (answer.status_code, answer.json()["field"]) == (409, "name")

    def test_how_a_provider_knows_a_user_is_given_once_changed_and_taken_away(self, client: TestClient) -> None:
        user = {"role": "agent", "email": " Wang@Example.com", "subject": "s-1"}
        made = client.post("/v1/users", json={**user, "name": "wang"}).json()
        assert (made["email"], made["subject"]) == ("wang@example.com", "s-1")
        for field, value in (("email", "WANG@example.com"), ("subject", "s-1")):
            answer = client.post("/v1/users", json={"name": "li", "role": "agent", field: value})
            assert (answer.status_code, answer.json()["field"]) == (409, field)
        changed = client.post("/v1/users/wang", json={"email": "", "subject": "s-2"}).json()
        assert (changed["email"], changed["subject"]) == (None, "s-2")
        assert client.post("/v1/users/wang", json={"role": "admin"}).json()["subject"] == "s-2"

    @pytest.mark.parametrize("email", ["wang", "a@b@c", "a b@c", "@c", "x" * 250 + "@c.de"], ids=lambda text: text[:8])
    def test_what_cannot_be_an_email(self, client: TestClient, email: str) -> None:
        answer = client.post("/v1/users", json={"name": "wang", "role": "agent", "email": email})
        assert (answer.status_code, client.get("/v1/users").json()) == (422, {"users": []})

    def test_no_answer_has_a_password_in_it(self, client: TestClient) -> None:
        made = client.post("/v1/users", json={"name": "wang", "role": "agent", "password": PASSWORD})
        bad = client.post("/v1/users", json={"name": "li", "role": "agent", "password": "horse" * 60})
        assert bad.status_code == 422
        for answer in (made, bad, client.get("/v1/users")):
            assert "horse" not in answer.text
            assert "argon2" not in answer.text

    def test_what_is_given_changes_and_the_rest_stays(self, services: FakeServices, client: TestClient) -> None:
        services.people.add("wang", role=Role.REVIEWER, display_name="王敏", scope=SHOP, password=PASSWORD)
        session = services.log_in.log_in("wang", PASSWORD, address="::1")
        answer = client.post("/v1/users/wang", json={"role": "team_lead"}).json()
        assert (answer["role"], answer["display_name"], answer["scope"]["shops"]) == ("team_lead", "王敏", ["demo"])
        assert services.access.session(session or "") is None

        client.post("/v1/users/wang", json={"scope": {}})
        assert services.people.listing()[0].scope == EVERYTHING
        client.post("/v1/users/wang", json={"is_active": False})
        assert not opens(services, "wang")
        client.post("/v1/users/wang", json={"is_active": True, "password": "another horse battery"})
        assert opens(services, "wang", "another horse battery")

    def test_nobody_of_that_name(self, client: TestClient) -> None:
        assert client.post("/v1/users/li", json={"role": "agent"}).status_code == 404


class TestKeys:
    def test_a_key_is_made_shown_once_and_opens(self, services: FakeServices, client: TestClient) -> None:
        key = {"name": "crm", "scope": {"shops": ["demo"]}, "expires_at": "2027-01-01T00:00:00Z"}
        answer = client.post("/v1/keys", json=key)

        assert answer.status_code == 201
        secret = answer.json()["secret"]
        assert services.access.key_principal(secret) == Principal(name="key:crm", role=Role.INTEGRATION, scope=SHOP)
        listed = client.get("/v1/keys")
        assert listed.json()["keys"][-1]["id"] == answer.json()["key"]["id"]
        assert secret not in listed.text

    def test_a_key_is_rotated_and_revoked(self, services: FakeServices, client: TestClient) -> None:
        old = services.access.issue_key("crm", role=Role.REVIEWER)
        new = client.post(f"/v1/keys/{old.key.id}/rotate").json()
        assert services.access.key_principal(new["secret"]) == old.key.principal
        assert services.access.key_principal(old.secret) == old.key.principal

        revoked = client.post(f"/v1/keys/{old.key.id}/revoke")
        assert revoked.json()["revoked_at"] is not None
        assert services.access.key_principal(old.secret) is None
        assert client.post(f"/v1/keys/{old.key.id}/revoke").status_code == 404
        assert client.post(f"/v1/keys/{old.key.id}/rotate").status_code == 404

    def test_a_key_that_would_have_ended_is_refused(self, client: TestClient) -> None:
        answer = client.post("/v1/keys", json={"name": "crm", "expires_at": "2001-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["field"]) == (422, "expires_at")

    def test_an_admin_of_one_shop_makes_nobody_who_sees_more(self, services: FakeServices, client: TestClient) -> None:
        issued = services.access.issue_key("shop", role=Role.ADMIN, scope=SHOP)
        client.headers["Authorization"] = f"Bearer {issued.secret}"
        for path in ("/v1/keys", "/v1/users"):
            assert client.get(path).status_code == 403
            assert client.post(path, json={"name": "x", "role": "admin"}).status_code == 403


@pytest.fixture
def browser(services: FakeServices) -> Iterator[TestClient]:
    """An administrator by the link, who reads English."""
    with TestClient(create_app(services), follow_redirects=True) as browser:
        browser.headers["Accept-Language"] = "en"
        browser.get("/login", params={"token": services.access.new_login_token()})
        yield browser


def send(browser: TestClient, path: str, **fields: Any) -> Any:
    return browser.post(path, data={"form_token": form_token(browser.cookies["qa_session"]), **fields})


class TestPage:
    def test_a_person_is_added_and_shown(self, services: FakeServices, browser: TestClient) -> None:
        assert "Nobody logs in with a name yet" in browser.get("/people").text
        fields = {
            "name": "wang",
            "display_name": "王<敏",
            "role": "agent",
            "shops": "demo， other,",
            "agent_ids": "a-7",
        }
        page = send(browser, "/people", password=PASSWORD, **fields)

        assert page.status_code == 200
        assert "王&lt;敏" in page.text
        (user,) = services.people.listing()
        assert user.scope == Scope(shops=frozenset({"demo", "other"}), agent_ids=frozenset({"a-7"}))
        assert opens(services, "wang")

    @pytest.mark.parametrize(
        ("fields", "status", "words"),
        [
            ({"name": "a b"}, 422, "A user name takes"),
            ({"name": "li", "password": "short"}, 422, "A password takes"),
            ({"name": "WANG"}, 409, "has this user name, e-mail or id already"),
        ],
        ids=["name", "password", "taken"],
    )
    def test_what_cannot_be_is_said_beside_the_form(
        self, services: FakeServices, browser: TestClient, fields: dict[str, str], status: int, words: str
    ) -> None:
        services.people.add("wang", role=Role.AGENT)
        answer = send(browser, "/people", role="agent", **{"password": PASSWORD, **fields})
        assert answer.status_code == status
        assert words in answer.text
        assert len(services.people.listing()) == 1

    def test_rights_change_with_the_form_and_an_empty_box_shuts_out(
        self, services: FakeServices, browser: TestClient
    ) -> None:
        services.people.add("wang", role=Role.AGENT, scope=SHOP, password=PASSWORD)
        send(browser, "/people/wang", role="auditor", display_name="王", groups="night", is_active="true")
        (user,) = services.people.listing()
        assert (user.role, user.display_name, user.is_active) == (Role.AUDITOR, "王", True)
        assert user.scope == Scope(groups=frozenset({"night"}))
        send(browser, "/people/wang", role="auditor")
        assert not opens(services, "wang")
        assert "shut out" in browser.get("/people").text

    def test_the_form_says_how_the_provider_knows_them(self, services: FakeServices, browser: TestClient) -> None:
        services.people.add("wang", role=Role.AGENT, email="wang@example.com")
        assert 'value="wang@example.com"' in browser.get("/people").text
        assert "no e-mail address" in send(browser, "/people/wang", role="agent", email="wang").text
        send(browser, "/people", name="li", role="agent", email="li@example.com")
        assert "already" in send(browser, "/people/li", role="agent", email="wang@example.com").text
        send(browser, "/people/wang", role="agent", is_active="true", subject="s-1")
        assert [(user.email, user.subject) for user in services.people.listing()] == [
            ("li@example.com", None),
            (None, "s-1"),
        ]

    def test_a_password_is_set(self, services: FakeServices, browser: TestClient) -> None:
        services.people.add("wang", role=Role.AGENT)
        assert "no way in yet" in browser.get("/people").text
        send(browser, "/people/wang/password", password=PASSWORD)
        assert opens(services, "wang")
        assert "A password takes" in send(browser, "/people/wang/password", password="short").text

    def test_a_key_is_shown_once(self, services: FakeServices, browser: TestClient) -> None:
        page = send(browser, "/keys", name="crm", role="integration", shops="demo", days="30").text
        secret = re.search(r"qas_[\w-]{43}", page)
        assert secret is not None
        assert services.access.key_principal(secret[0]) == Principal(name="key:crm", role=Role.INTEGRATION, scope=SHOP)
        assert "qas_" not in browser.get("/people").text

    def test_a_key_is_rotated_and_revoked(self, services: FakeServices, browser: TestClient) -> None:
        old = services.access.issue_key("crm", role=Role.REVIEWER)
        page = send(browser, f"/keys/{old.key.id}/rotate").text
        assert re.search(r"qas_[\w-]{43}", page)
        send(browser, f"/keys/{old.key.id}/revoke")
        assert services.access.key_principal(old.secret) is None
        assert f"/keys/{old.key.id}/rotate" not in browser.get("/people").text

    def test_whoever_may_not_is_told_why(self, services: FakeServices, browser: TestClient) -> None:
        services.people.add("wang", role=Role.REVIEWER, password=PASSWORD)
        secret = services.log_in.log_in("wang", PASSWORD, address="::1")
        browser.cookies.clear()
        browser.cookies.set("qa_session", secret or "")
        answer = browser.get("/people")
        assert answer.status_code == 403
        assert "Your role" in answer.text
        assert 'href="/people"' not in answer.text
