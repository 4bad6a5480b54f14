"""The lists and reports that people wait for must not read a whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from qa_service.domain.erasure import CustomerQuery, customer_digest
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.work import Lane
from qa_service.reports import parse_period
from qa_service.storage import Database
from qa_service.storage.conversations import NEWEST_FIRST, worst_first
from qa_service.storage.repository import SqlRepository
from qa_service.storage.scoping import list_columns
from qa_service.storage.summary import FIRST_UNFLAGGED
from qa_service.workflows.ports import ConversationFilter
from tests.unit.storage.builders import MINUTE, NOW, chat, digest, finding, inspection

PAGE = 25
LATER = NEWEST_FIRST.cursor((NOW - 2_000 * MINUTE, "0" * 32))
WORSE = worst_first(list_columns(EVERYTHING)).cursor((FIRST_UNFLAGGED // 2, "0" * 32))
"""Far down the lists."""
SHOP = Scope(shops=frozenset({"demo"}))
SHOPS = Scope(shops=frozenset({"demo", "shop-2"}))
AGENT = Scope(shops=frozenset({"demo"}), agent_ids=frozenset({"a-7"}))
ASSIGNED = Scope(assigned_to="wangmin")
TEAM = Scope(shops=frozenset({"demo"}), groups=frozenset({"售后"}))
OCTOBER = parse_period("2026-10", ZoneInfo("Asia/Shanghai"))
QUEUE: dict[str, Any] = {"review_state": "open", "flagged": True, "worst_first": True, "limit": PAGE}


def report(repository: SqlRepository, *, shop: str | None = None) -> None:
    """All that the page of a shop shows of a minute."""
    repository.day_sums([NOW, NOW + MINUTE / 2], until=NOW + MINUTE, shop=shop)
    repository.agent_sums(since=NOW, until=NOW + MINUTE, shop=shop)


def month(repository: SqlRepository, *, shop: str | None = None) -> None:
    """All that it shows of a month."""
    repository.day_sums(OCTOBER.midnights, until=OCTOBER.until, shop=shop)
    repository.agent_sums(since=OCTOBER.since, until=OCTOBER.until, shop=shop)


READS: dict[str, Callable[[SqlRepository], Any]] = {
    "queue": lambda r: r.find(ConversationFilter(**QUEUE)),
    "queue, later": lambda r: r.find(ConversationFilter(**QUEUE, cursor=WORSE)),
    "shop's queue": lambda r: r.find(ConversationFilter(**QUEUE, shop="demo")),
    "any state": lambda r: r.find(ConversationFilter(flagged=True, worst_first=True, cursor=WORSE)),
    "everything": lambda r: r.find(ConversationFilter()),
    "later": lambda r: r.find(ConversationFilter(cursor=LATER)),
    "newest": lambda r: r.find(ConversationFilter(since=NOW)),
    "one shop": lambda r: r.find(ConversationFilter(shop="demo")),
    "one shop, later": lambda r: r.find(ConversationFilter(shop="demo", cursor=LATER)),
    "one rule": lambda r: r.find(ConversationFilter(shop="demo", rule_id="promise.return_window")),
    "one category": lambda r: r.find(ConversationFilter(**QUEUE, category="abuse")),
    "one agent": lambda r: r.find(ConversationFilter(shop="demo", agent_id="a-7")),
    "agent's queue": lambda r: r.find(ConversationFilter(**QUEUE, agent_id="a-7")),
    "shop only: queue": lambda r: within(SHOP, r).find(ConversationFilter(**QUEUE)),
    "shop only: newest": lambda r: within(SHOP, r).find(ConversationFilter()),
    "shop only: report": lambda r: report(within(SHOP, r)),
    "shop only: month": lambda r: month(within(SHOP, r)),
    "two shops: queue": lambda r: within(SHOPS, r).find(ConversationFilter(**QUEUE)),
    "two shops: queue, later": lambda r: within(SHOPS, r).find(ConversationFilter(**QUEUE, cursor=WORSE)),
    "two shops: newest": lambda r: within(SHOPS, r).find(ConversationFilter()),
    "two shops: month": lambda r: month(within(SHOPS, r)),
    "agent only: queue": lambda r: within(AGENT, r).find(ConversationFilter(**QUEUE)),
    "agent only: newest": lambda r: within(AGENT, r).find(ConversationFilter()),
    "agent only: report": lambda r: report(within(AGENT, r)),
    "team only: queue": lambda r: within(TEAM, r).find(ConversationFilter(**QUEUE)),
    "team only: newest": lambda r: within(TEAM, r).find(ConversationFilter()),
    "team only: report": lambda r: report(within(TEAM, r)),
    "own queue": lambda r: r.find(ConversationFilter(**QUEUE, assignee="wangmin")),
    "own chats": lambda r: r.find(ConversationFilter(assignee="wangmin", worst_first=True)),
    "queue of nobody": lambda r: r.find(ConversationFilter(**QUEUE, is_assigned=False)),
    "assigned only: queue": lambda r: within(ASSIGNED, r).find(ConversationFilter(**QUEUE)),
    "assigned only: newest": lambda r: within(ASSIGNED, r).find(ConversationFilter()),
    "assigned only: report": lambda r: report(within(ASSIGNED, r)),
    "next for nobody": lambda r: r.hold_unassigned(1),
    "next of a shop": lambda r: r.hold_unassigned(1, shop="demo", within=[SHOP, TEAM]),
    "to be taken back": lambda r: r.hold_assigned("wangmin", 5),
    "to be assigned": lambda r: r.hold_chats(["1", "2"]),
    "how much each has": lambda r: r.open_chats(["wangmin", "lifang"]),
    "how much nobody has": lambda r: r.count_unassigned(at_most=5),
    "claim": lambda r: r.claim(5, lane=Lane.REALTIME, claimant="w", now=NOW),
    "claim by id": lambda r: r.claim(5, lane=Lane.REALTIME, claimant="w", now=NOW, ids=["1", "2"]),
    "stale claims": lambda r: r.return_stale(now=NOW, stale_before=NOW),
    "unsent": lambda r: r.take_unsent(5, lane=Lane.BULK, now=NOW, offered_before=NOW),
    "room": lambda r: r.count_pending(Lane.BULK, at_most=5),
    "dead letters": lambda r: r.dead_letters(limit=5),
    "report": report,
    "shop's report": lambda r: report(r, shop="demo"),
    "shop's month": lambda r: month(r, shop="demo"),
    "agent's figures": lambda r: r.agent_sums(since=NOW, until=NOW + MINUTE, agent_id="a-7"),
    "agent's month": lambda r: list(r.scorecards(since=NOW, until=NOW + MINUTE, agent_id="a-7")),
    "over its time": lambda r: r.erase_expired("demo", NOW - 2_000 * MINUTE, limit=100, now=NOW),
    "a customer": lambda r: r.chats_of(CustomerQuery(customer_digest=customer_digest("u-9"))),
    "shops": lambda r: r.shops_with_text(),
    "key": lambda r: r.find_api_key("k"),
    "session": lambda r: r.find_session("s"),
}


def within(scope: Scope, repository: SqlRepository) -> SqlRepository:
    """The same transaction for a caller of this scope."""
    return SqlRepository(repository._connection, scope)


ALLOWED_SCANS = {
    "SCAN conversations USING INDEX ix_conversations_began_at_id": "in the order of the list: it stops after a page",
    "SCAN anon_1": "of what was selected just before",
    "SCAN anon_2": "the same",
    "SCAN chats": "the same",
    "SCAN sums": "the same",
    "SCAN CONSTANT ROW": "values of the statement itself",
    "SCAN (subquery-1)": "of those values",
}
"""Steps of a plan that may walk along an index, and why."""


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    yield statements
    event.remove(engine, "before_cursor_execute", keep)


def plans(database: Database, read: Callable[[SqlRepository], Any]) -> list[list[str]]:
    """Of each statement of a read: the steps that SQLite takes."""
    content = chat()
    uow = database.unit_of_work()
    with uow() as repository:
        conversation_id = repository.submit(content, content_sha256=digest(content), now=NOW).id
        repository.add_inspection(conversation_id, inspection(content, finding()), now=NOW)
    with recorded(database._engine) as statements, uow() as repository:
        read(repository)
    queries = [(sql, parameters) for sql, parameters in statements if sql.startswith(("SELECT", "UPDATE"))]
    assert queries
    with database._engine.connect() as connection:
        return [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
            for sql, parameters in queries
        ]


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_no_read_on_a_hot_path_scans_a_table(database: Database, read: Callable[[SqlRepository], Any]) -> None:
    for plan in plans(database, read):
        assert [step for step in plan if step.startswith("SCAN") and step not in ALLOWED_SCANS] == [], plan


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("shop's month", "ix_findings_shown_conversation (conversation_id=? AND agent_id=?)"),
        ("shop's month", "ix_dimension_scores_current_conversation (conversation_id=? AND agent_id=?)"),
        ("agent only: queue", "ix_findings_shown_conversation (conversation_id=? AND agent_id=?)"),
        ("one rule", "ix_findings_shown_rule (rule_id=? AND conversation_id=?)"),
        ("one category", "ix_findings_shown_category (category=? AND conversation_id=?)"),
        (
            "two shops: queue, later",
            "ix_conversations_shop_review_state_queue_place_id (shop=? AND review_state=? AND (queu",
        ),
    ],
)
def test_an_index_is_asked_for_all_that_it_knows(database: Database, name: str, index: str) -> None:
    """One with a condition is passed over where the query does not write the condition out."""
    steps = [step for plan in plans(database, READS[name]) for step in plan]
    assert [step for step in steps if index in step], steps
