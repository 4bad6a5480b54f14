from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from qa_service.domain.access import ApiKey
from qa_service.domain.conversation import Conversation
from qa_service.domain.identity import EVERYTHING, Role
from qa_service.domain.records import ConversationFilter
from qa_service.errors import ConfigError, ErrorCode, InvalidInput, Unavailable
from qa_service.storage import Database, engine
from tests.servers import Server
from tests.stores import new_database
from tests.unit.storage.builders import NOW, chat, digest

SECRET = "我的电话是13800138000"


def submit(database: Database, content: Conversation) -> None:
    with database.unit_of_work()() as repository:
        repository.submit(content, content_sha256=digest(content), now=NOW)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "oracle9://host/name", "postgresql+nodriver://user:secret@host/name"],
    ids=["empty", "no url", "unknown kind", "unknown driver"],
)
def test_an_unusable_url_is_a_configuration_error_that_hides_the_password(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Database(url)
    assert caught.value.code is ErrorCode.INVALID_SETTING
    assert "secret" not in caught.value.message


def test_a_store_that_is_not_migrated_is_unavailable(url: str) -> None:
    database = Database(url)
    with pytest.raises(Unavailable) as caught:
        submit(database, chat())
    database.close()
    assert caught.value.code is ErrorCode.STORE_UNAVAILABLE
    assert "db upgrade" in caught.value.message


def test_a_store_in_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/missing/qa.sqlite3")
    with pytest.raises(Unavailable):
        submit(database, chat())
    database.close()


def test_a_store_that_stays_locked_is_unavailable_and_may_be_tried_again(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0.05)
    impatient = Database(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            submit(impatient, chat())
    assert caught.value.retryable
    submit(impatient, chat())
    impatient.close()


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    submit(database, chat())
    uow = database.unit_of_work()
    with uow() as writer:
        writer.submit(chat("c-2"), content_sha256="0" * 64, now=NOW)
        with uow(is_read_only=True) as reader:
            assert reader.state_counts() == {"pending": 1}


@pytest.mark.usefixtures("database")
def test_files_are_in_wal_mode(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_no_error_quotes_what_was_said(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE conversation_revisions")
    with pytest.raises(Unavailable) as caught:
        submit(database, chat(text=SECRET))
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        assert SECRET.encode("unicode_escape").decode() not in str(error)
        error = error.__cause__ or error.__context__


def test_a_broken_constraint_is_not_taken_for_a_store_that_is_down(store: Database) -> None:
    uow = store.unit_of_work()
    key = ApiKey(id="k" * 32, name=SECRET, role=Role.ADMIN, scope=EVERYTHING, created_at=NOW)
    with uow() as repository:
        repository.add_api_key(key, key_sha256="k")
    with pytest.raises(Exception, match=r"(?i)unique") as caught, uow() as repository:
        repository.add_api_key(key, key_sha256="k")
    assert not isinstance(caught.value, Unavailable)
    assert SECRET not in str(caught.value)


@pytest.fixture
def server(postgresql: Server) -> Iterator[Database]:
    """A migrated store on PostgreSQL."""
    with new_database(postgresql) as url:
        database = Database(url)
        database.upgrade()
        yield database
        database.close()


def test_a_nul_in_a_filter_is_the_callers_mistake(server: Database) -> None:
    with pytest.raises(InvalidInput) as caught, server.unit_of_work()(is_read_only=True) as repository:
        repository.find(ConversationFilter(shop="a\0b"))
    assert caught.value.code is ErrorCode.INVALID_FIELD


def test_the_last_day_of_the_calendar_is_read_back_whatever_the_servers_zone(server: Database) -> None:
    with server._engine.begin() as connection:
        connection.execute(text("ALTER ROLE postgres SET timezone = 'Asia/Shanghai'"))
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    content = chat(started_at=last)
    with server.unit_of_work()() as repository:
        repository.submit(content, content_sha256=digest(content), now=NOW)
        assert repository.find(ConversationFilter()).rows[0].started_at == last


def test_waiting_for_a_lock_ends_as_unavailable(server: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0.05)
    impatient = Database(server._engine.url.render_as_string(hide_password=False))
    submit(server, chat())
    with server._engine.begin() as connection:
        connection.execute(text("SELECT * FROM conversations FOR UPDATE"))
        with pytest.raises(Unavailable):
            submit(impatient, chat())
    submit(impatient, chat())
    impatient.close()


def test_a_server_that_ends_the_connections_is_unavailable_once(server: Database) -> None:
    with pytest.raises(Unavailable):
        _count_after(server, lambda: _end_connections(server))
    submit(server, chat())


def _count_after(server: Database, accident: Callable[[], None]) -> None:
    with server.unit_of_work()() as repository:
        accident()
        repository.state_counts()


def _end_connections(server: Database) -> None:
    other = create_engine(server._engine.url)
    with other.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.dispose()
