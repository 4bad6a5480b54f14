"""Stores on PostgreSQL: one database for tests that clean up after themselves, new ones for the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import delete, text

from qa_service.storage import Database
from qa_service.storage.tables import METADATA
from tests.servers import Server, psycopg_url


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
