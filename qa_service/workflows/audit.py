"""Writes acts into the audit log, reads it and checks it. Owns no chain (`domain.audit`) and no storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_service.domain.audit import (
    NO_ROWS,
    Anchor,
    AuditEntry,
    AuditEvent,
    AuditFilter,
    AuditPage,
    AuditRecord,
    ChainCheck,
    check_chain,
)
from qa_service.domain.identity import Role
from qa_service.workflows.acting import SYSTEM, current_act
from qa_service.workflows.audit_port import AuditLog
from qa_service.workflows.ports import Clock, UnitOfWork


def audit(
    repository: AuditLog,
    event: AuditEvent,
    *,
    now: datetime,
    on: Mapping[str, str],
    shop: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    by: str | None = None,
    role: Role | None = None,
) -> None:
    """Write an act down, in the transaction that does it. Who acts is taken from the act at hand.

    Args:
        repository: of the transaction that does it.
        event: what is done.
        now: when.
        on: kind of thing → id.
        shop: whose rows it touches; None where it is nobody's alone.
        before: values before, plain JSON, never transcript text.
        after: the same after.
        by: who acts, where the act at hand cannot know (a log-in).
        role: the role of `by`.
    """
    act = current_act()
    principal = act.principal if by is None else None
    entry = AuditEntry(
        at=now,
        by=by or (principal.name if principal else SYSTEM),
        role=role or (principal.role if principal else None),
        event=event,
        on=on,
        shop=shop,
        before=before,
        after=after,
        request_id=act.request_id,
        address=act.address,
    )
    repository.add_audit(entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """Shows the log, hands it out and holds it against its hashes."""

    unit_of_work: UnitOfWork
    clock: Clock

    def listing(self, query: AuditFilter) -> AuditPage:
        """One page, newest first.

        Raises:
            InvalidInput: a broken cursor.
        """
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.audit_page(query)

    def verify(self, expected: Anchor = NO_ROWS) -> ChainCheck:
        """Read all rows; what is wrong first, or the anchor to write down."""
        with self.unit_of_work(is_read_only=True) as repository:
            return check_chain(repository.audit_records(), expected=expected)

    def export(self) -> Iterator[AuditRecord]:
        """All rows, oldest first. That they were handed out is written down first."""
        with self.unit_of_work() as repository:
            audit(repository, AuditEvent.AUDIT_EXPORTED, now=self.clock.now(), on={})
        with self.unit_of_work(is_read_only=True) as repository:
            yield from repository.audit_records()
