from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.rates import BURST_SECONDS, MOST_CALLERS, RateLimit, RateLimited
from qa_service.settings import Settings
from tests.fakes.services import FakeServices


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def taken(limit: RateLimit, caller: str, times: int) -> int:
    """How many of so many requests are let through."""
    through = 0
    for _ in range(times):
        try:
            limit.take(caller)
        except RateLimited:
            continue
        through += 1
    return through


def test_a_burst_passes_then_as_many_as_the_rate() -> None:
    clock = Seconds()
    limit = RateLimit(per_second=2, clock=clock)

    assert taken(limit, "a", 100) == 2 * BURST_SECONDS
    clock.now = 3.0
    assert taken(limit, "a", 100) == 6


def test_callers_have_buckets_of_their_own() -> None:
    limit = RateLimit(per_second=1, clock=Seconds())
    taken(limit, "a", 100)

    assert taken(limit, "b", 1) == 1


def test_it_says_when_to_come_back_and_keeps_its_word() -> None:
    clock = Seconds()
    limit = RateLimit(per_second=1, clock=clock)
    taken(limit, "a", 100)
    with pytest.raises(RateLimited) as refused:
        limit.take("a")

    clock.now += refused.value.retry_after_seconds
    limit.take("a")


def test_zero_is_no_limit() -> None:
    assert taken(RateLimit(per_second=0, clock=Seconds()), "a", 1000) == 1000


def test_however_many_callers_come_few_are_remembered() -> None:
    limit = RateLimit(per_second=1, clock=Seconds())
    for number in range(MOST_CALLERS + 10):
        limit.take(str(number))

    assert len(limit._buckets) <= MOST_CALLERS


@given(st.lists(st.floats(0, 2), max_size=60))
def test_no_caller_gets_more_than_burst_and_rate(waits: list[float]) -> None:
    clock = Seconds()
    limit = RateLimit(per_second=3, clock=clock)
    through = 0
    for wait in waits:
        clock.now += wait
        through += taken(limit, "a", 5)

    assert through <= 3 * BURST_SECONDS + 3 * clock.now + 1e-6


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(settings=Settings(rate_per_caller=1, rate_per_address=1))


@pytest.fixture
def anonymous(services: FakeServices) -> Iterator[TestClient]:
    """Of an app whose time stands still: on a busy machine six requests take longer than a new one needs to come."""
    with TestClient(create_app(services, seconds=Seconds())) as client:
        yield client


def until_refused(client: TestClient, path: str, **options: object) -> list[int]:
    return [client.get(path, **options).status_code for _ in range(BURST_SECONDS + 1)]  # type: ignore[arg-type]


def test_a_key_that_asks_too_often_is_told_when_to_come_back(client: TestClient) -> None:
    assert until_refused(client, "/v1/rules") == [200] * BURST_SECONDS + [429]
    answer = client.get("/v1/rules")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (429, "1", "rate_limited")


@pytest.mark.parametrize(
    ("path", "answer"), [("/v1/rules", 401), ("/healthz", 200), ("/login", 200), ("/queue", 401)], ids=str
)
def test_an_address_that_is_not_known_may_ask_seldom(anonymous: TestClient, path: str, answer: int) -> None:
    assert until_refused(anonymous, path) == [answer] * BURST_SECONDS + [429]
    assert anonymous.get(path).headers["Retry-After"] == "1"


def test_a_valid_key_pays_for_no_stranger_behind_the_same_address(services: FakeServices) -> None:
    key = {"Authorization": f"Bearer {services.access.new_key('crm')}"}
    with TestClient(create_app(services, seconds=Seconds())) as client:
        until_refused(client, "/v1/rules", headers={"Authorization": "Bearer wrong"})

        assert client.get("/v1/rules", headers=key).status_code == 200
