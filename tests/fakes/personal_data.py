"""Originals of personal data in memory; nothing is sealed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from qa_service.domain.personal_data import Original
from qa_service.workflows.personal_data_ports import Masker
from tests.fakes.records import FakeRecords, Records
from tests.fakes.stored import Record


@dataclass(kw_only=True)
class PersonalDataStore:
    originals: dict[tuple[str, int], tuple[Original, ...]] = field(default_factory=dict)
    """Of masked revisions, by conversation and revision; empty where there is no personal data."""


class _Store(Records, Protocol):
    originals: dict[tuple[str, int], tuple[Original, ...]]


class FakePersonalDataRepository(FakeRecords):
    """See `qa_service.workflows.personal_data_ports.PersonalDataStore`."""

    _store: _Store

    def originals(self, conversation_id: str) -> tuple[Original, ...]:
        record = self._record(conversation_id)
        return () if record.erased else self._store.originals.get((record.id, record.revision), ())

    def keep_originals(self, record: Record, originals: Sequence[Original], masked_by: int | None) -> None:
        if masked_by is not None:
            self._store.originals[record.id, record.revision] = tuple(originals)

    def mask_stored(self, masks: Masker, *, limit: int) -> int:
        left = [
            (record, revision)
            for record in self._store.records.values()
            for revision in range(1, record.revision + 1)
            if (record.id, revision) not in self._store.originals
        ]
        for record, revision in left[:limit]:
            self._mask(masks, record.id, revision)
        return len(left[:limit])

    def reseal(self, *, limit: int) -> int:
        return 0

    def sealed_with(self) -> frozenset[str]:
        return frozenset()

    def _mask(self, masks: Masker, conversation_id: str, revision: int) -> None:
        record = self._store.records[conversation_id]
        contents, results = list(record.contents), list(record.results)
        sha256, conversation = contents[revision - 1]
        masked = masks.mask(conversation)
        contents[revision - 1] = (sha256, masked.conversation)
        for at, result in enumerate(results):
            if result.revision == revision:
                results[at] = replace(result, inspection=masks.mask_inspection(conversation, result.inspection))
        self._store.records[record.id] = replace(record, contents=tuple(contents), results=tuple(results))
        self._store.originals[record.id, revision] = masked.originals
