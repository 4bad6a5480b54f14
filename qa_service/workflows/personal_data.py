"""Personal data at rest: who sees the originals, what was stored before masking, keys that change. Owns no finder, no key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.domain.audit import AuditEvent
from qa_service.domain.conversation import Conversation
from qa_service.domain.identity import Permission, Principal
from qa_service.domain.personal_data import unmask, unmask_stored
from qa_service.domain.records import StoredConversation
from qa_service.workflows.audit import audit
from qa_service.workflows.personal_data_ports import Masker
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

BATCH = 200
"""Revisions changed in one transaction: a second of work, so that nobody waits long for the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """Shows originals and looks after them."""

    unit_of_work: UnitOfWork
    clock: Clock
    masker: Masker

    def unmasked(self, conversation_id: str, principal: Principal) -> StoredConversation:
        """A conversation with its originals; that they were shown stands in the audit log before they are.

        Raises:
            NotPermitted: the role may not see them.
            NotFound: no such conversation.
            Unavailable: (`personal_data_sealed`) they cannot be opened.
        """
        principal.require(Permission.UNMASK)
        with self.unit_of_work() as repository:
            stored = repository.get(conversation_id)
            originals = repository.originals(conversation_id)
            audit(
                repository,
                AuditEvent.TEXT_UNMASKED,
                now=self.clock.now(),
                on={"conversation": conversation_id},
                shop=stored.conversation.shop,
                after={"revision": stored.revision, "spans": len(originals)},
            )
        return unmask_stored(stored, originals)

    def mask_stored(self) -> Iterator[int]:
        """Mask what was stored before masking, a batch a transaction; the size of each. Safe to end at any time."""
        while done := self._mask_batch():
            yield done

    def reseal(self) -> Iterator[int]:
        """Seal with the newest key what older ones sealed, a batch a transaction; the size of each.

        Raises:
            Unavailable: (`personal_data_sealed`) a key is missing, or a seal is broken.
        """
        while done := self._reseal_batch():
            yield done

    def _mask_batch(self) -> int:
        with self.unit_of_work() as repository:
            return repository.mask_stored(self.masker, limit=BATCH)

    def _reseal_batch(self) -> int:
        with self.unit_of_work() as repository:
            return repository.reseal(limit=BATCH)


def original_of(repository: Repository, stored: StoredConversation) -> Conversation:
    """The conversation as it was said, for stages that inspect; it may not leave the process."""
    return unmask(stored.conversation, repository.originals(stored.id))
