"""What was given up: list it, queue it again. Owns no decision to give up (`worker`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.audit import AuditEvent
from qa_service.domain.work import DeadLetters
from qa_service.workflows.audit import audit
from qa_service.workflows.intake import Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterOffice:
    """Conversations whose inspection failed for good."""

    intake: Intake

    def listing(self, *, limit: int, cursor: str | None = None, error: str | None = None) -> DeadLetters:
        """One page, newest first, of all causes or one.

        Raises:
            InvalidInput: a broken cursor.
        """
        with self.intake.unit_of_work(is_read_only=True) as repository:
            return repository.dead_letters(limit=limit, cursor=cursor, error=error)

    def requeue(self, conversation_id: str) -> None:
        """Inspect one again, as if it had just come.

        Raises:
            NotFound: no such conversation.
            Conflict: it has not failed.
        """
        now = self.intake.clock.now()
        with self.intake.unit_of_work() as repository:
            stored = repository.get(conversation_id)
            lane = repository.requeue(conversation_id, now=now)
            audit(
                repository,
                AuditEvent.REQUEUED,
                now=now,
                on={"conversation": conversation_id},
                shop=stored.conversation.shop,
                before={"state": stored.state, "error": stored.error},
                after={"state": "pending", "lane": lane.value},
            )
        self.intake.announce([conversation_id], lane)

    def requeue_all(self, *, error: str | None = None) -> int:
        """Inspect all again (with this cause), in the bulk lane; how many. The sweeper tells the workers."""
        now = self.intake.clock.now()
        with self.intake.unit_of_work() as repository:
            count = repository.requeue_all(now=now, error=error)
            after = {"state": "pending", "chats": count}
            before = {"state": "failed", "error": error}
            audit(repository, AuditEvent.REQUEUED, now=now, on={}, before=before, after=after)
            return count
