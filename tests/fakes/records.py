"""Rows of the store in memory that a caller may touch: what the parts of `FakeRepository` stand on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from qa_service.domain.identity import Scope
from qa_service.errors import ErrorCode, InvalidInput, NotFound
from tests.fakes.scoping import FakeScoping
from tests.fakes.stored import Record


class Records(Protocol):
    records: dict[str, Record]
    groups: dict[tuple[str, str], str]


class FakeRecords:
    """A part of `FakeRepository`."""

    _store: Records
    _scope: Scope

    @property
    def _scoping(self) -> FakeScoping:
        return FakeScoping(scope=self._scope, groups=self._store.groups)

    @property
    def _seen(self) -> list[Record]:
        return [record for record in self._store.records.values() if self._scoping.holds(record)]

    def _record(self, conversation_id: str) -> Record:
        record = self._store.records.get(conversation_id)
        if record is None or not self._scoping.holds(record):
            raise NotFound("no such conversation", field="id")
        return record

    def _change(self, record: Record, **changes: Any) -> Record:
        self._store.records[record.id] = replace(record, **changes)
        return self._store.records[record.id]


def first_of_page(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.startswith("after-") or not cursor[6:].isdecimal():
        raise InvalidInput("cursor: not one of this list", code=ErrorCode.INVALID_FIELD, field="cursor")
    return int(cursor[6:])
