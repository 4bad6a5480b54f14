from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.fakes.services import FakeServices

OPERATIONS = [
    pytest.param(method, path, id=f"{method} {path}")
    for path, operations in create_app(FakeServices()).openapi()["paths"].items()
    for method in operations
    if path.startswith("/v1/")
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_v1_operation_needs_a_key(anonymous: TestClient, method: str, path: str) -> None:
    answer = anonymous.request(
        method, path.replace("{", "").replace("}", ""), content=b"{" if method == "post" else None
    )

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="qa-service"'
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Bearer ", "Bearer", "Basic {key}", "{key}", "Bearer {key}x", "Bearer é"]
)
def test_only_a_known_bearer_key_opens(services: FakeServices, anonymous: TestClient, authorization: str) -> None:
    header = authorization.format(key=services.access.new_key("test"))

    assert anonymous.get("/v1/rules", headers={"Authorization": header.encode("latin-1")}).status_code == 401


def test_the_word_bearer_may_be_written_in_any_case(services: FakeServices, anonymous: TestClient) -> None:
    header = f"bearer {services.access.new_key('test')}"

    assert anonymous.get("/v1/rules", headers={"Authorization": header}).status_code == 200


def test_a_page_session_opens_nothing_under_v1(services: FakeServices, anonymous: TestClient) -> None:
    session = services.access.log_in(services.access.new_login_token(), "王敏")
    assert session is not None

    assert anonymous.get("/v1/rules", headers={"Authorization": f"Bearer {session}"}).status_code == 401


def test_the_key_is_looked_at_before_the_body_is_read(anonymous: TestClient) -> None:
    too_long = {"Content-Length": str(10**9)}
    assert anonymous.post("/v1/conversations", content=b"", headers=too_long).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_operation_is_open(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path).status_code == 200
