"""Appends to the audit log, one writer at a time, and reads it. Owns no chain (`domain.audit`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, RowMapping, insert, null, select, text

from qa_service.domain.audit import (
    NO_ROWS,
    Anchor,
    AuditEntry,
    AuditFilter,
    AuditPage,
    AuditRecord,
    chained,
)
from qa_service.storage.audit_tables import AuditRow
from qa_service.storage.pages import Ordering, SortKey, read_count

WRITER_LOCK = 0x7162
"""Key of the PostgreSQL advisory lock that lets one transaction append at a time; any number of our own."""

READ_ROWS = 1000
"""Rows fetched at a time where all are read."""

NEWEST_FIRST = Ordering(
    name="audit", is_descending=True, keys=(SortKey(column=AuditRow.number.expression, read=read_count),)
)


def append(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Chain `entries` to the newest row. The last step of a transaction: what waits for the lock holds all others.

    On SQLite a transaction that writes is alone from its beginning.
    """
    if not entries:
        return
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
    newest = _newest(connection)
    rows = []
    for entry in entries:
        record = chained(entry, newest)
        rows.append(_values(record))
        newest = Anchor(count=record.number, sha256=record.sha256)
    connection.execute(insert(AuditRow), rows)


def audit_page(connection: Connection, query: AuditFilter) -> AuditPage:
    """One page, newest first.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    statement = select(AuditRow.__table__).order_by(*NEWEST_FIRST.order).limit(query.limit + 1)
    if query.event is not None:
        statement = statement.where(AuditRow.event == query.event.value)
    if query.by is not None:
        statement = statement.where(AuditRow.actor == query.by)
    if query.shops is not None:
        statement = statement.where(AuditRow.shop.in_(query.shops))
    if query.cursor is not None:
        statement = statement.where(NEWEST_FIRST.after(NEWEST_FIRST.values(query.cursor)))
    rows = [_record(row) for row in connection.execute(statement).mappings()]
    shown = tuple(rows[: query.limit])
    is_last = len(rows) <= query.limit
    return AuditPage(rows=shown, next_cursor=None if is_last else NEWEST_FIRST.cursor((shown[-1].number,)))


def audit_records(connection: Connection) -> Iterator[AuditRecord]:
    """All rows, oldest first, a bounded number in memory.

    Raises:
        ValueError: somebody edited a row into what no row can be; those before it have been given.
    """
    last, limit = 0, READ_ROWS
    while True:
        try:
            rows = _rows_after(connection, last, limit)
        except ValueError:
            if limit == 1:
                raise
            limit = 1  # up to the row that cannot be read
            continue
        yield from rows
        if len(rows) < limit:
            return
        last = rows[-1].number


def _rows_after(connection: Connection, number: int, limit: int) -> list[AuditRecord]:
    statement = select(AuditRow.__table__).where(AuditRow.number > number).order_by(AuditRow.number).limit(limit)
    return [_record(row) for row in connection.execute(statement).mappings()]


def _newest(connection: Connection) -> Anchor:
    found = select(AuditRow.number, AuditRow.sha256).order_by(AuditRow.number.desc()).limit(1)
    row = connection.execute(found).one_or_none()
    return NO_ROWS if row is None else Anchor(count=row.number, sha256=row.sha256)


def _values(record: AuditRecord) -> dict[str, object]:
    entry = record.entry
    return {
        "number": record.number,
        "at": entry.at,
        "actor": entry.by,
        "role": entry.role,
        "event": str(entry.event),
        "subject": dict(entry.on),
        "shop": entry.shop,
        "values_before": null() if entry.before is None else dict(entry.before),
        "values_after": null() if entry.after is None else dict(entry.after),
        "request_id": entry.request_id,
        "address": entry.address,
        "previous_sha256": record.previous_sha256,
        "sha256": record.sha256,
    }


def _record(row: RowMapping) -> AuditRecord:
    return AuditRecord(
        number=row["number"],
        entry=AuditEntry(
            at=row["at"],
            by=row["actor"],
            role=row["role"],
            event=row["event"],
            on=row["subject"],
            shop=row["shop"],
            before=row["values_before"],
            after=row["values_after"],
            request_id=row["request_id"],
            address=row["address"],
        ),
        previous_sha256=row["previous_sha256"],
        sha256=row["sha256"],
    )
