"""Brings stored conversations up to the packs, policies, model and rubric of today."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.domain.conversation import Conversation
from qa_service.workflows.inspect_files import Outcome, StreamInspection
from qa_service.workflows.personal_data import original_of
from qa_service.workflows.ports import ConversationFilter, UnitOfWork

PAGE = 200


def reinspect_stored(inspection: StreamInspection, unit_of_work: UnitOfWork) -> Iterator[Outcome]:
    """Every stored conversation with its result; what has one of today's provenance is not done again.

    What was erased has no text to inspect and is left out. Earlier results are kept, verdicts go on to hold for findings
    that are still there.
    """
    return inspection.run(_stored(unit_of_work))


def _stored(unit_of_work: UnitOfWork) -> Iterator[Conversation]:
    cursor: str | None = None
    while True:
        with unit_of_work(is_read_only=True) as repository:
            page = repository.find(ConversationFilter(limit=PAGE, cursor=cursor))
            stored = [repository.get(row.id) for row in page.rows]
            conversations = [original_of(repository, one) for one in stored if one.erased is None]
        yield from conversations
        cursor = page.next_cursor
        if cursor is None:
            return
