"""The own account at the pages: the old password is asked for, forms of other sessions do nothing."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.pages.session import form_token
from qa_service.domain.identity import Role
from qa_service.workflows.attempts import ATTEMPTS_A_NAME
from tests.fakes.services import FakeServices
from tests.unit.api.test_people_pages import PASSWORD, browser, log_in, own_token

__all__ = ["browser"]

NEW = "another horse battery"


def change(browser: TestClient, *, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> tuple[int, str]:
    data = {"form_token": own_token(browser), "old": old, "new": new, "again": new if again is None else again}
    answer = browser.post("/account/password", data=data)
    return answer.status_code, answer.text


def opens(services: FakeServices, password: str) -> bool:
    return services.log_in.log_in("wang", password, address="10.0.0.9") is not None


def test_somebody_takes_a_new_password(services: FakeServices, browser: TestClient) -> None:
    elsewhere = services.log_in.log_in("wang", PASSWORD, address="10.0.0.9")
    assert elsewhere is not None
    assert 'href="/account"' in log_in(browser).text

    status, page = change(browser)

    assert (status, "Your password is changed" in page) == (200, True)
    assert (opens(services, NEW), opens(services, PASSWORD)) == (True, False)
    assert services.access.session(elsewhere) is None
    assert browser.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"old": "wrong horse battery"}, 403, "not your password"),
        ({"again": "yet another battery"}, 422, "not the same"),
        ({"new": "short"}, 422, "12 to 200 characters"),
        ({"new": PASSWORD}, 422, "12 to 200 characters"),
    ],
    ids=["wrong", "mistyped", "short", "old"],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    services: FakeServices, browser: TestClient, sent: dict[str, str], status: int, said: str
) -> None:
    log_in(browser)
    answered, page = change(browser, **sent)

    assert (answered, said in page) == (status, True)
    assert opens(services, PASSWORD)


def test_too_many_tries_have_to_wait(services: FakeServices, browser: TestClient) -> None:
    log_in(browser)
    for _ in range(ATTEMPTS_A_NAME):
        assert change(browser, old="wrong horse battery")[0] == 403
    status, page = change(browser)

    assert (status, "Too many attempts" in page) == (429, True)


def test_a_form_of_another_session_changes_nothing(services: FakeServices, browser: TestClient) -> None:
    log_in(browser)
    other = services.log_in.log_in("wang", PASSWORD, address="10.0.0.9")
    assert other is not None
    data = {"form_token": form_token(other), "old": PASSWORD, "new": NEW, "again": NEW}

    assert browser.post("/account/password", data=data).status_code == 403
    assert browser.post("/account/sessions", data=data).status_code == 403
    assert opens(services, PASSWORD)
    assert services.access.session(other) is not None


def test_somebody_logs_out_everywhere_else(services: FakeServices, browser: TestClient) -> None:
    elsewhere = services.log_in.log_in("wang", PASSWORD, address="10.0.0.9")
    assert elsewhere is not None
    log_in(browser)
    page = browser.post("/account/sessions", data={"form_token": own_token(browser)})

    assert "logged out everywhere else" in page.text
    assert services.access.session(elsewhere) is None
    assert browser.get("/queue").status_code == 200


def test_whoever_opened_a_one_time_link_has_no_account(services: FakeServices, browser: TestClient) -> None:
    page = browser.get("/login", params={"token": services.access.new_login_token()})
    assert 'href="/account"' not in page.text
    assert browser.get("/account").status_code == 403
    assert browser.post("/account/sessions", data={"form_token": own_token(browser)}).status_code == 403


def test_somebody_of_the_company_log_in_is_offered_no_password(services: FakeServices, browser: TestClient) -> None:
    user = services.people.add("by-company", role=Role.REVIEWER, email="a@example.com")
    with services.unit_of_work() as repository:
        browser.cookies.set("qa_session", services.access.open_session(repository, name=user.name, user=user))
    page = browser.get("/account").text

    assert 'name="old"' not in page
    assert "company log-in" in page


def test_an_unknown_notice_is_refused(browser: TestClient) -> None:
    log_in(browser)
    assert browser.get("/account", params={"done": "everything"}).status_code == 422
