"""Plans and times of the reads that people wait for, on PostgreSQL with millions of findings.

`python -m tests.bench.query_plans [FINDINGS]` fills a private PostgreSQL (5,000,000 unless given), prints each statement's
access paths and time, and ends with 1 if a hot path reads a whole table.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import text

from qa_service.domain.conversation_document import conversation_to_stored
from qa_service.domain.document import stored_document, stored_scorecard
from qa_service.storage import Database
from qa_service.storage.repository import SqlRepository
from tests.servers import FAST_NOT_SAFE, postgresql_server
from tests.unit.storage.builders import chat, finding, inspection, scorecard
from tests.unit.storage.test_query_plans import READS, month, recorded

FINDINGS_A_CHAT = 10
CATEGORIES = (
    "ARRAY['abuse','dismissive','privacy','timeliness','unauthorized_promise','off_platform','review_inducement']"
)
MEMORY = ("-c", "shared_buffers=512MB", "-c", "maintenance_work_mem=256MB", "-c", "max_wal_size=4GB", "-c", "jit=off")

FILL = (
    """
    INSERT INTO conversations (id, source, external_id, shop, channel, began_at, received_at, revision, content_sha256, state,
        state_since, attempts, lane, due_at, offered_at, review_state, urgency, queue_place, hits, worst_severity, lowest_polarity,
        satisfaction, negative_share, lowest_total, is_suspected, text_since)
    SELECT md5('c' || n), 'default', 'c-' || n, CASE WHEN n % 50 = 7 THEN 'demo' ELSE 'shop-' || n % 50 END, 'taobao',
        moment, moment, 1, md5('x' || n), CASE WHEN n % 500 = 0 THEN 'pending' WHEN n % 501 = 0 THEN 'failed' ELSE 'complete' END,
        moment, 0, CASE WHEN n % 3 = 0 THEN 'realtime' ELSE 'bulk' END, moment, moment,
        CASE WHEN n % 10 < 7 THEN 'open' ELSE 'confirmed' END, n % 7,
        (6 - n % 7) * 1000000000000 + (99999 - n % 5) * 10000000::bigint + (n % 200) * 10000, n % 5, n % 4,
        (n % 200) / 100.0 - 1, 3, 0.5, n % 100, n % 9 = 0, moment
    FROM (SELECT n, timestamptz '2026-11-02 02:00Z' - n * interval '20 seconds' AS moment FROM generate_series(0, :chats - 1) n) g
    """,
    "INSERT INTO conversation_revisions (conversation_id, revision, content_sha256, document, received_at)"
    " SELECT id, 1, content_sha256, CAST(:chat AS json), received_at FROM conversations",
    """
    INSERT INTO conversation_agents (conversation_id, agent_id, position, began_at)
    SELECT md5('c' || n), 'a-' || n % 2000, 0, timestamptz '2026-11-02 02:00Z' - n * interval '20 seconds'
    FROM generate_series(0, :chats - 1) n
    """,
    """
    INSERT INTO inspections (id, conversation_id, revision, provenance_digest, document, created_at, is_current)
    SELECT md5('i' || n), md5('c' || n), 1, md5('p' || n), CAST(:inspection AS json), now(), true
    FROM generate_series(0, :chats - 1) n
    """,
    f"""
    INSERT INTO findings (inspection_id, id, conversation_id, key, rule_id, rule_version, category, severity, outcome, status,
        agent_id, turn_id, span_start, span_end, is_current)
    SELECT md5('i' || n / {FINDINGS_A_CHAT}), md5('f' || n), md5('c' || n / {FINDINGS_A_CHAT}), md5('k' || n),
        CASE WHEN n % 400 = 0 THEN 'promise.return_window' ELSE 'rule.' || n % 90 END, 1, ({CATEGORIES})[1 + n % 7], n % 4,
        CASE WHEN n % 11 < 3 THEN 'suppressed' ELSE 'hit' END, 'scored', 'a-' || (n / {FINDINGS_A_CHAT}) % 2000, '2', 0, 3, true
    FROM generate_series(0, :findings - 1) n
    """,
    """
    INSERT INTO scorecards (inspection_id, agent_id, position, conversation_id, shop, at, rubric, rubric_version, machine_total,
        final_total, machine, final, is_current)
    SELECT md5('i' || n), 'a-' || n % 2000, 0, md5('c' || n), CASE WHEN n % 50 = 7 THEN 'demo' ELSE 'shop-' || n % 50 END,
        timestamptz '2026-11-02 02:00Z' - n * interval '20 seconds', 'default', 1, 80, 80,
        CAST(:card AS json), CAST(:card AS json), true
    FROM generate_series(0, :chats - 1) n
    """,
    """
    INSERT INTO dimension_scores (inspection_id, agent_id, dimension, conversation_id, machine, final, is_current)
    SELECT md5('i' || n), 'a-' || n % 2000, dimension, md5('c' || n), 80, 80, true
    FROM generate_series(0, :chats - 1) n, unnest(ARRAY['compliance', 'service_attitude']) dimension
    """,
    """
    INSERT INTO agents (shop, id, name, group_name)
    SELECT CASE WHEN n % 50 = 7 THEN 'demo' ELSE 'shop-' || n % 50 END, 'a-' || n, 'name', CASE WHEN n % 100 = 7 THEN '售后' END
    FROM generate_series(0, 1999) n
    """,
    """
    INSERT INTO conversation_customers (conversation_id, customer_digest)
    SELECT md5('c' || n), md5('u' || n / 3) || md5('v' || n / 3) FROM generate_series(0, :chats - 1) n
    """,
    """
    INSERT INTO sealed_originals (conversation_id, revision, key_id, token)
    SELECT md5('c' || n), 1, 'key', repeat('t', 200) FROM generate_series(1, :chats - 1, 2) n
    """,
    f"""
    INSERT INTO verdicts (finding_id, finding_key, conversation_id, decision, comment, reviewer, created_at)
    SELECT md5('f' || n), md5('k' || n), md5('c' || n / {FINDINGS_A_CHAT}), 'confirm', '', 'r', now()
    FROM generate_series(0, :findings - 1, 101) n
    """,
)
SECONDARY = """
    SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'
    AND indexname NOT IN (SELECT conname FROM pg_constraint) AND indexname NOT LIKE 'uq_%'
