"""The rule log, and the verdicts by rule. Owns no judgement about rules (`workflows`)."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from qa_service.domain.identity import Scope
from qa_service.domain.rule_log import RuleEvent, RuleRecord, RuleVerdict
from qa_service.storage.scoping import rows_in
from qa_service.storage.tables import FindingRow, RuleLogRow, VerdictRow


def add_rule_record(connection: Connection, record: RuleRecord) -> None:
    """Append."""
    connection.execute(
        insert(RuleLogRow).values(
            event=record.event.value, key=record.key, document=record.document, created_at=record.created_at
        )
    )


def rule_records(connection: Connection, event: RuleEvent, key: str | None = None) -> list[RuleRecord]:
    """The records of a kind (and key), oldest first."""
    query = select(RuleLogRow.event, RuleLogRow.key, RuleLogRow.document, RuleLogRow.created_at)
    query = query.where(RuleLogRow.event == event.value).order_by(RuleLogRow.id)
    if key is not None:
        query = query.where(RuleLogRow.key == key)
    return [
        RuleRecord(event=RuleEvent(row.event), key=row.key, document=row.document, created_at=row.created_at)
        for row in connection.execute(query)
    ]


def rule_revision(connection: Connection) -> int:
    """The newest record that changes which rules are in force; 0 without any."""
    changing = (RuleEvent.PUBLICATION.value, RuleEvent.DEMOTION.value, RuleEvent.RELOAD.value)
    return connection.execute(select(func.max(RuleLogRow.id)).where(RuleLogRow.event.in_(changing))).scalar() or 0


def rule_verdicts(connection: Connection, rule_id: str | None, scope: Scope) -> list[RuleVerdict]:
    """The newest decision about each finding in scope, once for each version of the rule that hit it, by finding.

    A version that holds the words back (an exception was added) does not answer for them.
    """
    newest = select(func.max(VerdictRow.id)).group_by(VerdictRow.finding_id)
    query = (
        select(
            FindingRow.rule_id, FindingRow.rule_version, FindingRow.conversation_id, FindingRow.id, VerdictRow.decision
        )
        .join(VerdictRow, VerdictRow.finding_id == FindingRow.id)
        .where(
            VerdictRow.id.in_(newest),
            FindingRow.was_hit.is_not(False),
            *rows_in(scope, FindingRow.conversation_id, FindingRow.agent_id),
        )
        .distinct()
        .order_by(FindingRow.id, FindingRow.rule_version)
    )
    if rule_id is not None:
        query = query.where(FindingRow.rule_id == rule_id)
    return [
        RuleVerdict(
            rule_id=row.rule_id,
            rule_version=row.rule_version,
            conversation_id=row.conversation_id,
            finding_id=row.id,
            decision=row.decision,
        )
        for row in connection.execute(query)
    ]
