"""Queues of messages that a test can look into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qa_service.domain.work import Lane
from qa_service.errors import ErrorCode, Unavailable
from qa_service.ingest.content_digest import content_sha256
from qa_service.normalise import PersonalDataMasker
from qa_service.workflows.intake import Intake
from qa_service.workflows.ports import Clock, UnitOfWork
from qa_service.workflows.telemetry import SILENT, Telemetry
from tests.fakes.stages import FakeClock


@dataclass
class FakeQueue:
    """Keeps what it is sent; `is_away` refuses it."""

    sent: list[tuple[Lane, list[str]]] = field(default_factory=list)
    is_away: bool = False
    erasures: int = 0

    def send(self, conversation_ids: Sequence[str], lane: Lane) -> None:
        if self.is_away:
            raise Unavailable("no broker", code=ErrorCode.BROKER_UNAVAILABLE)
        self.sent.append((lane, list(conversation_ids)))

    def erase(self) -> None:
        if self.is_away:
            raise Unavailable("no broker", code=ErrorCode.BROKER_UNAVAILABLE)
        self.erasures += 1

    def depth(self, lane: Lane) -> int:
        return sum(to is lane for to, _ in self.sent)


def fake_intake(
    unit_of_work: UnitOfWork,
    *,
    clock: Clock | None = None,
    queue: FakeQueue | None = None,
    bulk_limit: int = 1000,
    telemetry: Telemetry = SILENT,
) -> Intake:
    """Takes conversations in and tells `queue`."""
    return Intake(
        unit_of_work=unit_of_work,
        clock=clock or FakeClock(),
        content_digest=content_sha256,
        queue=queue or FakeQueue(),
        masker=PersonalDataMasker(),
        bulk_limit=bulk_limit,
        telemetry=telemetry,
    )
