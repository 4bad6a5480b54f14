from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from qa_service.domain.audit import Anchor, AuditEntry, AuditEvent, AuditFilter
from qa_service.domain.identity import Principal, Role
from qa_service.workflows.acting import begin_act, current_act, identify
from qa_service.workflows.audit import AuditTrail, audit
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock

WANG = Principal(name="王", role=Role.REVIEWER)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def trail(uow: FakeUnitOfWork) -> AuditTrail:
    return AuditTrail(unit_of_work=uow, clock=FakeClock())


def write(uow: FakeUnitOfWork) -> None:
    with uow() as repository:
        audit(repository, AuditEvent.KEY_MADE, now=FakeClock().now(), on={"key": "k"})


def newest(trail: AuditTrail) -> AuditEntry:
    return trail.listing(AuditFilter(limit=1)).rows[0].entry


def test_an_act_is_signed_by_whoever_is_known_to_act(uow: FakeUnitOfWork, trail: AuditTrail) -> None:
    with begin_act(request_id="r-1", address="10.0.0.9"):
        identify(WANG)
        write(uow)

    signed = newest(trail)
    assert (signed.by, signed.role, signed.request_id, signed.address) == ("王", "reviewer", "r-1", "10.0.0.9")


def test_what_a_thread_of_the_request_finds_out_holds_for_the_request() -> None:
    with begin_act(request_id="r-1"), ThreadPoolExecutor() as threads:
        threads.submit(copy_context().run, identify, WANG).result()

        assert current_act().principal == WANG


def test_what_nobody_asked_for_is_signed_by_the_system(uow: FakeUnitOfWork, trail: AuditTrail) -> None:
    with begin_act(principal=WANG):
        pass
    write(uow)

    assert (newest(trail).by, newest(trail).role) == ("system", None)


def test_nobody_is_identified_outside_of_an_act() -> None:
    with pytest.raises(LookupError):
        identify(WANG)


def test_the_anchor_of_one_check_is_held_against_the_next(uow: FakeUnitOfWork, trail: AuditTrail) -> None:
    write(uow)
    anchor = trail.verify().newest
    write(uow)

    assert trail.verify(anchor).broken_row is None
    assert trail.verify(Anchor(count=1, sha256="f" * 64)).broken_row == 1


def test_handing_the_log_out_is_in_the_log(uow: FakeUnitOfWork, trail: AuditTrail) -> None:
    write(uow)

    assert [record.entry.event for record in trail.export()] == [AuditEvent.KEY_MADE, AuditEvent.AUDIT_EXPORTED]
