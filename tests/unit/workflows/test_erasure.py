from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from qa_service.domain.audit import AuditEvent, AuditFilter
from qa_service.domain.conversation import Conversation, Customer
from qa_service.domain.erasure import Due, ErasureState
from qa_service.domain.review import Decision, ReviewState
from qa_service.errors import InvalidInput, TextErased
from qa_service.normalise import PersonalDataMasker
from qa_service.workflows import erasure as workflow
from qa_service.workflows.erasure import Eraser, RetentionPlan, ShopDue
from qa_service.workflows.review_findings import Review
from tests.contract.stores import find, get, store, submit
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeScorer
from tests.unit.storage.builders import NOW, chat, finding, scorecard

A_LONG_TIME = 3600.0


@dataclass(frozen=True)
class StoppedClock:
    time: datetime

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


def eraser(uow: FakeUnitOfWork, *, days_later: int = 31, **plan: object) -> Eraser:
    clock = StoppedClock(NOW + timedelta(days=days_later))
    return Eraser(unit_of_work=uow, clock=clock, plan=RetentionPlan(**plan))  # type: ignore[arg-type]


def erased(uow: FakeUnitOfWork) -> set[str]:
    return {row.external_id for row in find(uow).rows if get(uow, row.id).erased}


def audited(uow: FakeUnitOfWork) -> list[tuple[str, object]]:
    with uow(is_read_only=True) as repository:
        rows = repository.audit_page(AuditFilter()).rows
    return [(row.entry.event, row.entry.after) for row in reversed(rows)]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param({}, set(), id="for ever"),
        pytest.param({"days": 31}, set(), id="not over yet"),
        pytest.param({"days": 30}, {"x", "y", "nobody's"}, id="everybody's"),
        pytest.param({"days": 30, "days_by_shop": {"y": 365}}, {"x", "nobody's"}, id="one shop keeps longer"),
        pytest.param({"days": 30, "days_by_shop": {"y": None}}, {"x", "nobody's"}, id="one shop keeps for ever"),
        pytest.param({"days_by_shop": {"y": 7}}, {"y"}, id="one shop alone"),
    ],
)
def test_a_shop_holds_text_as_long_as_the_plan_says(
    uow: FakeUnitOfWork, plan: dict[str, object], expected: set[str]
) -> None:
    for name, shop in (("x", "x"), ("y", "y"), ("nobody's", None)):
        store(uow, chat(name, shop=shop))
    keeper = eraser(uow, **plan)
    assert {one.shop or "nobody's" for one in keeper.due()} == expected
    assert keeper.work(at_most_seconds=A_LONG_TIME)
    assert erased(uow) == expected
    assert keeper.due() == []


def test_what_would_be_erased_is_told_without_erasing(uow: FakeUnitOfWork) -> None:
    store(uow, chat("old"))
    submit(uow, chat("waits"))
    assert eraser(uow, days=30).due() == [ShopDue(shop="demo", days=30, due=Due(ready=1, waiting=1))]
    assert erased(uow) == set()


def test_each_batch_is_written_down_without_a_word(uow: FakeUnitOfWork) -> None:
    for number in range(workflow.BATCH + 1):
        store(uow, chat(f"c-{number}"))
    eraser(uow, days=30).work(at_most_seconds=A_LONG_TIME)
    before = (NOW + timedelta(days=1)).isoformat()
    assert audited(uow) == [
        (AuditEvent.RETENTION_APPLIED, {"conversations": number, "days": 30, "before": before})
        for number in (workflow.BATCH, 1)
    ]


