"""Corrected moods, and what a shadow model said. Owns no judgement about who may be learnt from (`workflows`)."""

from __future__ import annotations

from dataclasses import asdict, fields

from sqlalchemy import Connection, insert, select, union

from qa_service.domain.identity import Scope
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.mood import Emotion
from qa_service.errors import NotFound
from qa_service.storage.learning_tables import MoodCorrectionRow, ShadowDifferenceRow
from qa_service.storage.scoping import rows_in
from qa_service.storage.tables import ConversationRow, RevisionRow, SuspicionReviewRow, VerdictRow


def add_mood_correction(connection: Connection, correction: MoodCorrection) -> None:
    """Append; older ones stay."""
    known = select(RevisionRow.revision).where(
        RevisionRow.conversation_id == correction.conversation_id, RevisionRow.revision == correction.revision
    )
    if connection.execute(known).first() is None:
        raise NotFound("no such revision of a conversation", field="conversation_id")
    connection.execute(insert(MoodCorrectionRow).values({**asdict(correction), "emotion": correction.emotion.value}))


def mood_corrections(connection: Connection, conversation_id: str, revision: int) -> tuple[MoodCorrection, ...]:
    """Those of a revision, newest last."""
    rows = connection.execute(
        select(
            MoodCorrectionRow.turn_id,
            MoodCorrectionRow.emotion,
            MoodCorrectionRow.reviewer,
            MoodCorrectionRow.created_at,
        )
        .where(MoodCorrectionRow.conversation_id == conversation_id, MoodCorrectionRow.revision == revision)
        .order_by(MoodCorrectionRow.id)
    )
    return tuple(
        MoodCorrection(
            conversation_id=conversation_id,
            revision=revision,
            turn_id=row.turn_id,
            emotion=Emotion(row.emotion),
            reviewer=row.reviewer,
            created_at=row.created_at,
        )
        for row in rows
    )


def decided_ids(connection: Connection, scope: Scope) -> list[str]:
    """Conversations in scope with a verdict, a cleared suspicion or a corrected mood, whose text is held, by id."""
    columns = (VerdictRow.conversation_id, SuspicionReviewRow.conversation_id, MoodCorrectionRow.conversation_id)
    decided = union(*(select(column).where(*rows_in(scope, column)) for column in columns)).subquery()
    held = select(ConversationRow.id).where(
        ConversationRow.erased_at.is_(None), ConversationRow.id.in_(select(decided))
    )
    return sorted(connection.execute(held).scalars())


def add_shadow_difference(connection: Connection, difference: ShadowDifference) -> None:
    """Store it unless the same content was judged by the same two models before."""
    conversation = select(ConversationRow.id).where(ConversationRow.id == difference.conversation_id)
    if connection.execute(conversation).first() is None:
        raise NotFound("no such conversation", field="conversation_id")
    known = select(ShadowDifferenceRow.conversation_id).where(
        ShadowDifferenceRow.conversation_id == difference.conversation_id,
        ShadowDifferenceRow.content_sha256 == difference.content_sha256,
        ShadowDifferenceRow.live_revision == difference.live_revision,
        ShadowDifferenceRow.shadow_revision == difference.shadow_revision,
    )
    if connection.execute(known).first() is None:
        connection.execute(insert(ShadowDifferenceRow).values(asdict(difference)))


def shadow_differences(connection: Connection, scope: Scope) -> list[ShadowDifference]:
    """Those of conversations in scope, oldest first."""
    columns = [getattr(ShadowDifferenceRow, field.name) for field in fields(ShadowDifference)]
    rows = connection.execute(
        select(*columns)
        .where(*rows_in(scope, ShadowDifferenceRow.conversation_id))
        .order_by(ShadowDifferenceRow.created_at, ShadowDifferenceRow.conversation_id)
    )
    return [ShadowDifference(**row._mapping) for row in rows]
