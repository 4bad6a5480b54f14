"""A stream of conversations in, a stream of inspections out, stored on the way if wanted. Holds one window in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.domain.records import text_erased
from qa_service.domain.work import Lane
from qa_service.errors import QAServiceError
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.ports import Clock, UnitOfWork
from qa_service.workflows.worker import store_result

WINDOW = 32
"""Conversations inspected together: enough turns to fill the model's batches, few enough to hold."""

Outcome = tuple[Conversation, Inspection | QAServiceError]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInspection:
    """Inspects as it reads. Without `unit_of_work` nothing is stored."""

    inspector: Inspector
    clock: Clock
    unit_of_work: UnitOfWork | None = None

    def run(self, conversations: Iterable[Conversation]) -> Iterator[Outcome]:
        """Each conversation with its inspection or error, in input order.

        Stored runs may be killed at any line and begun again: what has its result of this provenance is read, not redone.
        """
        source = iter(conversations)
        while window := list(islice(source, WINDOW)):
            yield from zip(window, self._inspect(window), strict=True)

    def _inspect(self, window: Sequence[Conversation]) -> list[Inspection | QAServiceError]:
        if self.unit_of_work is None:
            return self.inspector.inspect_apart(window)
        ids, known = self._submit(window, self.unit_of_work)
        missing = [i for i in range(len(window)) if i not in known]
        results = dict(zip(missing, self.inspector.inspect_apart([window[i] for i in missing]), strict=True))
        with self.unit_of_work() as repository:
            for i, result in results.items():
                store_result(repository, self.inspector.scorer, ids[i], result, now=self.clock.now())
        return [known[i] if i in known else results[i] for i in range(len(window))]

    def _submit(
        self, window: Sequence[Conversation], unit_of_work: UnitOfWork
    ) -> tuple[list[str], dict[int, Inspection | QAServiceError]]:
        """Record the window as pending; the ids, and by position the results that are there already."""
        known: dict[int, Inspection | QAServiceError] = {}
        ids = []
        with unit_of_work() as repository:
            for i, conversation in enumerate(window):
                provenance = self.inspector.provenance(conversation)
                masked = self.inspector.masker.mask(conversation)
                submission = repository.submit(
                    masked.conversation,
                    content_sha256=provenance.text_sha256,
                    now=self.clock.now(),
                    lane=Lane.BULK,
                    originals=masked.originals,
                    masked_by=masked.masked_by,
                )
                ids.append(submission.id)
                if submission.erased is not None:
                    known[i] = text_erased(submission.erased)
                    continue
                if submission.state == "complete" and repository.has_inspection(submission.id, provenance.digest):
                    inspection = repository.get(submission.id).inspection
                    if inspection is not None:
                        known[i] = inspection
        return ids, known
