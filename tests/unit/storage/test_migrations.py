from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from qa_service.domain.review import ReviewState
from qa_service.storage import Database
from qa_service.storage.tables import METADATA
from tests.unit.storage.builders import NOW, chat, digest, finding, inspection, scorecard, suspicion_review

LONGEST_POSTGRESQL_NAME = 63


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_schema_goes_up_down_and_up_again(database: Database, path: Path) -> None:
    everything = tables(path)
    database.downgrade("base")
    assert tables(path) == {"alembic_version"}
    database.upgrade()
    assert tables(path) == everything == {"alembic_version", *METADATA.tables}


def test_upgrading_twice_changes_nothing_and_loses_nothing(database: Database) -> None:
    with database.unit_of_work()() as repository:
        repository.add_delivery({"id": "d-1"})
    database.upgrade()
    with database.unit_of_work()() as repository:
        assert repository.deliveries(1) == [{"id": "d-1"}]


def test_changing_a_table_keeps_its_rows_and_what_refers_to_them(database: Database, path: Path) -> None:
    uow = database.unit_of_work()
    with uow() as repository:
        conversation_id = repository.submit(chat(), content_sha256=digest(chat()), now=NOW).id
        repository.add_inspection(conversation_id, inspection(chat(), finding(), suspicion=0.9), now=NOW)
        repository.add_suspicion_review(suspicion_review(conversation_id))
        repository.save_final_scorecards(conversation_id, [scorecard()], ReviewState.CLEARED, findings=[])
        before = repository.get(conversation_id)
    database.downgrade("0001")
    database.upgrade()
    with uow() as repository:
        assert repository.get(conversation_id) == replace(before, review_state="open", suspicion_reviews=())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (schema,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'conversations'").fetchone()
    assert "ck_conversations_state" in schema
    assert "uq_conversations_source_external_id" in schema


def test_references_are_checked_after_a_migration(database: Database) -> None:
    with database._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_upgrading_makes_the_folder_of_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/deep/qa.sqlite3")
    database.upgrade()
    database.close()
    assert "conversations" in tables(tmp_path / "var" / "deep" / "qa.sqlite3")


@pytest.mark.usefixtures("database")
def test_the_migrated_schema_is_that_of_the_tables(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


@pytest.mark.parametrize("name", sorted(METADATA.tables))
def test_every_table_and_column_says_what_it_is_and_fits_postgresql(name: str) -> None:
    table = METADATA.tables[name]
    dialect = postgresql.dialect()
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    assert all("CREATE" in str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    assert [column.name for column in table.columns if not column.comment] == []
    names = [str(part.name) for part in (*table.constraints, *table.indexes)]
    assert [name for name in names if name == "None" or len(name) > LONGEST_POSTGRESQL_NAME] == []
