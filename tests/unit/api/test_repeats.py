"""A query parameter that comes twice is refused at every address, unless it is declared as a list."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api.app import create_app
from api.deps import KeyedRoute
from api.guard import OPEN
from api.pages.session import SESSION_COOKIE
from qa_service.domain.identity import Role
from qa_service.settings import Settings
from tests.fakes.services import FakeServices
from tests.unit.api.test_guard import NEEDED


@pytest.fixture(scope="module")
def everywhere() -> TestClient:
    """An administrator, with a key and logged in."""
    services = FakeServices(settings=Settings(rate_per_caller=10_000, rate_per_address=10_000))
    user = services.people.add("admin", role=Role.ADMIN)
    with services.unit_of_work() as repository:
        session = services.access.open_session(repository, name=user.name, user=user)
    client = TestClient(create_app(services), follow_redirects=False, cookies={SESSION_COOKIE: session})
    client.headers["Authorization"] = f"Bearer {services.access.new_key('test')}"
    return client


@pytest.mark.parametrize("name", NEEDED)
def test_a_parameter_that_comes_twice_is_refused_and_named(everywhere: TestClient, name: str) -> None:
    method, path = name.split(" ")
    path = path.replace(":path", "").replace("{", "").replace("}", "")

    answer = everywhere.request(method, f"{path}?shop=a&limit=1&shop=b")

    assert answer.status_code == 422
    if answer.headers["Content-Type"] == "application/problem+json":
        assert (answer.json()["code"], answer.json()["field"]) == ("invalid_field", "shop")
        assert answer.json()["detail"].startswith("shop: given 2 times")


def test_the_same_value_twice_is_twice(everywhere: TestClient) -> None:
    assert everywhere.get("/v1/conversations?shop=a&shop=a").status_code == 422
    assert everywhere.get("/v1/conversations?shop=a&channel=a").status_code == 200


def test_who_is_not_known_hears_that_first(services: FakeServices) -> None:
    client = TestClient(create_app(services))
    assert client.get("/v1/conversations?shop=a&shop=b").status_code == 401


class Lists(BaseModel):
    """As the queue and the list of conversations have their filters."""

    tag: list[str] = []
    shop: str = ""


def numbers(number: Annotated[tuple[int, ...] | None, Query()] = None) -> int:
    return sum(number or ())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("/model?tag=a&tag=b", 200),
        ("/model?shop=a&shop=b", 422),
        ("/model?tag=a&tag=b&shop=a&shop=b", 422),
        ("/plain?name=a&name=b", 200),
        ("/plain?one=1&one=2", 422),
        ("/plain?unknown=1&unknown=2", 422),
        ("/depends?number=1&number=2", 200),
        ("/depends?one=1&one=2", 422),
    ],
)
def test_lists_may_come_more_than_once(services: FakeServices, query: str, status: int) -> None:
    router = APIRouter(route_class=KeyedRoute)

    @router.get("/model", dependencies=[OPEN])
    def model(lists: Annotated[Lists, Query()]) -> list[str]:
        return lists.tag

    @router.get("/plain", dependencies=[OPEN])
    def plain(name: Annotated[list[str], Query()], one: int = 0) -> list[str]:
        return name

    @router.get("/depends", dependencies=[OPEN])
    def depends(total: Annotated[int, Depends(numbers)], one: int = 0) -> int:
        return total

    app = create_app(services)
    app.include_router(router)
    assert TestClient(app).get(query).status_code == status
