"""Nobody is told or changes anything of another shop, whatever the role and the address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.session import SESSION_COOKIE, form_token
from qa_service.domain.identity import EVERYTHING, PERMISSIONS, Role, Scope
from qa_service.domain.records import StoredConversation
from qa_service.settings import Settings
from qa_service.storage import Database
from tests.fakes.services import FakeServices
from tests.unit.api.tenants import ADDRESSES, MINE, SECRETS, THEIRS, Address, World, path_of, scope_of
from tests.unit.api.test_guard import NEEDED

API = [name for name in ADDRESSES if name.split(" ")[1].startswith("/v1/")]
PAGES = [name for name in ADDRESSES if name not in API]


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Over the store in memory, or as the test says."""
    if getattr(request, "param", "memory") == "memory":
        yield World(FakeServices())
        return
    path, built = request.getfixturevalue("on_disk")
    database = Database(f"sqlite:///{shutil.copy(path, tmp_path / 'qa.sqlite3')}")
    yield World(over(database), ids=built.ids, findings=built.findings, erasures=built.erasures)
    database.close()


@pytest.fixture(scope="session")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """Built once and copied for each test: SQLite waits for the disk at every commit."""
    path = tmp_path_factory.mktemp("store") / "world.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    world = World(over(database))
    database.close()
    return path, world


def over(database: Database) -> FakeServices:
    services = FakeServices()
    services.unit_of_work = database.unit_of_work()  # type: ignore[assignment]
    return services


@cache
def app_of_all() -> FastAPI:
    """Made once: it takes longer than all else of these tests."""
    return create_app(FakeServices(settings=Settings(rate_per_caller=10_000, rate_per_address=10_000)))


def app_over(world: World) -> FastAPI:
    app = app_of_all()
    app.state.services = world.services
    return app


CALLERS = [
    *(pytest.param("memory", role, id=role) for role in Role),
    *(pytest.param("sqlite", role, id=f"{role}, sqlite") for role in (Role.QA_LEAD, Role.TEAM_LEAD, Role.AGENT)),
]


def call(world: World, name: str, shop: str, role: Role, scope: Scope) -> httpx.Response:
    """One request with a key of this role and scope, about a row of `shop`."""
    method, path = name.split(" ")
    address = ADDRESSES[name]
    key = world.services.access.issue_key("test", role=role, scope=scope).secret
    sent = address.request(world, shop, role)
    app = app_over(world)
    client = TestClient(app, follow_redirects=False, headers={"Authorization": f"Bearer {key}"})
    return client.request(method, path_of(world, path, shop, address.about), **sent)


def visit(
    world: World, name: str, shop: str, role: Role, scope: Scope, *, only_assigned: bool = False
) -> httpx.Response:
    """One request of somebody who is logged in with this role and scope."""
    method, path = name.split(" ")
    address = ADDRESSES[name]
    user = world.services.people.add("somebody", role=role, scope=scope, only_assigned=only_assigned)
    with world.services.unit_of_work() as repository:
        session = world.services.access.open_session(repository, name=user.name, user=user)
    sent = dict(address.request(world, shop, role))
    if method == "POST":
        sent["data"] = {**sent.get("data", {}), "form_token": form_token(session)}
    app = app_over(world)
    client = TestClient(app, follow_redirects=False, cookies={SESSION_COOKIE: session})
    return client.request(method, path_of(world, path, shop, address.about), **sent)


def is_permitted(name: str, role: Role) -> bool:
    needed = NEEDED[name]
    return needed == "open" or not needed or any(permission in PERMISSIONS[role] for permission in needed)


def expected(name: str, address: Address, role: Role, shop: str) -> int:
    if not is_permitted(name, role) or address.everything:
        return 403
    return address.own if shop == MINE else address.other


def test_every_address_is_in_the_table() -> None:
    assert ADDRESSES.keys() == NEEDED.keys()


def ask(world: World, name: str, shop: str, role: Role, scope: Scope) -> httpx.Response:
    """By key where programs ask, logged in where people do."""
    return (call if name in API else visit)(world, name, shop, role, scope)


