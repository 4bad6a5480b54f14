"""Stores results and reads a conversation with its newest one. Owns no list (`conversations`) and no score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, func, insert, select, update

from qa_service.domain.conversation_document import conversation_from_stored
from qa_service.domain.document import inspection_from_document, stored_document
from qa_service.domain.inspection import Inspection
from qa_service.domain.records import StoredConversation, text_erased
from qa_service.domain.review import ReviewState
from qa_service.errors import Conflict, NotFound
from qa_service.storage.erasure import erased_of
from qa_service.storage.findings import finding_ids, insert_findings, verdicts_of_conversation
from qa_service.storage.learning import mood_corrections
from qa_service.storage.scorecards import final_scorecards, insert_scorecards
from qa_service.storage.summary import summary_columns
from qa_service.storage.suspicion_reviews import suspicion_reviews
from qa_service.storage.tables import (
    ConversationRow,
    DimensionScoreRow,
    FindingRow,
    InspectionRow,
    RevisionRow,
    ScorecardRow,
)


def add_inspection(connection: Connection, conversation_id: str, inspection: Inspection, *, now: datetime) -> bool:
    """Store a result and make it current; one that is there already is only made current again.

    A result of an older revision is kept for the record and changes nothing else. A chat whose text was erased takes none,
    since it would quote it.

    Returns:
        Whether it is the first one of the conversation: then nobody can have decided anything about it.
    """
    conversation = connection.execute(
        select(
            ConversationRow.revision,
            ConversationRow.shop,
            ConversationRow.began_at,
            ConversationRow.state,
            ConversationRow.erased_at,
            ConversationRow.erasure_reason,
        )
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
    ).one_or_none()
    if conversation is None:
        raise NotFound("no such conversation", field="id")
    erased = erased_of(conversation.erased_at, conversation.erasure_reason)
    if erased is not None:
        raise text_erased(erased)
    revision = _inspected_revision(connection, conversation_id, inspection)
    earlier = _inspections(connection, conversation_id)
    known = next((one for one in earlier if _key(one) == (revision, inspection.provenance.digest)), None)
    is_newest = revision == conversation.revision
    is_shown_now = is_newest and (known is None or not known.is_current)
    for retired in (one for one in earlier if is_shown_now and one.is_current):
        _set_current(connection, retired.id, is_current=False)
    if known is None:
        inspection_id = _insert(connection, conversation_id, revision, inspection, is_current=is_newest, now=now)
        insert_findings(connection, conversation_id, inspection_id, inspection.findings, is_current=is_newest)
        insert_scorecards(
            connection,
            conversation_id,
            inspection_id,
            inspection.scorecards,
            shop=conversation.shop,
            at=conversation.began_at,
            is_current=is_newest,
        )
    elif is_shown_now:
        _set_current(connection, known.id, is_current=True)
    changes = _shown_figures(inspection) if is_shown_now else {}
    if is_newest and conversation.state != "complete":
        changes |= {"state": "complete", "state_since": now, "error": None}
    if changes:
        connection.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(**changes))
    return not earlier


def has_inspection(connection: Connection, conversation_id: str, provenance_digest: str) -> bool:
    """Whether this is the current result of the newest revision."""
    revision = connection.execute(
        select(ConversationRow.revision).where(ConversationRow.id == conversation_id)
    ).scalar_one_or_none()
    if revision is None:
        return False
    found = _inspections(connection, conversation_id)
    return any(one.is_current and _key(one) == (revision, provenance_digest) for one in found)


def get_conversation(connection: Connection, conversation_id: str) -> StoredConversation:
    """The newest revision with its result; while that is not there, without any."""
    row = connection.execute(
        select(
            ConversationRow.id,
            ConversationRow.source,
            ConversationRow.external_id,
            ConversationRow.revision,
            ConversationRow.state,
            ConversationRow.error,
            ConversationRow.received_at,
            ConversationRow.review_state,
            ConversationRow.assignee,
            ConversationRow.erased_at,
            ConversationRow.erasure_reason,
            RevisionRow.document,
        )
        .join(
            RevisionRow,
            (RevisionRow.conversation_id == ConversationRow.id) & (RevisionRow.revision == ConversationRow.revision),
        )
        .where(ConversationRow.id == conversation_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such conversation", field="id")
    current = connection.execute(
        select(InspectionRow.id, InspectionRow.document).where(
            InspectionRow.conversation_id == conversation_id,
            InspectionRow.revision == row.revision,
            InspectionRow.is_current,
        )
    ).one_or_none()
    return StoredConversation(
        id=row.id,
        source=row.source,
        external_id=row.external_id,
        revision=row.revision,
        state=row.state,
        error=row.error,
        received_at=row.received_at,
        conversation=conversation_from_stored(row.document),
        inspection=None if current is None else inspection_from_document(current.document),
        final_scorecards=() if current is None else final_scorecards(connection, current.id),
        finding_ids={} if current is None else finding_ids(connection, current.id),
        verdicts=verdicts_of_conversation(connection, conversation_id),
        review_state=row.review_state,
        assignee=row.assignee,
        suspicion_reviews=suspicion_reviews(connection, conversation_id, row.revision),
        mood_corrections=mood_corrections(connection, conversation_id, row.revision),
        erased=erased_of(row.erased_at, row.erasure_reason),
    )


def _inspected_revision(connection: Connection, conversation_id: str, inspection: Inspection) -> int:
    revision = connection.execute(
        select(func.max(RevisionRow.revision)).where(
            RevisionRow.conversation_id == conversation_id,
            RevisionRow.content_sha256 == inspection.provenance.text_sha256,
        )
    ).scalar_one()
    if revision is None:
        raise Conflict(
            "the inspected content is none of the conversation's revisions: hand the conversation in again",
            field="provenance.text_sha256",
        )
    return revision


def _inspections(connection: Connection, conversation_id: str) -> Sequence[Row[str, int, str, bool]]:
    """All that there are of a conversation, without their documents."""
    return connection.execute(
        select(
            InspectionRow.id, InspectionRow.revision, InspectionRow.provenance_digest, InspectionRow.is_current
        ).where(InspectionRow.conversation_id == conversation_id)
    ).all()


def _key(row: Row[str, int, str, bool]) -> tuple[int, str]:
    return row.revision, row.provenance_digest


def _insert(
    connection: Connection,
    conversation_id: str,
    revision: int,
    inspection: Inspection,
    *,
    is_current: bool,
    now: datetime,
) -> str:
    inspection_id = uuid4().hex
    connection.execute(
        insert(InspectionRow).values(
            id=inspection_id,
            conversation_id=conversation_id,
            revision=revision,
            provenance_digest=inspection.provenance.digest,
            document=stored_document(inspection),
            created_at=now,
            is_current=is_current,
        )
    )
    return inspection_id


def _set_current(connection: Connection, inspection_id: str, *, is_current: bool) -> None:
    connection.execute(update(InspectionRow).where(InspectionRow.id == inspection_id).values(is_current=is_current))
    for table in (FindingRow, ScorecardRow, DimensionScoreRow):
        connection.execute(update(table).where(table.inspection_id == inspection_id).values(is_current=is_current))


def _shown_figures(inspection: Inspection) -> dict[str, Any]:
    """Of a result that nobody has looked at yet: open for review until its verdicts are applied."""
    return {"review_state": ReviewState.OPEN, **summary_columns(inspection)}
