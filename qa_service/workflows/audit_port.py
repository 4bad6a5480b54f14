"""What the workflows need of the audit log, as a protocol; part of `ports.Repository`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from qa_service.domain.audit import AuditEntry, AuditFilter, AuditPage, AuditRecord


class AuditLog(Protocol):
    """Rows are only ever added."""

    def add_audit(self, entry: AuditEntry) -> None:
        """Append when the transaction ends, with all else or not at all; the rows are readable after it.

        A read-only transaction that audits fails (RuntimeError).
        """

    def audit_page(self, query: AuditFilter) -> AuditPage:
        """One page, newest first; raises InvalidInput for a broken cursor."""

    def audit_records(self) -> Iterator[AuditRecord]:
        """All rows, oldest first, read as they are needed."""

    def final_scores(self, conversation_id: str) -> dict[str, dict[str, str | None]]:
        """Agent → `total` and each dimension → final score now, as a plain decimal; empty where none is stored."""
