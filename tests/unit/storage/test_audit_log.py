"""The database itself refuses to change the audit log; where somebody gets around that, the chain shows it."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from qa_service.domain.audit import AuditEntry, AuditEvent, ChainCheck, check_chain
from qa_service.storage import Database
from tests.unit.storage.builders import NOW

INSERT = """INTO audit_log (number, at, actor, event, subject, previous_sha256, sha256)
SELECT number, at, 'mallory', event, subject, previous_sha256, sha256 FROM audit_log WHERE number = 2"""


@pytest.fixture
def audited(store: Database) -> Database:
    with store.unit_of_work()() as repository:
        for n in (1, 2, 3):
            repository.add_audit(
                AuditEntry(at=NOW, by="王", role="admin", event=AuditEvent.KEY_MADE, on={"key": f"k-{n}"})
            )
    return store


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def check(database: Database) -> ChainCheck:
    with database.unit_of_work()(is_read_only=True) as repository:
        return check_chain(repository.audit_records())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'mallory' WHERE number = 2",
        "DELETE FROM audit_log WHERE number = 3",
        "DELETE FROM audit_log",
    ],
    ids=["update", "delete-one", "delete-all"],
)
def test_no_statement_changes_a_row(audited: Database, url: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        run(url, statement)

    assert check(audited).newest.count == 3


def test_postgresql_truncates_nothing(audited: Database, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"):
        run(url, "TRUNCATE audit_log")


def test_sqlite_replaces_no_row(audited: Database, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    with pytest.raises(DBAPIError, match="append-only"):
        run(url, f"INSERT OR REPLACE {INSERT}")


def unguarded(url: str) -> tuple[str, ...]:
    """What whoever owns the database can do first."""
    if url.startswith("sqlite"):
        return ("DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete")
    return ("ALTER TABLE audit_log DISABLE TRIGGER USER",)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_log SET actor = 'mallory' WHERE number = 2", 2),
        ('UPDATE audit_log SET subject = \'{"key":"k-9"}\' WHERE number = 3', 3),
        ("DELETE FROM audit_log WHERE number = 1", 1),
        ("UPDATE audit_log SET number = 7 WHERE number = 3", 3),
        ("UPDATE audit_log SET event = 'nothing' WHERE number = 2", 2),
        ("UPDATE audit_log SET subject = '[1]' WHERE number = 2", 2),
    ],
    ids=["actor", "subject", "gone", "moved", "event", "shape"],
)
def test_the_chain_shows_what_was_done_without_the_triggers(
    audited: Database, url: str, statement: str, broken: int
) -> None:
    run(url, *unguarded(url), statement)

    assert check(audited).broken_row == broken


def test_a_row_that_cannot_be_read_is_named(audited: Database, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes no text that is not JSON")
    run(url, *unguarded(url), "UPDATE audit_log SET subject = '{' WHERE number = 2")

    assert check(audited).broken_row == 2
