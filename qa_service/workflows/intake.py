"""Takes conversations in and works them off: submit → claim → inspect → store, safe to kill at any line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.errors import QAServiceError
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.ports import Clock, ContentDigest, Repository, Scorer, Submission, UnitOfWork
from qa_service.workflows.review_findings import restore_verdicts

STALE_AFTER = timedelta(minutes=5)
"""A claim older than this belongs to a process that died; a batch takes seconds."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

Observer = Callable[[Inspection, float], None]
"""Told of each stored inspection and the seconds it took, its share of its batch."""


def ignore(_inspection: Inspection, _seconds: float) -> None:
    """The observer of a process that counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Accepts conversations; whoever runs a `Worker` does the rest."""

    unit_of_work: UnitOfWork
    clock: Clock
    content_digest: ContentDigest

    def submit(self, conversation: Conversation) -> Submission:
        """Commit the conversation as pending. Same content again answers the same record."""
        with self.unit_of_work() as repository:
            return repository.submit(
                conversation, content_sha256=self.content_digest(conversation), now=self.clock.now()
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Works off what is pending, a batch at a time.

    Attributes:
        began_at: claims from before are taken over at once, since a process that was killed left them. A worker beside
            this one may be at some of them: both store the same result, which is then there once, and no claim is
            taken over twice, since its time is then later.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    inspector: Inspector
    observe: Observer = ignore
    began_at: datetime = LONG_AGO

    def work(self, *, limit: int = 16) -> int:
        """Inspect up to `limit` pending conversations and store each in its own transaction.

        Returns:
            How many were taken; 0 when nothing is pending.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            claimed = repository.claim_pending(limit, now=now, stale_before=max(self.began_at, now - STALE_AFTER))
        if not claimed:
            return 0
        started = time.perf_counter()
        results = self.inspector.inspect_apart([conversation for _, conversation in claimed])
        seconds = (time.perf_counter() - started) / len(claimed)
        for (conversation_id, _), result in zip(claimed, results, strict=True):
            with self.unit_of_work() as repository:
                store_result(repository, self.inspector.scorer, conversation_id, result, now=self.clock.now())
            if isinstance(result, Inspection):
                self.observe(result, seconds)
        return len(claimed)


def store_result(
    repository: Repository,
    scorer: Scorer,
    conversation_id: str,
    result: Inspection | QAServiceError,
    *,
    now: datetime,
) -> None:
    """Store what inspecting came to; earlier verdicts go on to hold for findings that are still there."""
    if isinstance(result, QAServiceError):
        repository.mark_failed(conversation_id, error=result.code, now=now)
        return
    repository.add_inspection(conversation_id, result, now=now)
    restore_verdicts(repository, scorer, conversation_id, now=now)
