"""The commands of docs/operations.md that back a store up and restore it, as written there, on a store with a verdict."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine, select

from qa_service.settings import REPOSITORY
from qa_service.storage import Database
from qa_service.storage.tables import METADATA
from tests.servers import POSTGRESQL_FOLDERS, Server, needed, psycopg_url
from tests.stores import new_database
from tests.unit.storage.builders import NOW, chat, digest, finding, inspection, verdict


def documented(heading: str) -> list[str]:
    """The lines of the first shell block under a heading of docs/operations.md."""
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"\*\*{heading}\*\*.*?```sh\n(.*?)```", text, flags=re.DOTALL)
    return [line for line in block.splitlines() if not line.startswith("#")]


def run(command: str, environment: Mapping[str, str]) -> None:
    folders = os.pathsep.join([*map(str, POSTGRESQL_FOLDERS), os.environ["PATH"]])
    subprocess.run(
        ["bash", "-euc", command], env={"PATH": f"{Path(sys.executable).parent}:{folders}", **environment}, check=True
    )


def fill(url: str) -> None:
    database = Database(url)
    database.upgrade()
    with database.unit_of_work()() as repository:
        stored = repository.submit(chat(), content_sha256=digest(chat()), now=NOW).id
        repository.add_inspection(stored, inspection(chat(), finding()), now=NOW)
        finding_id = next(iter(repository.get(stored).finding_ids.values()))
        repository.add_verdict(verdict(finding_id))
    database.close()


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All of a store, and the revision of its tables."""
    database = Database(url)
    database.check_migrations()
    database.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }
    engine.dispose()
    return found


def test_postgresql_is_restored_from_its_dump(tmp_path: Path, postgresql: Server) -> None:
    needed("pg_dump", *POSTGRESQL_FOLDERS)
    back_up, restore = documented("PostgreSQL")
    with new_database(postgresql) as url, new_database(postgresql) as empty:
        fill(url)
        run(back_up, {"DATABASE": psycopg_url(url), "BACKUP": f"{tmp_path}/qa.dump"})
        run(restore, {"NEW_DATABASE": psycopg_url(empty), "BACKUP": f"{tmp_path}/qa.dump"})

        assert rows(empty) == rows(url)
        assert rows(empty)["verdicts"]


def test_sqlite_is_restored_from_its_copy_taken_while_it_is_written(tmp_path: Path) -> None:
    back_up, restore = documented("SQLite")
    store, copied, restored = (tmp_path / name for name in ("qa.sqlite3", "copy.sqlite3", "restored.sqlite3"))
    fill(f"sqlite:///{store}")
    writer = Database(f"sqlite:///{store}")
    with writer.unit_of_work()() as repository:
        repository.submit(chat("c-2"), content_sha256=digest(chat("c-2")), now=NOW)
        run(back_up, {"STORE": str(store), "BACKUP": str(copied)})  # before that commits
    writer.close()
    run(restore, {"STORE": str(restored), "BACKUP": str(copied)})

    found = rows(f"sqlite:///{restored}")
    assert [row[0] for row in found["verdicts"]]
    assert len(found["conversations"]) == 1
