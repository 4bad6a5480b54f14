"""Stores of each kind; on PostgreSQL one database for tests that clean up after themselves, new ones for the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias
from uuid import uuid4

import psycopg
from sqlalchemy import delete, text

from qa_service.storage import Database
from qa_service.storage.tables import METADATA
from qa_service.workflows.ports import UnitOfWork
from tests.servers import Server, psycopg_url

DATABASE = "QA_TEST_DATABASE"
"""What the tests of the API and of the programs run on: `postgresql` or `sqlite`; not set, what is fastest."""
StoreOpener: TypeAlias = Callable[[str], AbstractContextManager[UnitOfWork]]
"""Opens an empty store of a kind: `memory`, `sqlite`, `postgresql`."""


def chosen(default: str) -> str:
    """The kind of store that the tests run on."""
    kind = os.environ.get(DATABASE, default)
    if kind not in ("memory", "sqlite", "postgresql"):
        raise ValueError(f"{DATABASE} is {kind!r}; it may be memory, sqlite or postgresql")
    return kind


@contextmanager
def new_database(server: Server) -> Iterator[str]:
    """The URL of an empty database, which is dropped at the end."""
    name = f"qa_{uuid4().hex}"
    with psycopg.connect(psycopg_url(server.url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.url.rsplit("/", 1)[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def empty(database: Database) -> None:
    """Delete every row; much faster than a database a test."""
    with database._engine.begin() as connection:
        # without triggers: those of the audit log refuse
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
