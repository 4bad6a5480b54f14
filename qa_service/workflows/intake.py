"""Takes conversations in: commit first, then tell the workers. Owns no inspection (`worker`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qa_service.domain.conversation import Conversation
from qa_service.domain.work import BATCH, Lane
from qa_service.errors import ErrorCode, InvalidInput, Unavailable
from qa_service.workflows.personal_data_ports import Masker
from qa_service.workflows.ports import Clock, ContentDigest, Submission, UnitOfWork, WorkQueue
from qa_service.workflows.telemetry import SILENT, Telemetry

logger = logging.getLogger(__name__)

CHECKED_EVERY = 200
"""Conversations of one stream between two looks at how many wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Accepts conversations; whoever runs a `Worker` does the rest.

    Attributes:
        bulk_limit: conversations that may wait in the bulk lane before more are refused.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    content_digest: ContentDigest
    queue: WorkQueue
    masker: Masker
    bulk_limit: int
    telemetry: Telemetry = SILENT

    def submit(self, conversation: Conversation) -> Submission:
        """Commit a live conversation as pending and tell the workers. Same content again answers the same record.

        Raises:
            NotPermitted, InvalidInput: as `record`.
        """
        submission = self.record(conversation, Lane.REALTIME)
        if submission.state == "pending":
            self.announce([submission.id], Lane.REALTIME)
        return submission

    def bulk(self) -> BulkIntake:
        """Takes a stream in."""
        return BulkIntake(intake=self)

    def announce(self, conversation_ids: Sequence[str], lane: Lane) -> None:
        """Tell the workers of what is committed; where that fails the sweeper tells them later."""
        try:
            self.queue.send(conversation_ids, lane)
        except Unavailable as error:
            logger.warning("%d conversations wait for the sweeper: %s", len(conversation_ids), error.code)

    def check_bulk_room(self) -> None:
        """Refuse more bulk work while enough waits.

        Raises:
            Unavailable: (`queue_full`) come back later; live conversations are still taken.
        """
        with self.unit_of_work(is_read_only=True) as repository:
            waiting = repository.count_pending(Lane.BULK, at_most=self.bulk_limit)
        if waiting >= self.bulk_limit:
            raise Unavailable(
                f"{self.bulk_limit} conversations wait in the bulk queue: send this again later",
                code=ErrorCode.QUEUE_FULL,
            )

    def record(self, conversation: Conversation, lane: Lane) -> Submission:
        """Commit as pending, masked; the caller announces it.

        Raises:
            NotPermitted: the shop is out of scope.
            InvalidInput: no shop is named, and there are several that it could be.
        """
        conversation = self._placed(conversation)
        digest, masked = self.content_digest(conversation), self.masker.mask(conversation)
        with self.unit_of_work() as repository:
            submission = repository.submit(
                masked.conversation,
                content_sha256=digest,
                now=self.clock.now(),
                lane=lane,
                originals=masked.originals,
                masked_by=masked.masked_by,
                traceparent=self.telemetry.traceparent(),
            )
        self.telemetry.taken_in(lane, is_new=submission.created)
        logger.info("accepted", extra={"conversation_id": submission.id, "lane": lane.value})
        return submission

    def _placed(self, conversation: Conversation) -> Conversation:
        """The conversation with its shop: whoever hands in for one shop only need not name it."""
        scope = self.unit_of_work.scope
        if conversation.shop is not None or scope.shops is None or scope.is_within_shops:
            return conversation
        if scope.only_shop is None:
            raise InvalidInput(
                "shop is missing: say which of the shops in your scope it is",
                code=ErrorCode.MISSING_FIELD,
                field="shop",
            )
        return replace(conversation, shop=scope.only_shop)


@dataclass(slots=True, kw_only=True)
class BulkIntake:
    """Takes a stream of conversations into the bulk lane, one message to the workers for a batch of them."""

    intake: Intake
    _count: int = field(default=0, init=False)
    _unannounced: list[str] = field(default_factory=list, init=False)

    def submit(self, conversation: Conversation) -> Submission:
        """Commit one as pending.

        Raises:
            Unavailable: (`queue_full`) as `Intake.check_bulk_room`, looked at now and then.
        """
        if self._count % CHECKED_EVERY == 0:
            self.intake.check_bulk_room()
        self._count += 1
        submission = self.intake.record(conversation, Lane.BULK)
        if submission.state == "pending":
            self._unannounced.append(submission.id)
        if len(self._unannounced) == BATCH:
            self.announce()
        return submission

    def announce(self) -> None:
        """Tell the workers of what they were not told of yet; call it at the end of the stream."""
        if self._unannounced:
            self.intake.announce(self._unannounced, Lane.BULK)
            self._unannounced = []
