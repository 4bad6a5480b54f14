from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from qa_service.domain.review import Decision
from qa_service.domain.work import Lane
from qa_service.errors import Conflict, ErrorCode, InvalidInput, Unavailable
from qa_service.normalise import PersonalDataMasker
from qa_service.workflows.inspect_files import WINDOW, StreamInspection
from qa_service.workflows.review_findings import Review
from qa_service.workflows.work_loop import WorkLoop
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeScorer, fake_inspector

PROMISE = ("customer: 能退吗", "agent[a-7]: 七天可以退")


@pytest.fixture
def store():
    return FakeUnitOfWork()


@pytest.fixture
def intake(store):
    return fake_intake(store)


@pytest.fixture
def worker(store):
    return Worker(unit_of_work=store, clock=FakeClock(), inspector=fake_inspector(), claimant="w")


@pytest.fixture
def review(store):
    return Review(unit_of_work=store, clock=FakeClock(), scorer=FakeScorer(), masker=PersonalDataMasker())


def stored(store, conversation_id):
    with store(is_read_only=True) as repository:
        return repository.get(conversation_id)


def test_same_content_again_is_the_same_record(intake):
    first = intake.submit(conversation(*PROMISE))
    again = intake.submit(conversation(*PROMISE))

    assert (again.id, again.revision, again.created) == (first.id, 1, False)


def test_changed_content_is_a_new_revision(intake, worker, store):
    first = intake.submit(conversation(*PROMISE))
    worker.work()
    second = intake.submit(conversation(*PROMISE, "customer: 好"))

    assert (second.id, second.revision, second.state) == (first.id, 2, "pending")
    assert worker.work() == 1
    assert stored(store, first.id).state == "complete"


def test_the_worker_inspects_what_is_pending_and_then_has_nothing_to_do(intake, worker, store):
    ids = [intake.submit(conversation(*PROMISE, external_id=f"c-{n}")).id for n in range(3)]

    assert (worker.work(), worker.work()) == (3, 0)
    assert all(stored(store, one).inspection is not None for one in ids)


def test_what_an_earlier_process_had_claimed_is_taken_over_at_once(intake, worker, store):
    conversation_id = intake.submit(conversation(*PROMISE)).id
    clock = FakeClock()
    with store() as repository:
        repository.claim(1, lane=Lane.REALTIME, claimant="w", now=clock.now())
    assert worker.work() == 0

    assert replace(worker, began_at=clock.now() + timedelta(seconds=1)).work() == 1

    assert stored(store, conversation_id).state == "complete"


def test_what_was_claimed_since_the_worker_began_is_left_to_whoever_has_it(intake, worker, store):
    intake.submit(conversation(*PROMISE))
    clock = FakeClock()
    began_at = clock.now()
    with store() as repository:
        repository.claim(1, lane=Lane.REALTIME, claimant="w", now=clock.now())

    assert replace(worker, began_at=began_at).work() == 0


def test_an_overturned_finding_no_longer_costs_points(intake, worker, review, store):
    conversation_id = intake.submit(conversation(*PROMISE)).id
    worker.work()
    (finding_id,) = [i for i in stored(store, conversation_id).finding_ids.values() if review.finding(i).finding.counts]

    decided = review.decide(finding_id, decision=Decision.OVERTURN, comment="活动期七天", reviewer="Wang")

    after = stored(store, conversation_id)
    assert decided.state == "overturned"
    assert [card.total for card in after.final_scorecards] == [100]
    assert [card.total for card in after.inspection.scorecards] == [70]
    assert after.review_state == "overturned"


def test_a_verdict_survives_a_new_inspection(intake, worker, review, store):
    conversation_id = intake.submit(conversation(*PROMISE)).id
    worker.work()
    finding_id = next(
        i for i in stored(store, conversation_id).finding_ids.values() if review.finding(i).finding.counts
    )
    review.decide(finding_id, decision=Decision.OVERTURN, comment="活动期七天", reviewer="Wang")

    intake.submit(conversation(*PROMISE, "customer: 好"))
    worker.work()

    assert [card.total for card in stored(store, conversation_id).final_scorecards] == [100]


def test_overturning_needs_a_comment(intake, worker, review, store):
    conversation_id = intake.submit(conversation(*PROMISE)).id
    worker.work()
    finding_id = next(iter(stored(store, conversation_id).finding_ids.values()))

    with pytest.raises(InvalidInput):
        review.decide(finding_id, decision=Decision.OVERTURN, comment=" ", reviewer="Wang")


def test_an_appeal_against_an_overturned_finding_is_a_conflict(intake, worker, review, store):
    conversation_id = intake.submit(conversation(*PROMISE)).id
    worker.work()
    finding_id = next(iter(stored(store, conversation_id).finding_ids.values()))
    review.decide(finding_id, decision=Decision.OVERTURN, comment="误判", reviewer="Wang")

    with pytest.raises(Conflict):
        review.decide(finding_id, decision=Decision.APPEAL, comment="仍有异议", reviewer="a-7")


def test_a_stored_stream_begun_again_redoes_nothing(store):
    chats = [conversation(*PROMISE, external_id=f"c-{n}") for n in range(WINDOW + 3)]
    run = StreamInspection(inspector=fake_inspector(), clock=FakeClock(), unit_of_work=store)
    interrupted = run.run(chats)
    for _ in range(WINDOW):
        next(interrupted)
    interrupted.close()

    results = list(run.run(chats))

    assert [chat.external_id for chat, _ in results] == [chat.external_id for chat in chats]
    with store(is_read_only=True) as repository:
        assert repository.state_counts() == {"complete": len(chats)}


def test_a_stream_without_a_store_keeps_order_and_stores_nothing():
    chats = [conversation(*PROMISE, external_id=f"c-{n}") for n in range(5)]

    results = list(StreamInspection(inspector=fake_inspector(), clock=FakeClock()).run(chats))

    assert [result.external_id for _, result in results] == [chat.external_id for chat in chats]


def test_the_work_loop_works_when_woken_and_ends_when_stopped(intake, worker, store):
    loop = WorkLoop(lambda: worker)
    loop.start()
    assert loop.is_running

    conversation_id = intake.submit(conversation(*PROMISE)).id
    loop.send([], Lane.REALTIME)
    for _ in range(100):
        if stored(store, conversation_id).state == "complete":
            break
        threading.Event().wait(0.05)
    loop.stop()

    assert stored(store, conversation_id).state == "complete"
    assert not loop.is_running


def test_the_work_loop_outlives_a_store_that_does_not_answer(worker):
    class Flaky:
        calls = 0

        def work(self):
            Flaky.calls += 1
            loop.stop(timeout_seconds=0) if Flaky.calls > 1 else None
            raise Unavailable("locked", code=ErrorCode.STORE_UNAVAILABLE)

    loop = WorkLoop(Flaky)
    loop.send([], Lane.REALTIME)

    loop.run()

    assert Flaky.calls == 2


def test_the_work_loop_outlives_a_batch_that_breaks_and_says_so_without_a_word_of_it(caplog):
    class Broken:
        calls = 0

        def work(self):
            Broken.calls += 1
            loop.stop(timeout_seconds=0) if Broken.calls > 1 else None
            raise ValueError("七天可以退")

    loop = WorkLoop(Broken)
    loop.send([], Lane.REALTIME)

    loop.run()

    assert Broken.calls == 2
    assert "ValueError" in caplog.text
    assert "七天可以退" not in caplog.text
