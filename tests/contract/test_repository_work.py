"""What every store must do with work: lanes, batches, retries, claims that were left, dead letters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qa_service.domain.work import CLOCK_STEP, MAX_CLAIMS, Lane, Unsent
from qa_service.errors import Conflict, InvalidInput, NotFound
from qa_service.workflows.ports import Repository, UnitOfWork
from tests.contract.stores import get
from tests.unit.storage.builders import MINUTE, NOW, chat, digest, inspection

HOUR = timedelta(hours=1)


def hand_in(uow: UnitOfWork, *names: str, lane: Lane = Lane.REALTIME) -> list[str]:
    """Conversations a second apart; their ids."""
    with uow() as repository:
        return [
            repository.submit(
                chat(name), content_sha256=digest(chat(name)), now=NOW + timedelta(seconds=number), lane=lane
            ).id
            for number, name in enumerate(names)
        ]


def claimed(
    repository: Repository,
    *,
    lane: Lane = Lane.REALTIME,
    limit: int = 10,
    ids: list[str] | None = None,
    claimant: str = "w-1",
    after: timedelta = MINUTE,
) -> list[str]:
    taken = repository.claim(limit, lane=lane, claimant=claimant, now=NOW + after, ids=ids)
    return [claim.conversation.external_id for claim in taken]


class TestLanes:
    def test_a_lane_gives_out_only_its_own(self, uow: UnitOfWork) -> None:
        hand_in(uow, "live")
        hand_in(uow, "b-1", "b-2", lane=Lane.BULK)
        with uow() as repository:
            assert claimed(repository, lane=Lane.BULK) == ["b-1", "b-2"]
            assert claimed(repository, lane=Lane.REALTIME) == ["live"]

    def test_what_waits_in_a_lane_is_counted_up_to_a_bound(self, uow: UnitOfWork) -> None:
        hand_in(uow, "live")
        hand_in(uow, "b-1", "b-2", "b-3", lane=Lane.BULK)
        with uow() as repository:
            assert [repository.count_pending(Lane.BULK, at_most=most) for most in (2, 9)] == [2, 3]

    def test_handed_in_again_in_another_lane_it_waits_there(self, uow: UnitOfWork) -> None:
        hand_in(uow, "c-1", lane=Lane.BULK)
        with uow() as repository:
            repository.submit(chat("c-1", text="三天"), content_sha256="1" * 64, now=NOW, lane=Lane.REALTIME)
            assert claimed(repository, lane=Lane.REALTIME) == ["c-1"]


class TestBatches:
    def test_a_batch_of_ids_is_filled_up_with_the_longest_waiting_of_the_lane(self, uow: UnitOfWork) -> None:
        *_, last = hand_in(uow, "c-1", "c-2", "c-3")
        hand_in(uow, "b-1", lane=Lane.BULK)
        with uow() as repository:
            assert claimed(repository, ids=[last], limit=2) == ["c-3", "c-1"]

    def test_ids_that_others_have_claimed_give_nothing(self, uow: UnitOfWork) -> None:
        first, _ = hand_in(uow, "c-1", "c-2")
        with uow() as repository:
            claimed(repository, limit=1)
            assert claimed(repository, ids=[first]) == []

    def test_what_was_claimed_before_is_claimed_alone(self, uow: UnitOfWork) -> None:
        first, *_ = ids = hand_in(uow, "c-1", "c-2", "c-3")
        with uow() as repository:
            claimed(repository, limit=1)
            repository.release([first], now=NOW)
            assert claimed(repository) == ["c-1"]
            assert claimed(repository) == ["c-2", "c-3"]
            repository.release(ids, now=NOW)
            assert [claimed(repository, ids=ids) for _ in ids] == [["c-1"], ["c-2"], ["c-3"]]

    def test_a_claimant_who_comes_again_gets_its_own_claims_back(self, uow: UnitOfWork) -> None:
        ids = hand_in(uow, "c-1", "c-2")
        with uow() as repository:
            claimed(repository, limit=1, claimant="task-1")
            claimed(repository, limit=1, claimant="task-2")
            assert repository.return_claims("task-1", now=NOW + MINUTE) == 1
            assert claimed(repository, ids=ids) == ["c-1"]


class TestRetries:
    def test_a_retry_is_not_claimed_before_it_is_due(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            claimed(repository)
            repository.mark_failed(only, error="timed_out", now=NOW, retry_at=NOW + HOUR)
            assert claimed(repository, after=MINUTE) == []
            assert claimed(repository, after=HOUR) == ["c-1"]
        assert get(uow, only).error == "timed_out"

    def test_the_last_attempt_is_not_retried(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            for _ in range(MAX_CLAIMS):
                assert repository.state_counts() == {"pending": 1}
                claimed(repository)
                repository.mark_failed(only, error="timed_out", now=NOW, retry_at=NOW)
        assert (get(uow, only).state, get(uow, only).error) == ("failed", "timed_out")

    def test_a_clock_put_back_keeps_no_first_attempt_waiting(self, uow: UnitOfWork) -> None:
        hand_in(uow, "c-1")
        with uow() as repository:
            assert claimed(repository, after=-HOUR) == ["c-1"]

    def test_a_clock_put_back_keeps_no_retry_waiting(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            claimed(repository)
            repository.mark_failed(only, error="timed_out", now=NOW, retry_at=NOW + HOUR)
            assert claimed(repository, after=-CLOCK_STEP) == []
            assert claimed(repository, after=-CLOCK_STEP - MINUTE) == ["c-1"]

    def test_a_clock_put_back_leaves_no_claim_open(self, uow: UnitOfWork) -> None:
        hand_in(uow, "c-1")
        with uow() as repository:
            claimed(repository, after=HOUR)
            assert repository.return_stale(now=NOW + HOUR - MINUTE, stale_before=NOW) == 0
            assert repository.return_stale(now=NOW, stale_before=NOW - MINUTE) == 1


class TestSweeping:
    def unsent(self, repository: Repository, *, after: timedelta, limit: int = 10) -> list[Unsent]:
        now = NOW + after
        return repository.take_unsent(limit, lane=Lane.REALTIME, now=now, offered_before=now - MINUTE)

    def test_what_was_offered_long_ago_is_unsent_once(self, uow: UnitOfWork) -> None:
        first, second = hand_in(uow, "c-1", "c-2")
        hand_in(uow, "b-1", lane=Lane.BULK)
        with uow() as repository:
            assert self.unsent(repository, after=MINUTE / 2) == []
            assert [one.id for one in self.unsent(repository, after=2 * MINUTE, limit=1)] == [first]
            assert [one.id for one in self.unsent(repository, after=2 * MINUTE)] == [second]
            assert self.unsent(repository, after=2 * MINUTE) == []

    def test_what_was_given_back_is_unsent_at_once_and_marked(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            claimed(repository)
            assert self.unsent(repository, after=HOUR) == []
            repository.release([only], now=NOW)
            assert self.unsent(repository, after=timedelta()) == [Unsent(id=only, was_claimed=True)]

    def test_a_retry_is_unsent_when_it_is_due(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            claimed(repository)
            repository.mark_failed(only, error="timed_out", now=NOW, retry_at=NOW + HOUR)
            assert self.unsent(repository, after=MINUTE) == []
            assert [one.id for one in self.unsent(repository, after=HOUR)] == [only]


class TestDeadLetters:
    @pytest.fixture
    def failed(self, uow: UnitOfWork) -> list[str]:
        """Three that failed a minute apart, the middle one with another cause."""
        ids = hand_in(uow, "c-1", "c-2", "c-3")
        with uow() as repository:
            claimed(repository)
            for number, conversation_id in enumerate(ids):
                error = "worker_lost" if number == 1 else "internal"
                repository.mark_failed(conversation_id, error=error, now=NOW + number * MINUTE)
        return ids

    def test_a_row_says_what_and_why(self, uow: UnitOfWork, failed: list[str]) -> None:
        with uow(is_read_only=True) as repository:
            (row,) = repository.dead_letters(limit=1).rows
        assert (row.id, row.external_id, row.shop, row.error) == (failed[2], "c-3", "demo", "internal")
        assert (row.attempts, row.lane, row.failed_at, row.revision) == (1, Lane.REALTIME, NOW + 2 * MINUTE, 1)

    @pytest.mark.usefixtures("failed")
    def test_pages_and_causes(self, uow: UnitOfWork) -> None:
        with uow(is_read_only=True) as repository:
            first = repository.dead_letters(limit=2)
            second = repository.dead_letters(limit=2, cursor=first.next_cursor)
            lost = repository.dead_letters(limit=2, error="worker_lost")
        names = [[row.external_id for row in page.rows] for page in (first, second, lost)]
        assert names == [["c-3", "c-2"], ["c-1"], ["c-2"]]
        assert second.next_cursor is None

    def test_a_broken_cursor_is_refused(self, uow: UnitOfWork) -> None:
        with pytest.raises(InvalidInput), uow(is_read_only=True) as repository:
            repository.dead_letters(limit=1, cursor="nonsense")

    def test_one_queued_again_is_as_if_it_had_just_come(self, uow: UnitOfWork, failed: list[str]) -> None:
        with uow() as repository:
            assert repository.requeue(failed[0], now=NOW) is Lane.REALTIME
            (claim,) = repository.claim(9, lane=Lane.REALTIME, claimant="w", now=NOW)
        assert (claim.id, claim.attempts) == (failed[0], 1)
        assert get(uow, failed[0]).error is None

    def test_all_of_one_cause_are_queued_again_behind_live_ones(self, uow: UnitOfWork, failed: list[str]) -> None:
        with uow() as repository:
            assert repository.requeue_all(now=NOW, error="internal") == 2
            assert claimed(repository, lane=Lane.REALTIME) == []
            taken = repository.take_unsent(9, lane=Lane.BULK, now=NOW, offered_before=NOW - MINUTE)
            assert {one.id for one in taken} == {failed[0], failed[2]}
            assert repository.requeue_all(now=NOW) == 1

    def test_only_what_failed_is_queued_again(self, uow: UnitOfWork) -> None:
        (only,) = hand_in(uow, "c-1")
        with uow() as repository:
            repository.add_inspection(only, inspection(chat("c-1")), now=NOW)
        with pytest.raises(Conflict), uow() as repository:
            repository.requeue(only, now=NOW)
        with pytest.raises(NotFound), uow() as repository:
            repository.requeue("0" * 32, now=NOW)


class TestWatched:
    def test_the_trace_of_the_request_that_made_it_pending_comes_with_the_claim(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for trace in ("00-first", "00-second"):
                content = chat("c-1", text=trace)
                repository.submit(content, content_sha256=digest(content), now=NOW, traceparent=trace)
            untraced = chat("c-2")
            repository.submit(untraced, content_sha256=digest(untraced), now=NOW + MINUTE)
        with uow() as repository:
            claims = repository.claim(10, lane=Lane.REALTIME, claimant="w-1", now=NOW + HOUR)
        assert [claim.traceparent for claim in claims] == ["00-second", None]

    def test_a_lane_tells_since_when_the_first_waits(self, uow: UnitOfWork) -> None:
        hand_in(uow, "b-1", "b-2", lane=Lane.BULK)
        with uow() as repository:
            assert repository.waiting_since(Lane.BULK) == NOW
            claimed(repository, lane=Lane.BULK, limit=1)
            assert repository.waiting_since(Lane.BULK) == NOW + timedelta(seconds=1)
            assert repository.waiting_since(Lane.REALTIME) is None

    def test_states_are_counted_up_to_a_bound(self, uow: UnitOfWork) -> None:
        hand_in(uow, "c-1", "c-2", "c-3")
        with uow() as repository:
            claimed(repository, limit=1)
            assert repository.state_counts() == {"pending": 2, "processing": 1}
            assert repository.state_counts(at_most=1) == {"pending": 1, "processing": 1}
