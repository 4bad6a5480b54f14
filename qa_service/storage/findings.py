"""Findings that people decide about, and their verdicts. Owns no judgement: states are derived in `domain.review`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Connection, insert, select, update

from qa_service.domain.document import inspection_from_document
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.records import StoredFinding
from qa_service.domain.review import Decision, Verdict, state_of
from qa_service.errors import NotFound
from qa_service.storage.tables import ConversationRow, FindingRow, InspectionRow, VerdictRow


def insert_findings(
    connection: Connection, conversation_id: str, inspection_id: str, findings: Iterable[Finding], *, is_current: bool
) -> None:
    """Store the hits and suppressed hits of an inspection."""
    rows = [
        {
            "inspection_id": inspection_id,
            "id": finding_id(conversation_id, finding.key),
            "conversation_id": conversation_id,
            "key": finding.key,
            "rule_id": finding.rule_id,
            "rule_version": finding.rule_version,
            "category": finding.category,
            "severity": finding.severity.rank,
            "outcome": finding.outcome.value,
            "was_hit": finding.outcome is Outcome.HIT,
            "status": finding.status.value,
            "agent_id": finding.agent_id,
            "turn_id": finding.turn_id,
            "start": finding.start,
            "end": finding.end,
            "is_current": is_current,
        }
        for finding in _reviewable(findings).values()
    ]
    if rows:
        connection.execute(insert(FindingRow), rows)


def save_outcomes(connection: Connection, inspection_id: str, findings: Iterable[Finding]) -> None:
    """Make an inspection's findings hits or suppressed hits as they are after verdicts, so that lists find what stands."""
    keys: dict[Outcome, list[str]] = {}
    for key, finding in _reviewable(findings).items():
        keys.setdefault(finding.outcome, []).append(key)
    for outcome, changed in keys.items():
        connection.execute(
            update(FindingRow)
            .where(
                FindingRow.inspection_id == inspection_id, FindingRow.key.in_(changed), FindingRow.outcome != outcome
            )
            .values(outcome=outcome.value)
        )


def finding_id(conversation_id: str, key: str) -> str:
    """The same for the same finding of a conversation in every inspection, so that verdicts find it again."""
    return uuid5(UUID(conversation_id), key).hex


def finding_ids(connection: Connection, inspection_id: str) -> dict[str, str]:
    """Key → id of the findings of an inspection that may be decided about."""
    rows = connection.execute(select(FindingRow.key, FindingRow.id).where(FindingRow.inspection_id == inspection_id))
    return {row.key: row.id for row in rows}


def get_finding(connection: Connection, identity: str) -> StoredFinding:
    """The finding as the current inspection has it, else as the newest one that had it."""
    row = connection.execute(
        select(FindingRow.key, FindingRow.conversation_id, ConversationRow.external_id, InspectionRow.document)
        .join(InspectionRow, InspectionRow.id == FindingRow.inspection_id)
        .join(ConversationRow, ConversationRow.id == FindingRow.conversation_id)
        .where(FindingRow.id == identity)
        .order_by(FindingRow.is_current.desc(), InspectionRow.created_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("no such finding", field="id")
    verdicts = _verdicts(connection, VerdictRow.finding_id == identity)
    finding = _reviewable(inspection_from_document(row.document).findings)[row.key]
    return StoredFinding(
        id=identity,
        conversation_id=row.conversation_id,
        external_id=row.external_id,
        finding=finding,
        verdicts=verdicts,
        state=state_of(finding, verdicts),
    )


def add_verdict(connection: Connection, verdict: Verdict) -> None:
    """Append a verdict; older ones stay."""
    row = connection.execute(
        select(FindingRow.key, FindingRow.conversation_id).where(FindingRow.id == verdict.finding_id).limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("no such finding", field="finding_id")
    connection.execute(
        insert(VerdictRow).values(
            finding_id=verdict.finding_id,
            finding_key=row.key,
            conversation_id=row.conversation_id,
            decision=verdict.decision.value,
            comment=verdict.comment,
            reviewer=verdict.reviewer,
            created_at=verdict.created_at,
        )
    )


def verdicts_of_conversation(connection: Connection, conversation_id: str) -> tuple[Verdict, ...]:
    """All verdicts of a conversation, newest last; also those on findings that the current inspection has no more."""
    return _verdicts(connection, VerdictRow.conversation_id == conversation_id)


def verdicts_by_finding(connection: Connection, conversation_ids: Sequence[str]) -> dict[str, list[Verdict]]:
    """Finding id → its verdicts, newest last, of some conversations."""
    by_finding: dict[str, list[Verdict]] = {}
    for verdict in _verdicts(connection, VerdictRow.conversation_id.in_(conversation_ids)):
        by_finding.setdefault(verdict.finding_id, []).append(verdict)
    return by_finding


def _verdicts(connection: Connection, condition: ColumnElement[bool]) -> tuple[Verdict, ...]:
    rows = connection.execute(
        select(
            VerdictRow.finding_id, VerdictRow.decision, VerdictRow.comment, VerdictRow.reviewer, VerdictRow.created_at
        )
        .where(condition)
        .order_by(VerdictRow.created_at, VerdictRow.id)
    )
    return tuple(
        Verdict(
            finding_id=row.finding_id,
            decision=Decision(row.decision),
            comment=row.comment,
            reviewer=row.reviewer,
            created_at=row.created_at,
        )
        for row in rows
    )


def _reviewable(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Hits and suppressed hits by key; of two with one key the hit counts."""
    by_key = {finding.key: finding for finding in findings if finding.outcome is Outcome.SUPPRESSED}
    return by_key | {finding.key: finding for finding in findings if finding.outcome is Outcome.HIT}
