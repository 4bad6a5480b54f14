"""People at the pages: logging in with a password, what each role is shown and may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.session import form_token
from qa_service.domain.identity import PERMISSIONS, Permission, Role, Scope
from qa_service.workflows.attempts import ATTEMPTS_A_NAME
from tests.fakes.services import FakeServices
from tests.unit.api.test_guard import NEEDED

PASSWORD = "correct horse battery"


@pytest.fixture
def browser(services: FakeServices) -> Iterator[TestClient]:
    """Nobody's yet; reads English."""
    services.people.add("wang", role=Role.REVIEWER, display_name="王敏", password=PASSWORD)
    with TestClient(create_app(services), follow_redirects=True) as client:
        client.headers["Accept-Language"] = "en"
        yield client


def token_in(page: str) -> str:
    found = re.search(r'name="form_token"\s+value="([^"]+)"', page)
    assert found is not None
    return found[1]


def log_in(browser: TestClient, name: str = "wang", password: str = PASSWORD) -> Any:
    token = token_in(browser.get("/login").text)
    return browser.post("/login/password", data={"form_token": token, "name": name, "password": password})


def log_in_as(services: FakeServices, browser: TestClient, role: Role) -> None:
    services.people.add(f"the-{role}", role=role, password=PASSWORD)
    assert log_in(browser, f"the-{role}").status_code == 200


def own_token(browser: TestClient) -> str:
    return form_token(browser.cookies["qa_session"])


class TestLogIn:
    def test_a_name_and_a_password_open_the_queue_and_the_head_says_who_it_is(self, browser: TestClient) -> None:
        page = log_in(browser).text
        head = page.split("</header>")[0]
        assert "王敏" in head
        assert "reviewer" in head
        assert "Review queue" in page or "Queue" in page

    @pytest.mark.parametrize(("name", "password"), [("wang", "wrong"), ("nobody", PASSWORD)], ids=["password", "name"])
    def test_every_failure_looks_the_same(self, browser: TestClient, name: str, password: str) -> None:
        answer = log_in(browser, name, password)
        assert answer.status_code == 401
        assert "no user with this name and this password" in answer.text
        assert "qa_session" not in browser.cookies
        assert password not in answer.text

    def test_a_known_and_an_unknown_name_get_the_same_page(self, browser: TestClient) -> None:
        assert log_in(browser, "wang", "wrong").text == log_in(browser, "nobody", "wrong").text

    @pytest.mark.parametrize("name", ["wang", "nobody"])
    def test_too_many_attempts_are_answered_alike(self, browser: TestClient, name: str) -> None:
        for _ in range(ATTEMPTS_A_NAME):
            log_in(browser, name, "wrong")
        answer = log_in(browser, name)
        assert answer.status_code == 429
        assert "Too many attempts" in answer.text

    def test_the_form_needs_the_token_of_this_browser(self, services: FakeServices, browser: TestClient) -> None:
        browser.get("/login")
        with TestClient(create_app(services)) as other:
            foreign = token_in(other.get("/login").text)
        for token in ("", foreign):
            data = {"form_token": token, "name": "wang", "password": PASSWORD}
            assert browser.post("/login/password", data=data).status_code == 403
        browser.cookies.clear()
        data = {"form_token": foreign, "name": "wang", "password": PASSWORD}
        assert browser.post("/login/password", data=data).status_code == 403
        assert "qa_session" not in browser.cookies

    def test_a_session_given_to_the_browser_before_is_not_the_one_after(
        self, services: FakeServices, browser: TestClient
    ) -> None:
        planted = services.access.log_in(services.access.new_login_token(), "attacker")
        assert planted is not None
        browser.get("/login")
        browser.cookies.set("qa_session", planted)
        visit = form_token(browser.cookies["qa_visit"])
        data = {"form_token": visit, "name": "wang", "password": PASSWORD}
        answer = browser.post("/login/password", data=data, follow_redirects=False)

        assert answer.status_code == 303
        assert planted not in answer.headers["set-cookie"]
        assert services.access.session(planted) is None

    def test_the_session_is_out_of_reach_of_scripts_and_other_sites(self, browser: TestClient) -> None:
        token = token_in(browser.get("/login").text)
        data = {"form_token": token, "name": "wang", "password": PASSWORD}
        cookie = browser.post("/login/password", data=data, follow_redirects=False).headers["set-cookie"].lower()
        assert all(word in cookie for word in ("qa_session=", "httponly", "samesite=strict", "path=/"))

    def test_without_users_only_the_link_is_offered(self, anonymous: TestClient) -> None:
        assert "/login/password" not in anonymous.get("/login").text

    def test_logging_out_ends_the_session(self, services: FakeServices, browser: TestClient) -> None:
        log_in(browser)
        secret = browser.cookies["qa_session"]
        browser.post("/logout", data={"form_token": own_token(browser)})
        assert services.access.session(secret) is None

    @pytest.mark.parametrize("change", [{"role": Role.AUDITOR}, {"is_active": False}], ids=["role", "activity"])
    def test_another_role_or_being_shut_out_ends_what_is_open(
        self, services: FakeServices, browser: TestClient, change: dict[str, Any]
    ) -> None:
        log_in(browser)
        assert browser.get("/queue").status_code == 200
        services.people.change("wang", **change)
        assert browser.get("/queue").status_code == 401