"""
"""Made anew after the fill, which is much faster."""
WHOLE_TABLE = re.compile(r"Seq Scan on (\w+)")
SMALL = {"agents", "api_keys", "mood_corrections", "sessions", "suspicion_reviews", "verdicts"}
"""PostgreSQL reads them whole as long as that costs less than to visit an index: a few pages, or (`verdicts`) a row for a
hundred findings."""


def main() -> int:
    """Fill, explain, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("findings", nargs="?", type=int, default=5_000_000)
    findings = parser.parse_args().findings
    with postgresql_server(*FAST_NOT_SAFE, *MEMORY) as server:
        database = Database(server.url)
        database.upgrade()
        started = time.perf_counter()
        fill(database, findings)
        sys.stdout.write(
            f"{findings:,} findings of {findings // FINDINGS_A_CHAT:,} chats in {time.perf_counter() - started:.0f} s\n"
        )
        whole = [name for name in READS if _report(database, name, READS[name])]
        _report(database, "month of all shops", month)
        database.close()
    sys.stdout.write(f"\nreads of a whole table: {', '.join(whole) or 'none'}\n")
    return int(bool(whole))


def fill(database: Database, findings: int) -> None:
    """Ten findings a chat, 50 shops, a chat every 20 seconds until 2026-11-02."""
    values = {
        "findings": findings,
        "chats": findings // FINDINGS_A_CHAT,
        "chat": json.dumps(conversation_to_stored(chat())),
        "inspection": json.dumps(stored_document(inspection(chat(), finding()))),
        "card": json.dumps(stored_scorecard(scorecard())),
    }
    with database._engine.begin() as connection:
        connection.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # the rows fit each other as they are made
        indexes = connection.execute(text(SECONDARY)).all()
        for index in indexes:
            connection.execute(text(f'DROP INDEX "{index.name}"'))
        for statement in FILL:
            connection.execute(text(statement), values)
        for index in indexes:
            connection.execute(text(index.definition))
    with database._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def plans(database: Database, read: Callable[[SqlRepository], Any]) -> list[list[str]]:
    """Of each statement of a read: the lines of its plan, carried out."""
    with database._engine.connect() as connection, recorded(database._engine) as statements:
        transaction = connection.begin()
        read(SqlRepository(connection))
        transaction.rollback()
    return [_plan(database, sql, parameters) for sql, parameters in statements if sql.startswith(("SELECT", "UPDATE"))]


def whole_tables(plan: Iterable[str]) -> set[str]:
    """Tables that it reads from end to end, small ones apart."""
    return {match[1] for line in plan if (match := WHOLE_TABLE.search(line))} - SMALL


def _plan(database: Database, sql: str, parameters: Any) -> list[str]:
    once = parameters[0] if isinstance(parameters, list) else parameters
    with database._engine.connect() as connection:
        transaction = connection.begin()
        plan = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN (ANALYZE) {sql}", once)]
        transaction.rollback()
    return plan


def _report(database: Database, name: str, read: Callable[[SqlRepository], Any]) -> bool:
    """Print how long a read takes, the third time, and its plans; whether one reads a whole table."""
    for _ in range(3):
        with database._engine.connect() as connection:
            started = time.perf_counter()
            read(SqlRepository(connection))
            seconds = time.perf_counter() - started
    sys.stdout.write(f"{name}: {seconds * 1000:.1f} ms\n")
    found = plans(database, read)
    for plan in found:
        paths = [re.sub(r"\s+\(cost.*", "", line).strip(" ->") for line in plan if " Scan" in line]
        took = next(line for line in plan if line.startswith("Execution Time")).split(": ")[1]
        sys.stdout.write(f"{took:>15}  {'; '.join(paths)}\n")
    return any(map(whole_tables, found))


if __name__ == "__main__":
    sys.exit(main())