def test_work_stops_in_time_and_goes_on_where_it_stopped(uow: FakeUnitOfWork) -> None:
    for number in range(2 * workflow.BATCH):
        store(uow, chat(f"c-{number}"))
    ticks: Iterator[float] = iter(range(1000))
    keeper = Eraser(
        unit_of_work=uow,
        clock=StoppedClock(NOW + timedelta(days=31)),
        plan=RetentionPlan(days=30),
        seconds=lambda: next(ticks),
    )
    assert not keeper.work(at_most_seconds=2)
    assert keeper.due() == [ShopDue(shop="demo", days=30, due=Due(ready=workflow.BATCH, waiting=0))]
    assert keeper.work(at_most_seconds=5)
    assert keeper.due() == []


class TestRequests:
    def test_a_request_is_fulfilled_and_written_down(self, uow: FakeUnitOfWork) -> None:
        store(uow, _of("u-9", "theirs"))
        store(uow, _of("u-8", "another's"))
        keeper = eraser(uow)
        asked = keeper.request("u-9")
        assert (asked.state, asked.erased, asked.waiting) == (ErasureState.PENDING, 0, 1)
        assert keeper.work(at_most_seconds=A_LONG_TIME)
        done = keeper.get(asked.id)
        assert (done.state, done.erased, done.waiting) == (ErasureState.DONE, 1, 0)
        assert done.finished_at == NOW + timedelta(days=31)
        assert keeper.listing() == [done]
        assert erased(uow) == {"theirs"}
        assert audited(uow) == [
            (AuditEvent.ERASED, {"state": "pending", "conversations": 0, "waiting": 1}),
            (AuditEvent.ERASED, {"state": "done", "conversations": 1, "waiting": 0}),
        ]

    def test_nobody_is_named_in_what_is_kept(self, uow: FakeUnitOfWork) -> None:
        store(uow, _of("u-9", "theirs"))
        keeper = eraser(uow)
        done = keeper.run(keeper.request("u-9").id)
        assert "u-9" not in repr((done, audited(uow), get(uow, find(uow).rows[0].id)))

    def test_a_customer_without_chats_is_done_at_once(self, uow: FakeUnitOfWork) -> None:
        keeper = eraser(uow)
        assert keeper.run(keeper.request("nobody").id).state is ErasureState.DONE

    def test_it_waits_for_an_appeal_and_for_an_inspection(self, uow: FakeUnitOfWork) -> None:
        appealed = store(uow, _of("u-9", "appealed"), finding())
        submit(uow, _of("u-9", "pending"))
        with uow() as repository:
            repository.save_final_scorecards(appealed, [scorecard()], ReviewState.APPEALED, findings=[finding()])
        keeper = eraser(uow)
        waiting = keeper.run(keeper.request("u-9").id)
        assert (waiting.state, waiting.erased, waiting.waiting) == (ErasureState.PENDING, 0, 2)
        with uow() as repository:
            repository.save_final_scorecards(appealed, [scorecard()], ReviewState.OVERTURNED, findings=[finding()])
        assert keeper.run(waiting.id).erased == 1

    @pytest.mark.parametrize("customer_id", ["", " \t"], ids=["empty", "blank"])
    def test_somebody_must_be_named(self, uow: FakeUnitOfWork, customer_id: str) -> None:
        with pytest.raises(InvalidInput, match="customer_id"):
            eraser(uow).request(customer_id)


def test_nothing_can_be_decided_about_what_nobody_can_read(uow: FakeUnitOfWork) -> None:
    conversation_id = store(uow, chat(), finding())
    (finding_id,) = get(uow, conversation_id).finding_ids.values()
    eraser(uow, days=30).work(at_most_seconds=A_LONG_TIME)
    review = Review(unit_of_work=uow, clock=StoppedClock(NOW), scorer=FakeScorer(), masker=PersonalDataMasker())
    with pytest.raises(TextErased):
        review.decide(finding_id, decision=Decision.OVERTURN, comment="说错了", reviewer="王")
    with pytest.raises(TextErased):
        review.dismiss_suspicion(conversation_id, "", "王")


def _of(customer_id: str, external_id: str) -> Conversation:
    return replace(chat(external_id), customer=Customer(id=customer_id))