@pytest.mark.parametrize("shop", [MINE, THEIRS])
@pytest.mark.parametrize(("world", "role"), CALLERS, indirect=["world"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_caller_of_one_shop_gets_nothing_of_another(world: World, name: str, role: Role, shop: str) -> None:
    before = world.rows_of(THEIRS)

    answer = ask(world, name, shop, role, scope_of(role))

    assert answer.status_code == expected(name, ADDRESSES[name], role, shop)
    assert not [secret for secret in SECRETS[THEIRS] if secret in answer.text]
    assert world.rows_of(THEIRS) == before


@pytest.mark.parametrize("shop", [MINE, THEIRS])
@pytest.mark.parametrize("name", [name for name in ADDRESSES if not ADDRESSES[name].everything])
def test_the_same_requests_succeed_where_nothing_is_out_of_scope(world: World, name: str, shop: str) -> None:
    assert ask(world, name, shop, Role.ADMIN, EVERYTHING).status_code == ADDRESSES[name].own


LIMITED = [role for role in Role if role is not Role.INTEGRATION]


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("name", PAGES)
def test_somebody_of_assigned_chats_only_is_shown_no_other(world: World, name: str, role: Role) -> None:
    before = world.rows_of(MINE)

    answer = visit(world, name, MINE, role, EVERYTHING, only_assigned=True)

    assert_nothing_is_told(world, name, answer, before)


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("name", API)
def test_a_caller_of_assigned_chats_only_gets_nothing_of_another(world: World, name: str, role: Role) -> None:
    before = world.rows_of(MINE)

    answer = call(world, name, MINE, role, Scope(assigned_to="somebody"))

    assert_nothing_is_told(world, name, answer, before)


def assert_nothing_is_told(world: World, name: str, answer: httpx.Response, before: list[StoredConversation]) -> None:
    assert answer.status_code < 500
    if "{conversation_id}" in name or "{finding_id}" in name:
        assert answer.status_code in (403, 404)
    words = SECRETS[MINE][:5]  # leads are told who reviews
    if name != "POST /v1/inspect":  # gives back what it was given
        assert not [secret for secret in words if secret in answer.text]
    assert world.rows_of(MINE) == before


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.QA_LEAD])
def test_what_is_assigned_is_shown(world: World, role: Role) -> None:
    with world.services.unit_of_work() as repository:
        repository.assign([world.ids[MINE, "hit"]], "somebody")

    answer = visit(world, "GET /chats/{conversation_id}", MINE, role, EVERYTHING, only_assigned=True)

    assert "text of mine" in answer.text


SHOWS_CONTENT = {
    "GET /v1/conversations": "chat of mine",
    "GET /v1/conversations/{conversation_id}": "text of mine",
    "GET /v1/findings/{finding_id}": "chat of mine",
    "GET /v1/agents/{agent_id:path}/scorecards": "chat of mine",
    "GET /v1/performance": "name of mine",
    "POST /v1/performance/exports": "name of mine",
    "GET /v1/dead-letters": "chat of mine",
    "GET /v1/rules/{rule_id}/exceptions": '"overturned":2',
}


@pytest.mark.parametrize(("name", "shown"), SHOWS_CONTENT.items(), ids=SHOWS_CONTENT)
def test_own_rows_are_shown(world: World, name: str, shown: str) -> None:
    assert shown in call(world, name, MINE, Role.QA_LEAD, scope_of(Role.QA_LEAD)).text


PAGES_SHOW = {
    "GET /queue": "chat of mine",
    "GET /chats/{conversation_id}": "text of mine",
    "GET /chats/{conversation_id}/why": "text of mine",
    "GET /agents": "name of mine",
    "GET /agents/{agent_id:path}": "chat of mine",
    "GET /performance/export": "name of mine",
    "GET /dead-letters": "chat of mine",
}


@pytest.mark.parametrize(("name", "shown"), PAGES_SHOW.items(), ids=PAGES_SHOW)
def test_pages_show_own_rows(world: World, name: str, shown: str) -> None:
    assert shown in visit(world, name, MINE, Role.QA_LEAD, scope_of(Role.QA_LEAD)).text
