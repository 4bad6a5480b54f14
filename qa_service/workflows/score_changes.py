"""Writes changed final scores into the audit log. Owns no score (`review_findings`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from qa_service.domain.audit import AuditEvent
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Repository


@contextmanager
def audited_scores(repository: Repository, conversation_id: str, *, now: datetime) -> Iterator[None]:
    """Compare a conversation's final scores before and after the block; first scores change nothing."""
    before = repository.final_scores(conversation_id)
    yield
    after = repository.final_scores(conversation_id) if before else before
    if before != after:
        audit(
            repository,
            AuditEvent.SCORE_CHANGED,
            now=now,
            on={"conversation": conversation_id},
            shop=repository.get(conversation_id).conversation.shop,
            before=before,
            after=after,
        )
