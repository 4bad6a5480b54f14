"""Sends what no message stands for: a process died between commit and send, the broker was away or lost its queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from qa_service.domain.work import BATCH, Lane, Unsent
from qa_service.workflows.ports import Broker, Clock, UnitOfWork

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=10)

RESEND_AFTER = timedelta(seconds=30)
"""What was offered so long ago and still waits is offered again, unless the queue shows that its turn is yet to come."""

AT_ONCE = 20_000
"""Conversations a sweep sends to a lane; keeps some hundred workers busy until the next one."""

ENOUGH_MESSAGES = 200
"""A lane with so many messages is not swept. Any message leads workers to the conversation that waits longest, so
none is forgotten; sending more would only let messages pile up behind a backlog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """Run by `beat`, every `SWEEP_EVERY`. Two at once send nothing twice.

    Attributes:
        stale_after: age at which a claim belongs to a process that died; more than a task may take.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    broker: Broker
    stale_after: timedelta

    def sweep(self) -> int:
        """Return stale claims and send what is due; how many conversations were sent.

        Raises:
            Unavailable: the store or the broker does not answer; what is left is sent by a later sweep.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            returned = repository.return_stale(now=now, stale_before=now - self.stale_after)
        sent = sum(self._send(lane) for lane in Lane if self.broker.depth(lane) < ENOUGH_MESSAGES)
        if returned or sent:
            logger.info("sweep", extra={"stale_claims": returned, "sent": sent})
        return sent

    def _send(self, lane: Lane) -> int:
        now = self.clock.now()
        with self.unit_of_work() as repository:
            unsent = repository.take_unsent(AT_ONCE, lane=lane, now=now, offered_before=now - RESEND_AFTER)
        for ids in _messages(unsent):
            self.broker.send(ids, lane)
        return len(unsent)


def _messages(unsent: Sequence[Unsent]) -> Iterator[list[str]]:
    """A batch a message; what will be claimed alone has its own."""
    fresh = [one.id for one in unsent if not one.was_claimed]
    yield from ([one.id] for one in unsent if one.was_claimed)
    yield from (fresh[start : start + BATCH] for start in range(0, len(fresh), BATCH))
