"""Opens the database and brings its schema up to date. Owns no table (`tables`) and no query."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from qa_service.errors import ConfigError, ErrorCode, Unavailable
from qa_service.storage.sealing import KeyRing
from qa_service.storage.unit_of_work import SqlUnitOfWork, translated_errors

BUSY_TIMEOUT_SECONDS = 10
"""How long a writer waits for another; a transaction takes milliseconds."""

CONNECT_TIMEOUT_SECONDS = 5

MIGRATION_LOCK = 0x7161
"""Key of the PostgreSQL advisory lock that lets one process migrate at a time; any number of our own."""

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One store, on SQLite or PostgreSQL. Make it after forking, close it at the end.

    Args:
        url: SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://user:password@host/name`.

    Raises:
        ConfigError: no such kind of database, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self._keys: KeyRing | None = None
        self._engine = _create_engine(url)

    def upgrade(self, revision: str = "head") -> None:
        """Apply the missing migrations in one transaction; two processes may do so at once.

        Raises:
            Unavailable: the database does not answer.
        """
        path = self._engine.url.database
        if self._engine.dialect.name == "sqlite" and path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        with self._migration() as connection:
            command.upgrade(_alembic_config(connection), revision)

    def check_migrations(self) -> None:
        """Look whether the tables are those of this version. A store that a newer version upgraded is taken as it is.

        Raises:
            Unavailable: migrations are missing, or the database does not answer.
        """
        with translated_errors(), self._engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        known = _known_revisions()
        if current is None or (current in known and current != known[0]):
            raise Unavailable(
                f"the tables are those of migration {current or 'none'}, this version needs {known[0]}:"
                " run `qa-service db upgrade`",
                code=ErrorCode.STORE_UNAVAILABLE,
            )

    def downgrade(self, revision: str) -> None:
        """Take migrations back down to `revision` (`base`: all, with all data)."""
        with self._migration() as connection:
            command.downgrade(_alembic_config(connection), revision)

    @contextmanager
    def _migration(self) -> Iterator[Connection]:
        """One transaction in which a table may be replaced by a changed copy while others refer to it."""
        is_sqlite = self._engine.dialect.name == "sqlite"
        with translated_errors(), self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys = OFF")  # has an effect only outside a transaction
            try:
                with connection.begin():
                    if not is_sqlite:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                    yield connection
            finally:
                if is_sqlite:
                    driver.execute("PRAGMA foreign_keys = ON")

    def seal_with(self, keys: KeyRing) -> None:
        """Seal and open originals of personal data with these keys; without any, only chats without them can be stored."""
        self._keys = keys

    def unit_of_work(self) -> SqlUnitOfWork:
        """What workflows begin transactions with."""
        return SqlUnitOfWork(self._engine, keys=self._keys)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _create_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        engine = create_engine(
            parsed,
            # an error message must never quote a transcript
            hide_parameters=True,
            json_serializer=_to_json,
            pool_pre_ping=True,
            connect_args=_connect_args(parsed),
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(
            "QA_DATABASE_URL cannot be used: write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME,"
            " and install the driver",
            code=ErrorCode.INVALID_SETTING,
            field="QA_DATABASE_URL",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_args(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_TIMEOUT_SECONDS}
    # in another zone the last days of the calendar leave what Python can read
    settings = f"-c timezone=UTC -c lock_timeout={int(BUSY_TIMEOUT_SECONDS * 1000)}"
    return {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": settings}


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # the driver's own transactions begin late and commit early; `_begin_sqlite` begins them instead
    dbapi_connection.isolation_level = None
    _switch_to_wal(dbapi_connection)
    dbapi_connection.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # two processes that open a new file at once both switch, and SQLite's own wait does not cover the switch
    end = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # a transaction that reads first and writes later fails at once if another wrote in between, so writers
    # take the lock at the start, where they wait for it
    is_read_only = connection.get_execution_options().get("is_read_only", False)
    connection.exec_driver_sql("BEGIN" if is_read_only else "BEGIN IMMEDIATE")


def _alembic_config(connection: Connection) -> Config:
    config = _scripts_config()
    config.attributes["connection"] = connection
    return config


def _scripts_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@lru_cache(maxsize=1)
def _known_revisions() -> tuple[str, ...]:
    """Newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_scripts_config()).walk_revisions())


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
