"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.domain.audit import NO_ROWS, Anchor, AuditEntry, AuditFilter, AuditPage, AuditRecord, chained
from qa_service.errors import ErrorCode, InvalidInput


class FakeAuditLog:
    """See `qa_service.workflows.audit_port.AuditLog`."""

    def __init__(self, audit_log: list[AuditRecord], *, is_read_only: bool) -> None:
        self._audit_log = audit_log
        self._pending: list[AuditEntry] = []
        self._is_read_only = is_read_only

    def add_audit(self, entry: AuditEntry) -> None:
        if self._is_read_only:
            raise RuntimeError("a read-only transaction audits nothing")
        self._pending.append(entry)

    def audit_page(self, query: AuditFilter) -> AuditPage:
        before = None if query.cursor is None else _before(query.cursor)
        found = [
            record
            for record in reversed(self._audit_log)
            if query.event in (None, record.entry.event)
            and query.by in (None, record.entry.by)
            and (query.shops is None or record.entry.shop in query.shops)
            and (before is None or record.number < before)
        ]
        shown = tuple(found[: query.limit])
        return AuditPage(rows=shown, next_cursor=f"before-{shown[-1].number}" if len(found) > query.limit else None)

    def audit_records(self) -> Iterator[AuditRecord]:
        yield from self._audit_log

    def end(self) -> None:
        """The transaction is over: what was done is in the log."""
        for entry in self._pending:
            last = self._audit_log[-1:]
            newest = Anchor(count=last[0].number, sha256=last[0].sha256) if last else NO_ROWS
            self._audit_log.append(chained(entry, newest))


def _before(cursor: str) -> int:
    number = cursor.removeprefix("before-")
    if number == cursor or not number.isdecimal():
        raise InvalidInput("cursor: not one of this list", code=ErrorCode.INVALID_FIELD, field="cursor")
    return int(number)
