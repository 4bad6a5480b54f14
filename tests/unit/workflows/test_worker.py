"""What a worker does when something goes wrong in its hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.mood import ConversationMood
from qa_service.domain.text import NormalisedConversation
from qa_service.domain.work import MAX_CLAIMS, Lane
from qa_service.errors import ErrorCode, Unavailable
from qa_service.workflows.intake import Intake
from qa_service.workflows.sweep import ENOUGH_MESSAGES, RESEND_AFTER, Sweeper
from qa_service.workflows.worker import FIRST_RETRY, LAST_RETRY, OutOfTime, Worker, retry_delay
from tests.builders import conversation
from tests.fakes.queue import FakeQueue, fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeMood, FakeRules, fake_inspector

POISON = "poison"


class Patient(FakeMood):
    """Calls `accident` when it meets the poison."""

    def __init__(self, accident: Callable[[], None]) -> None:
        super().__init__()
        self.accident = accident
        self.batches: list[int] = []

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        self.batches.append(len(conversations))
        if any(POISON in turn.text for one in conversations for turn in one.conversation.turns):
            self.accident()
        return super().score(conversations)


@pytest.fixture
def store() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def intake(store: FakeUnitOfWork, clock: FakeClock, queue: FakeQueue) -> Intake:
    return fake_intake(store, clock=clock, queue=queue)


def out_of_time() -> None:
    raise OutOfTime


def worker_of(store: FakeUnitOfWork, clock: FakeClock, model: FakeMood) -> Worker:
    return Worker(unit_of_work=store, clock=clock, inspector=fake_inspector(model), claimant="task-1")


def hand_in(intake: Intake, *texts: str) -> list[str]:
    return [intake.submit(conversation(f"customer: {text}", external_id=f"c-{n}")).id for n, text in enumerate(texts)]


def states(store: FakeUnitOfWork) -> dict[str, int]:
    with store(is_read_only=True) as repository:
        return repository.state_counts()


def work_until_nothing_is_left(worker: Worker, ids: list[str], clock: FakeClock, *, limit: int = 50) -> None:
    """Deliver the message again and again, as the sweeper does."""
    for _ in range(limit):
        clock.time += LAST_RETRY
        try:
            if worker.work_on(ids, lane=Lane.REALTIME) == 0:
                return
        except OutOfTime:
            continue
    raise AssertionError("the work never ends")


def test_what_runs_out_of_time_ends_alone_as_a_dead_letter(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake
) -> None:
    ids = hand_in(intake, "在吗", POISON, "谢谢")
    model = Patient(out_of_time)

    work_until_nothing_is_left(worker_of(store, clock, model), ids, clock)

    assert states(store) == {"complete": 2, "failed": 1}
    with store(is_read_only=True) as repository:
        (dead,) = repository.dead_letters(limit=9).rows
    assert (dead.id, dead.error, dead.attempts) == (ids[1], "timed_out", MAX_CLAIMS)
    assert model.batches[0] == 3
    assert set(model.batches[1:]) == {1}


def test_what_kills_its_worker_ends_alone_as_a_dead_letter(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake
) -> None:
    def killed() -> None:
        """The process is gone before it can give anything back."""
        store.is_gone = True  # type: ignore[attr-defined]
        raise SystemExit

    class Mortal:
        def __call__(self, *, is_read_only: bool = False) -> object:
            if getattr(store, "is_gone", False):
                raise Unavailable("gone", code=ErrorCode.STORE_UNAVAILABLE)
            return store(is_read_only=is_read_only)

    ids = hand_in(intake, "在吗", POISON, "谢谢")
    worker = replace(worker_of(store, clock, Patient(killed)), unit_of_work=Mortal())  # type: ignore[arg-type]
    for _ in range(20):
        store.is_gone = False  # type: ignore[attr-defined]
        try:
            if worker.work_on(ids, lane=Lane.REALTIME) == 0:
                break
        except SystemExit:
            continue

    assert states(store) == {"complete": 2, "failed": 1}
    with store(is_read_only=True) as repository:
        assert [(row.id, row.error) for row in repository.dead_letters(limit=9).rows] == [(ids[1], "worker_lost")]


class Flaky(FakeRules):
    """A part that does not answer the first times."""

    failures = 2

    def inspect(self, *args: object) -> tuple[()]:  # type: ignore[override]
        if self.failures:
            self.failures -= 1
            raise Unavailable("no answer", code=ErrorCode.STORE_UNAVAILABLE)
        return ()


def test_a_part_that_does_not_answer_is_asked_again_later(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake
) -> None:
    ids = hand_in(intake, "在吗")
    worker = Worker(unit_of_work=store, clock=clock, inspector=fake_inspector(rules=Flaky()), claimant="w")

    worker.work_on(ids, lane=Lane.REALTIME)
    clock.time -= timedelta(seconds=3)  # the fake clock's own ticks are no waiting
    assert (states(store), worker.work_on(ids, lane=Lane.REALTIME)) == ({"pending": 1}, 0)
    work_until_nothing_is_left(worker, ids, clock)

    assert states(store) == {"complete": 1}


def test_an_error_of_a_stage_is_not_tried_again(store: FakeUnitOfWork, clock: FakeClock, intake: Intake) -> None:
    class Broken(FakeRules):
        def inspect(self, *args: object) -> tuple[()]:  # type: ignore[override]
            raise ValueError("七天")

    ids = hand_in(intake, "在吗")
    Worker(unit_of_work=store, clock=clock, inspector=fake_inspector(rules=Broken()), claimant="w").work_on(
        ids, lane=Lane.REALTIME
    )

    with store(is_read_only=True) as repository:
        assert [(row.error, row.attempts) for row in repository.dead_letters(limit=1).rows] == [("internal", 1)]


def test_live_conversations_come_before_bulk_ones(store: FakeUnitOfWork, clock: FakeClock, intake: Intake) -> None:
    bulk = intake.bulk()
    for number in range(3):
        bulk.submit(conversation("customer: 在吗", external_id=f"b-{number}"))
    hand_in(intake, "在吗")
    model = Patient(out_of_time)
    worker = worker_of(store, clock, model)

    assert [worker.work() for _ in range(3)] == [1, 3, 0]


def test_intake_answers_while_the_broker_is_away_and_the_sweeper_sends_later(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake, queue: FakeQueue
) -> None:
    queue.is_away = True
    ids = hand_in(intake, "在吗", "谢谢")
    sweeper = Sweeper(unit_of_work=store, clock=clock, broker=queue, stale_after=timedelta(minutes=4))
    queue.is_away = False
    assert sweeper.sweep() == 0

    clock.time += RESEND_AFTER
    assert (sweeper.sweep(), sweeper.sweep()) == (2, 0)
    assert queue.sent == [(Lane.REALTIME, ids)]


def test_claims_of_a_dead_worker_are_sent_again_one_by_one(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake, queue: FakeQueue
) -> None:
    ids = hand_in(intake, "在吗", "谢谢")
    with store() as repository:
        repository.claim(9, lane=Lane.REALTIME, claimant="dead", now=clock.now())
    queue.sent.clear()
    sweeper = Sweeper(unit_of_work=store, clock=clock, broker=queue, stale_after=timedelta(minutes=4))
    assert sweeper.sweep() == 0

    clock.time += timedelta(minutes=5)
    assert sweeper.sweep() == 2
    assert queue.sent == [(Lane.REALTIME, [one]) for one in ids]


def test_a_lane_with_messages_enough_is_not_sent_more(
    store: FakeUnitOfWork, clock: FakeClock, intake: Intake, queue: FakeQueue
) -> None:
    hand_in(intake, "在吗")
    queue.sent.extend([(Lane.REALTIME, [])] * ENOUGH_MESSAGES)
    clock.time += RESEND_AFTER * 2

    sweeper = Sweeper(unit_of_work=store, clock=clock, broker=queue, stale_after=timedelta(minutes=4))

    assert sweeper.sweep() == 0


@given(st.integers(1, 2 * MAX_CLAIMS))
def test_waits_grow_to_a_bound_and_differ_by_chance(attempts: int) -> None:
    longest = min(LAST_RETRY, FIRST_RETRY * 2 ** (attempts - 1))
    waits = {retry_delay(attempts) for _ in range(20)}

    assert all(longest / 2 <= wait <= longest for wait in waits)
    assert len(waits) > 1
