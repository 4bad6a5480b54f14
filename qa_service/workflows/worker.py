"""Works off what waits: claim → inspect → store, safe to kill at any line. Owns no loop and no broker."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.domain.work import BATCH, Claim, Lane
from qa_service.errors import ErrorCode, QAServiceError, Unavailable
from qa_service.workflows.acting import begin_act
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.ports import Clock, Repository, Scorer, UnitOfWork
from qa_service.workflows.review_findings import is_undecided, restore_verdicts
from qa_service.workflows.score_changes import audited_scores
from qa_service.workflows.telemetry import SILENT, BatchTelemetry, Stage, Telemetry

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(minutes=5)
"""A claim older than this belongs to a process that died; a batch takes seconds."""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=10)

LONG_AGO = datetime.min.replace(tzinfo=UTC)

AfterStored = Callable[[str, Conversation, Inspection], None]
"""Given each conversation whose result is stored; may neither wait nor raise."""


class OutOfTime(BaseException):
    """The time for a task is over; raised into the work by whoever set the limit.

    Like KeyboardInterrupt no `Exception`: no stage may take it for a failure of its own.
    """


def forget(_id: str, _conversation: Conversation, _inspection: Inspection) -> None:
    """What follows on a stored result where nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Inspects a batch at a time and stores each result in its own transaction.

    Attributes:
        claimant: name of this worker or task; who comes again under it takes back what it left.
        began_at: `work` takes over claims from before at once, since a process that was killed left them. A worker
            beside this one may be at some of them: both store the same result, which is then there once, and no claim
            is taken over twice, since its time is then later.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    inspector: Inspector
    claimant: str
    telemetry: Telemetry = SILENT
    began_at: datetime = LONG_AGO
    after_stored: AfterStored = forget

    def work(self, *, limit: int = BATCH) -> int:
        """Inspect up to `limit` conversations of the first lane in which something is due.

        Returns:
            How many were taken; 0 when nothing is due.
        """
        now = self.clock.now()
        claims: list[Claim] = []
        with self.telemetry.stage(Stage.CLAIM), self.unit_of_work() as repository:
            repository.return_stale(now=now, stale_before=max(self.began_at, now - STALE_AFTER))
            for lane in Lane:
                claims = claims or repository.claim(limit, lane=lane, claimant=self.claimant, now=now)
        self._inspect(claims)
        return len(claims)

    def work_on(self, ids: Sequence[str], *, lane: Lane, limit: int = BATCH) -> int:
        """Inspect what is due of `ids`, batches filled up from the lane; what this claimant left before comes first.

        Returns:
            How many were taken; 0 when others had done them all.
        """
        with self.unit_of_work() as repository:
            repository.return_claims(self.claimant, now=self.clock.now())
        taken = 0
        while claims := self._claim(ids, lane, limit):
            self._inspect(claims)
            taken += len(claims)
        return taken

    def _claim(self, ids: Sequence[str], lane: Lane, limit: int) -> list[Claim]:
        with self.telemetry.stage(Stage.CLAIM), self.unit_of_work() as repository:
            return repository.claim(limit, lane=lane, claimant=self.claimant, now=self.clock.now(), ids=ids)

    def _inspect(self, claims: Sequence[Claim]) -> None:
        """One batch. Whatever ends it gives back what is not stored yet, the store permitting."""
        left = list(claims)
        if not left:
            return
        started = time.perf_counter()
        try:
            with self.telemetry.batch(claims) as batch:
                results = self.inspector.inspect_apart([claim.conversation for claim in claims])
                seconds = (time.perf_counter() - started) / len(claims)
                for claim, result in zip(claims, results, strict=True):
                    self._finish(batch, claim, result, seconds=seconds)
                    left.remove(claim)
        except BaseException as error:
            self._give_back(left, error)
            raise
        logger.info(
            "inspected", extra={"conversation_ids": [claim.id for claim in claims], "seconds": round(seconds, 4)}
        )

    def _finish(
        self, batch: BatchTelemetry, claim: Claim, result: Inspection | QAServiceError, *, seconds: float
    ) -> None:
        with batch.storing(claim):
            with self.telemetry.stage(Stage.STORE):
                self._store(claim, result)
            if isinstance(result, Inspection):
                self.telemetry.inspected(result, seconds)
                self.after_stored(claim.id, claim.conversation, result)
            else:
                self.telemetry.failed(result.code)

    def _store(self, claim: Claim, result: Inspection | QAServiceError) -> None:
        try:
            self._save(claim, result)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the task edge: a result that cannot be stored fails alone
            # The type alone: a message may quote the transcript.
            logger.error("a result cannot be stored: %s", type(error).__name__)
            self._save(claim, QAServiceError("the result cannot be stored", code=ErrorCode.INTERNAL))

    def _save(self, claim: Claim, result: Inspection | QAServiceError) -> None:
        now = self.clock.now()
        retry_at = now + retry_delay(claim.attempts) if is_retryable(result) else None
        with begin_act(), self.unit_of_work() as repository:  # nobody's act: whoever started the worker judged nothing
            store_result(repository, self.inspector.scorer, claim.id, result, now=now, retry_at=retry_at)

    def _give_back(self, claims: Sequence[Claim], error: BaseException) -> None:
        """Each of several is then claimed alone; what ran out of time alone waits before it is tried again."""
        try:
            if isinstance(error, OutOfTime) and len(claims) == 1:
                self._save(claims[0], Unavailable("inspecting took too long", code=ErrorCode.TIMED_OUT))
            elif claims:
                with self.unit_of_work() as repository:
                    repository.release([claim.id for claim in claims], now=self.clock.now())
        except Unavailable:
            logger.warning("%d claims stay open until they are stale: the store is away", len(claims))


def is_retryable(result: Inspection | QAServiceError) -> bool:
    """Whether doing the same again may end differently."""
    return isinstance(result, Unavailable) and result.retryable


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after that many attempts: doubled each time, up to `LAST_RETRY`, less up to half by chance.

    Chance keeps what failed together from coming back together.
    """
    longest: timedelta = min(LAST_RETRY, FIRST_RETRY * 2 ** (attempts - 1))
    return longest * random.uniform(0.5, 1.0)


def store_result(
    repository: Repository,
    scorer: Scorer,
    conversation_id: str,
    result: Inspection | QAServiceError,
    *,
    now: datetime,
    retry_at: datetime | None = None,
) -> None:
    """Store what inspecting came to; earlier verdicts go on to hold for findings that are still there."""
    if isinstance(result, QAServiceError):
        repository.mark_failed(conversation_id, error=result.code, now=now, retry_at=retry_at)
        return
    with audited_scores(repository, conversation_id, now=now):
        is_first = repository.add_inspection(conversation_id, result, now=now)
        if not (is_first and is_undecided(result)):
            restore_verdicts(repository, scorer, conversation_id, now=now)