class TestNames:
    def test_a_user_signs_with_the_own_name_and_cannot_change_it(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any]
    ) -> None:
        key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
        chat_id = browser.post("/v1/conversations", json=chat, headers=key).json()["id"]
        services.work()
        page = log_in(browser).text
        assert 'action="/name"' not in page
        answer = browser.post("/name", data={"form_token": own_token(browser), "name": "李雷"})
        assert answer.status_code == 403

        browser.cookies.set("qa_reviewer", "li-lei")
        address = re.search(r'action="(/chats/[^"]+/verdict)"', browser.get(f"/chats/{chat_id}").text)
        assert address is not None
        browser.post(address[1], data={"form_token": own_token(browser), "decision": "confirm"})
        detail = browser.get(f"/v1/conversations/{chat_id}", headers=key).json()
        assert [verdict["reviewer"] for verdict in detail["verdicts"]] == ["wang"]


PAGES = [
    pytest.param(*name.split(" "), needed, id=name)
    for name, needed in NEEDED.items()
    if not name.split(" ")[1].startswith("/v1/") and needed != "open"
]


class TestRoles:
    @pytest.mark.parametrize("role", Role)
    def test_every_page_is_open_to_the_roles_that_may_and_to_no_other(
        self, services: FakeServices, browser: TestClient, role: Role
    ) -> None:
        log_in_as(services, browser, role)
        wrong = {}
        for method, path, needed in (param.values for param in PAGES):
            if path == "/logout":
                continue
            address = path.replace(":path", "").replace("{", "").replace("}", "")
            data = {"form_token": own_token(browser)} if method == "POST" else None
            answer = browser.request(method, address, data=data, follow_redirects=False)
            may = not needed or any(permission in PERMISSIONS[role] for permission in needed)
            refused = answer.status_code == 403 and path != "/name"
            if refused is may:
                wrong[f"{method} {path}"] = answer.status_code
        assert wrong == {}

    @pytest.mark.parametrize(
        ("method", "path", "needed"), [param for param in PAGES if str(param.id).startswith("POST")]
    )
    def test_every_form_needs_the_token_of_its_session(
        self, services: FakeServices, browser: TestClient, method: str, path: str, needed: Any
    ) -> None:
        log_in_as(services, browser, Role.ADMIN)
        stranger = services.access.log_in(services.access.new_login_token(), "stranger")
        assert stranger is not None
        address = path.replace("{", "").replace("}", "")
        filled = {"decision": "confirm", "reason": "x", "name": "x", "role": "agent", "password": PASSWORD}
        for token in ("", form_token(stranger), "é"):
            answer = browser.post(address, data={"form_token": token, **filled}, follow_redirects=False)
            assert answer.status_code == 403
        assert services.access.session(browser.cookies["qa_session"]) is not None

    @pytest.mark.parametrize("role", Role)
    def test_the_menu_has_what_the_role_may_open(self, services: FakeServices, browser: TestClient, role: Role) -> None:
        log_in_as(services, browser, role)
        menu = browser.get("/shop").text.split("<nav")[1].split("</nav>")[0]
        for place in re.findall(r'href="(/[^"]+)"', menu):
            assert browser.get(place).status_code == 200
        assert ("/dead-letters" in menu) is (Permission.OPERATE in PERMISSIONS[role])
        assert ("/audit" in menu) is (Permission.READ_AUDIT in PERMISSIONS[role])

    @pytest.mark.parametrize(
        ("role", "offered"),
        [
            (Role.ADMIN, {"confirm", "overturn", "appeal"}),
            (Role.REVIEWER, {"confirm", "overturn"}),
            (Role.AGENT, {"appeal"}),
            (Role.AUDITOR, set()),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_role_is_offered_the_decisions_it_may_take(
        self, services: FakeServices, browser: TestClient, chat: dict[str, Any], role: Role, offered: set[str]
    ) -> None:
        key = {"Authorization": f"Bearer {services.access.new_key('test')}"}
        chat_id = browser.post("/v1/conversations", json=chat, headers=key).json()["id"]
        services.work()
        log_in_as(services, browser, role)
        page = browser.get(f"/chats/{chat_id}").text
        assert set(re.findall(r'name="decision"\s+value="(\w+)"', page)) == offered
        assert ("/performance/export" in browser.get("/agents").text) is (Permission.EXPORT in PERMISSIONS[role])

    def test_the_scope_of_a_user_is_the_scope_of_the_request(self, services: FakeServices, browser: TestClient) -> None:
        shop = Scope(shops=frozenset({"demo"}))
        services.people.change("wang", scope=shop)
        log_in(browser)
        session = services.access.session(browser.cookies["qa_session"])
        assert session is not None
        assert session.user is not None
        assert session.user.principal.scope == shop
