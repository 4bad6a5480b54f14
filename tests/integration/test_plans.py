"""PostgreSQL, with some thousand chats, takes the indexes that lists and reports are made for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa_service.storage import Database
from tests.bench.query_plans import fill, plans, whole_tables
from tests.servers import Server
from tests.stores import new_database
from tests.unit.storage.test_query_plans import READS

FINDINGS = 100_000
"""Of 10,000 chats: with fewer, PostgreSQL rightly reads the tables whole."""


@pytest.fixture(scope="module")
def filled(postgresql: Server) -> Iterator[Database]:
    with new_database(postgresql) as url:
        database = Database(url)
        database.upgrade()
        fill(database, FINDINGS)
        yield database
        database.close()


@pytest.mark.parametrize(
    ("name", "table", "step"),
    [
        ("shop's month", "findings", "Index Only Scan using ix_findings_shown_conversation on findings"),
        (
            "shop's month",
            "dimension_scores",
            "Index Only Scan using ix_dimension_scores_current_conversation on dimension_scores",
        ),
        ("two shops: queue, later", "conversations", "using ix_conversations_shop_review_state_queue_place_id on"),
        ("one rule", "findings", "ix_findings_shown_rule"),
        ("next for nobody", "verdicts", "using ix_verdicts_conversation_id on verdicts"),
        ("how much nobody has", "conversations", "using ix_conversations_review_state_queue_place_id on"),
    ],
)
def test_a_read_of_some_shops_takes_the_index_made_for_it(filled: Database, name: str, table: str, step: str) -> None:
    found = plans(filled, READS[name])
    steps = [line for plan in found for line in plan]
    assert [line for line in steps if step in line], steps
    assert not [plan for plan in found if table in whole_tables(plan)], steps
