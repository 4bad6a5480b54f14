"""Reviews of conversations that were only suspected. Owns no judgement about who may be cleared (`review`)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from qa_service.domain.review import SuspicionReview
from qa_service.errors import NotFound
from qa_service.storage.tables import RevisionRow, SuspicionReviewRow


def add_suspicion_review(connection: Connection, review: SuspicionReview) -> None:
    """Append a review; older ones stay."""
    known = select(RevisionRow.revision).where(
        RevisionRow.conversation_id == review.conversation_id, RevisionRow.revision == review.revision
    )
    if connection.execute(known).first() is None:
        raise NotFound("no such revision of a conversation", field="conversation_id")
    connection.execute(
        insert(SuspicionReviewRow).values(
            conversation_id=review.conversation_id,
            revision=review.revision,
            comment=review.comment,
            reviewer=review.reviewer,
            created_at=review.created_at,
        )
    )


def suspicion_reviews(connection: Connection, conversation_id: str, revision: int) -> tuple[SuspicionReview, ...]:
    """The reviews of a revision, newest last."""
    rows = connection.execute(
        select(SuspicionReviewRow.comment, SuspicionReviewRow.reviewer, SuspicionReviewRow.created_at)
        .where(SuspicionReviewRow.conversation_id == conversation_id, SuspicionReviewRow.revision == revision)
        .order_by(SuspicionReviewRow.id)
    )
    return tuple(
        SuspicionReview(
            conversation_id=conversation_id,
            revision=revision,
            comment=row.comment,
            reviewer=row.reviewer,
            created_at=row.created_at,
        )
        for row in rows
    )
