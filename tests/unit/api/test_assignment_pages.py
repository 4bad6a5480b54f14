"""Assignments at the pages: leads give and share, reviewers take, nobody's script or foreign form does."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.session import SESSION_COOKIE, form_token
from qa_service.domain.identity import Role, Scope
from tests.builders import conversation
from tests.fakes.services import FakeServices
from tests.fakes.stages import PROMISE


class Browser:
    """Somebody who is logged in; reads English."""

    def __init__(self, services: FakeServices, client: TestClient, name: str) -> None:
        self.client = client
        with services.unit_of_work() as repository:
            user = repository.find_user(name)
            self.session = services.access.open_session(repository, name=name, user=user)

    def get(self, path: str) -> str:
        self._log_in()
        return self.client.get(path).raise_for_status().text

    def send(self, path: str, **data: object) -> httpx.Response:
        self._log_in()
        return self.client.post(path, data={"form_token": form_token(self.session), **data})

    def _log_in(self) -> None:
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, self.session)


@pytest.fixture
def client(services: FakeServices) -> Iterator[TestClient]:
    with TestClient(create_app(services), follow_redirects=False) as client:
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture
def ids(services: FakeServices) -> list[str]:
    services.people.add("lead", role=Role.QA_LEAD)
    services.people.add("wangmin", role=Role.REVIEWER, display_name="王敏")
    services.people.add("lifang", role=Role.REVIEWER)
    services.people.add("limited", role=Role.REVIEWER, only_assigned=True)
    services.people.add("viewer", role=Role.AUDITOR)
    chats = [
        conversation("customer: 在吗", f"agent[a-7]: {PROMISE}", external_id=f"c-{n}", shop="demo") for n in (1, 2, 3)
    ]
    ids = [services.intake.submit(chat).id for chat in chats]
    services.work()
    return ids


@pytest.fixture
def lead(services: FakeServices, client: TestClient, ids: list[str]) -> Browser:
    return Browser(services, client, "lead")


@pytest.fixture
def reviewer(services: FakeServices, client: TestClient, ids: list[str]) -> Browser:
    return Browser(services, client, "wangmin")


@pytest.fixture
def limited(services: FakeServices, client: TestClient, ids: list[str]) -> Browser:
    return Browser(services, client, "limited")


QUERIES = {"assignment=mine": [1], "assignment=unassigned": [3], "assignee=lifang": [2], "assignment=": [1, 2, 3]}
"""Queries of the queue and the chats that they leave where the first is wangmin's and the second lifang's."""


def assignees(services: FakeServices, ids: list[str]) -> list[str | None]:
    with services.unit_of_work(is_read_only=True) as repository:
        return [repository.get(one).assignee for one in ids]


def test_a_reviewer_takes_the_next_chat_until_nothing_waits(
    services: FakeServices, reviewer: Browser, ids: list[str]
) -> None:
    opened = [reviewer.send("/queue/next").headers["Location"] for _ in range(4)]

    assert sorted(opened[:3]) == sorted(f"/chats/{one}" for one in ids)
    assert opened[3] == "/queue?assignment=mine"
    assert assignees(services, ids) == ["wangmin"] * 3


def test_the_queue_says_whose_each_chat_is_and_narrows_to_own_and_to_nobodys(
    services: FakeServices, reviewer: Browser, lead: Browser, ids: list[str]
) -> None:
    reviewer.send(f"/chats/{ids[0]}/assignee", reviewer="wangmin")
    lead.send(f"/chats/{ids[1]}/assignee", reviewer="lifang")
    everybody = reviewer.get("/queue")

    assert "Assigned to wangmin" in everybody
    assert "Assigned to lifang" in everybody
    shown = {one: [n for n in (1, 2, 3) if f">c-{n}<" in reviewer.get(f"/queue?{one}")] for one in QUERIES}
    assert shown == QUERIES


def test_an_unknown_assignment_is_refused(reviewer: Browser) -> None:
    reviewer._log_in()
    assert reviewer.client.get("/queue?assignment=everybody").status_code == 422


def test_one_takes_a_chat_and_gives_it_back(services: FakeServices, reviewer: Browser, ids: list[str]) -> None:
    assert "Take it" in reviewer.get(f"/chats/{ids[0]}")
    reviewer.send(f"/chats/{ids[0]}/assignee", reviewer="wangmin")
    page = reviewer.get(f"/chats/{ids[0]}")
    assert "Assigned to wangmin" in page
    assert "Take it" not in page
    assert reviewer.send(f"/chats/{ids[0]}/assignee").headers["Location"] == f"/chats/{ids[0]}"
    assert assignees(services, ids[:1]) == [None]


def test_two_who_want_the_same_chat_hear_that_the_other_was_faster(
    services: FakeServices, reviewer: Browser, lead: Browser, ids: list[str]
) -> None:
    lead.send(f"/chats/{ids[0]}/assignee", reviewer="lifang")
    answer = reviewer.send(f"/chats/{ids[0]}/assignee", reviewer="wangmin")

    assert answer.status_code == 409
    assert "Somebody else was faster" in answer.text
    assert assignees(services, ids[:1]) == ["lifang"]


def test_a_lead_gives_ticked_chats_and_stays_on_the_page(services: FakeServices, lead: Browser, ids: list[str]) -> None:
    page = lead.get("/queue?shop=demo")
    assert page.count('name="conversation_id"') == 3
    query = "shop=demo&state=&cursor=%0d%0aX:1"
    answer = lead.send("/queue/assign", conversation_id=ids[:2], reviewer="wangmin", query=query)

    assert answer.headers["Location"] == "/queue?shop=demo&cursor=%0D%0AX%3A1"
    assert assignees(services, ids) == ["wangmin", "wangmin", None]
    lead.send("/queue/assign", conversation_id=ids[:1])
    assert assignees(services, ids) == [None, "wangmin", None]
    assert lead.send("/queue/assign", reviewer="wangmin").status_code == 303


def test_a_lead_shares_the_queue_and_takes_it_back(services: FakeServices, lead: Browser, ids: list[str]) -> None:
    before = lead.get("/assignments")
    assert "3 open chats are nobody&#39;s" in before
    assert "王敏" in before
    lead.send("/assignments/share", reviewer=["wangmin", "lifang"])
    assert sorted(assignees(services, ids), key=str) == ["lifang", "lifang", "wangmin"]
    lead.send("/assignments/return", reviewer="lifang")
    assert sorted(assignees(services, ids), key=str) == [None, None, "wangmin"]
    assert lead.send("/assignments/share").status_code == 303
    assert sorted(assignees(services, ids), key=str) == [None, None, "wangmin"]


def test_nobody_but_leads_is_offered_to_give_chats_away(reviewer: Browser, ids: list[str]) -> None:
    assert 'name="conversation_id"' not in reviewer.get("/queue")
    assert '<select name="reviewer"' not in reviewer.get(f"/chats/{ids[0]}")
    assert 'href="/assignments"' not in reviewer.get("/queue")


def test_who_decides_nothing_is_offered_nothing(services: FakeServices, client: TestClient, ids: list[str]) -> None:
    browser = Browser(services, client, "viewer")
    assert "/queue/next" not in browser.get("/queue")
    assert "/assignee" not in browser.get(f"/chats/{ids[0]}")


def test_a_form_of_another_session_assigns_nothing(services: FakeServices, lead: Browser, ids: list[str]) -> None:
    lead._log_in()
    forged = {"form_token": "0" * 64, "reviewer": "wangmin", "conversation_id": ids[0]}
    for path in (
        "/queue/assign",
        "/queue/next",
        "/assignments/share",
        "/assignments/return",
        f"/chats/{ids[0]}/assignee",
    ):
        assert lead.client.post(path, data=forged).status_code == 403
    assert assignees(services, ids) == [None] * 3


class TestAssignedOnly:
    def test_nothing_else_is_seen(
        self, services: FakeServices, limited: Browser, lead: Browser, ids: list[str]
    ) -> None:
        lead.send(f"/chats/{ids[0]}/assignee", reviewer="limited")
        page = limited.get("/queue")
        assert [n for n in (1, 2, 3) if f">c-{n}<" in page] == [1]
        assert "/queue/next" not in page
        assert limited.get(f"/chats/{ids[0]}")
        limited._log_in()
        assert limited.client.get(f"/chats/{ids[1]}").status_code == 404

    def test_nothing_is_taken(self, services: FakeServices, limited: Browser, ids: list[str]) -> None:
        assert limited.send("/queue/next").status_code == 403
        assert limited.send(f"/chats/{ids[1]}/assignee", reviewer="limited").status_code == 404
        assert assignees(services, ids) == [None] * 3

    def test_what_is_given_back_is_out_of_sight(
        self, services: FakeServices, limited: Browser, lead: Browser, ids: list[str]
    ) -> None:
        lead.send(f"/chats/{ids[0]}/assignee", reviewer="limited")
        assert limited.send(f"/chats/{ids[0]}/assignee").headers["Location"] == "/queue"
        assert ">c-1<" not in limited.get("/queue")

    def test_what_a_limited_lead_gives_away_is_out_of_sight(
        self, services: FakeServices, lead: Browser, ids: list[str]
    ) -> None:
        services.people.add("limited-lead", role=Role.QA_LEAD, only_assigned=True)
        lead.send(f"/chats/{ids[0]}/assignee", reviewer="limited-lead")
        limited = Browser(services, lead.client, "limited-lead")
        assert limited.send(f"/chats/{ids[0]}/assignee", reviewer="wangmin").headers["Location"] == "/queue"
        assert assignees(services, ids[:1]) == ["wangmin"]

    def test_an_administrator_says_who_is_limited(
        self, services: FakeServices, client: TestClient, ids: list[str]
    ) -> None:
        services.people.add("admin", role=Role.ADMIN)
        admin = Browser(services, client, "admin")
        admin.send("/people/wangmin", role="reviewer", is_active="true", only_assigned="true", shops="demo")
        (user,) = [one for one in services.people.listing() if one.name == "wangmin"]
        assert (user.only_assigned, user.scope) == (True, Scope(shops=frozenset({"demo"})))
        assert admin.get("/people").count("Only assigned chats</span>") == 2
        admin.send("/people/wangmin", role="reviewer", is_active="true")
        assert not next(one for one in services.people.listing() if one.name == "wangmin").only_assigned
