"""Keys, tokens, passwords and the passwords in addresses are in no log, message or description of an object."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from qa_service.domain.identity import Role
from qa_service.domain.work import Lane
from qa_service.errors import QAServiceError
from qa_service.settings import Settings, load_settings
from qa_service.storage import Database
from qa_service.wiring import build_broker
from tests.fakes.services import FakeServices

SECRET = "hush-9f31c7"
POSTGRESQL = f"postgresql+psycopg://qa:{SECRET}@127.0.0.1:9/qa"
REDIS = f"redis://:{SECRET}@127.0.0.1:9/0"


def messages(logged: pytest.LogCaptureFixture) -> str:
    """All that was logged, but for the test's own client."""
    ours = [record for record in logged.records if not record.name.startswith("http")]
    return "\n".join(f"{record.getMessage()} {record.__dict__}" for record in ours)


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def failure(error: QAServiceError) -> str:
    return f"{error} {error!r} {error.message} {error.field}"


def test_a_database_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    database = Database(POSTGRESQL)
    with pytest.raises(QAServiceError) as refused:
        database.upgrade()
    database.close()

    assert SECRET not in failure(refused.value) + messages(caplog)


@pytest.mark.parametrize("url", [f"nothing://qa:{SECRET}@host/x", f"postgresql+nothing://qa:{SECRET}@h/x", f"{SECRET}"])
def test_a_database_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(QAServiceError) as refused:
        Database(url)

    assert SECRET not in failure(refused.value)


def test_a_broker_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    broker = build_broker(Settings(broker_url=REDIS))  # type: ignore[arg-type]
    with pytest.raises(QAServiceError) as refused:
        broker.send(["c-1"], Lane.REALTIME)

    assert SECRET not in failure(refused.value) + messages(caplog)


@pytest.mark.parametrize(
    ("name", "value"),
    [("broker_url", f"nothing://{SECRET}"), ("push_secret", SECRET), ("push_url", f"ht tp://x:{SECRET}@y")],
)
def test_a_setting_that_is_refused_is_not_quoted(name: str, value: str) -> None:
    with pytest.raises(QAServiceError) as refused:
        load_settings(**{name: value})

    assert SECRET not in failure(refused.value)


def test_the_settings_describe_themselves_without_secrets() -> None:
    secret = f"{SECRET}-{'x' * 32}"
    settings = Settings(
        database_url=POSTGRESQL,
        broker_url=REDIS,  # type: ignore[arg-type]
        push_url=f"https://qa:{SECRET}@hr.example/",  # type: ignore[arg-type]
        push_secret=secret,  # type: ignore[arg-type]
    )

    assert SECRET not in f"{settings!r} {settings}"


def test_what_a_caller_proves_itself_with(
    client: TestClient, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    key = services.access.new_key("crm")
    token = services.access.new_login_token()
    for secret in (key, key[:-1] + "x"):
        client.get("/v1/rules", headers={"Authorization": f"Bearer {secret}"})
    answer = client.get("/login", params={"token": token})
    client.get("/login", params={"token": SECRET})
    client.post("/login", data={"token": SECRET, "name": "王", "password": SECRET})
    session = client.cookies.get("qa_session")

    with services.unit_of_work(is_read_only=True) as repository:
        audited = str(list(repository.audit_records()))
    assert answer.status_code == 200
    assert session is not None
    found = [secret for secret in (key, token, session, SECRET) if secret in messages(caplog) + audited]
    assert found == []


def test_the_store_has_hashes_of_them_alone(tmp_path: Path) -> None:
    file = tmp_path / "qa.sqlite3"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    services = FakeServices(unit_of_work=database.unit_of_work())
    password = f"{SECRET} and 24 more"
    services.people.add("wangmin", role=Role.ADMIN, password=password)
    token = services.access.new_login_token()
    found = {
        "key": services.access.new_key("crm"),
        "link": services.access.new_login_token(),
        "session": services.access.log_in(token, "王"),
        "session of a person": services.log_in.log_in("wangmin", password, address="127.0.0.1"),
        "password": password,
    }
    database.close()

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("qa.sqlite3*"))
    assert "王".encode() in stored
    assert [what for what, secret in found.items() if str(secret).encode() in stored] == []
    assert None not in found.values()
