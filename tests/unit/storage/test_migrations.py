from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from qa_service.domain.access import Session, User
from qa_service.domain.identity import EVERYTHING, Role
from qa_service.domain.review import ReviewState
from qa_service.storage import Database
from qa_service.storage.engine import MIGRATIONS
from qa_service.storage.tables import METADATA
from tests.unit.storage.builders import NOW, chat, digest, finding, scorecard, suspicion_review
from tests.unit.storage.builders import inspection as inspected

LONGEST_POSTGRESQL_NAME = 63


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_schema_goes_up_down_and_up_again(store: Database, url: str) -> None:
    everything = tables(url)
    store.downgrade("base")
    assert tables(url) == {"alembic_version"}
    store.upgrade()
    assert tables(url) == everything == {"alembic_version", *METADATA.tables}


def test_every_step_of_the_schema_goes_down_and_up_again(store: Database) -> None:
    revisions = [step.revision for step in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    for revision in revisions[1:]:
        store.downgrade(revision)
    for revision in reversed(revisions):
        store.upgrade(revision)
    with store.unit_of_work()() as repository:
        assert repository.state_counts() == {}


def test_upgrading_twice_changes_nothing_and_loses_nothing(store: Database) -> None:
    with store.unit_of_work()() as repository:
        repository.add_delivery({"id": "d-1"})
    store.upgrade()
    with store.unit_of_work()() as repository:
        assert repository.deliveries(1) == [{"id": "d-1"}]


def test_changing_a_table_keeps_its_rows_and_what_refers_to_them(store: Database) -> None:
    uow = store.unit_of_work()
    with uow() as repository:
        conversation_id = repository.submit(chat(), content_sha256=digest(chat()), now=NOW).id
        repository.add_inspection(conversation_id, inspected(chat(), finding(), suspicion=0.9), now=NOW)
        repository.add_suspicion_review(suspicion_review(conversation_id))
        repository.save_final_scorecards(conversation_id, [scorecard()], ReviewState.CLEARED, findings=[])
        before = repository.get(conversation_id)
    store.downgrade("0001")
    store.upgrade()
    with uow() as repository:
        assert repository.get(conversation_id) == replace(before, review_state="open", suspicion_reviews=())


def test_a_copied_table_keeps_its_constraints(database: Database, path: Path) -> None:
    database.downgrade("0001")
    database.upgrade()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (schema,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'conversations'").fetchone()
    assert "ck_conversations_state" in schema
    assert "uq_conversations_shop_source_external_id" in schema


def test_going_down_keeps_the_chats_of_two_shops_with_the_same_ids(store: Database) -> None:
    uow = store.unit_of_work()
    shops = ("mine", "theirs", None)
    with uow() as repository:
        ids = [
            repository.submit(chat(shop=shop), content_sha256=digest(chat()), now=NOW).id for shop in (*shops, "mine")
        ]
    store.downgrade("0008")
    store.upgrade()
    with uow() as repository:
        stored = [repository.get(one) for one in ids[:3]]
    assert ids[0] == ids[3]
    assert [one.conversation.shop for one in stored] == list(shops)
    assert [one.source for one in stored] == ["default/mine", "default/theirs", "default"]


def test_going_down_shuts_out_who_saw_assigned_chats_only(store: Database) -> None:
    uow = store.unit_of_work()
    limited = User(
        id="1" * 32,
        name="wangmin",
        display_name="王敏",
        role=Role.REVIEWER,
        scope=EVERYTHING,
        is_active=True,
        has_password=False,
        created_at=NOW,
        only_assigned=True,
    )
    with uow() as repository:
        repository.add_user(limited, password_hash=None)
        repository.add_user(replace(limited, id="2" * 32, name="lifang", only_assigned=False), password_hash=None)
        for user in repository.users():
            session = Session(name=user.name, user=user, expires_at=NOW, last_seen_at=NOW)
            repository.add_session(session, session_sha256=user.name)
    store.downgrade("0015")
    store.upgrade()
    with uow() as repository:
        assert {user.name: (user.is_active, user.only_assigned) for user in repository.users()} == {
            "wangmin": (False, False),
            "lifang": (True, False),
        }
        assert [repository.find_session(name) is None for name in ("wangmin", "lifang")] == [True, False]


def test_references_are_checked_after_a_migration(database: Database) -> None:
    with database._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_upgrading_makes_the_folder_of_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/deep/qa.sqlite3")
    database.upgrade()
    database.close()
    assert "conversations" in tables(f"sqlite:///{tmp_path}/var/deep/qa.sqlite3")


@pytest.mark.usefixtures("store")
def test_the_migrated_schema_is_that_of_the_tables(url: str) -> None:
    engine = create_engine(url)
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
