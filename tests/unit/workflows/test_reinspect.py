from __future__ import annotations

from dataclasses import dataclass

from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.reinspect import reinspect_stored
from tests.builders import conversation
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeRules, fake_inspector


@dataclass
class MilderRules(FakeRules):
    """New packs that allow the promise; counts how often they are asked."""

    rules_digest: str = "rules-2"
    asked: int = 0

    def inspect(self, conversation, mood, agents):
        self.asked += 1
        return tuple(f for f in super().inspect(conversation, mood, agents) if not f.counts)


def totals(outcomes):
    return [result.scorecards[0].total for _, result in outcomes]


def test_new_packs_give_new_results_and_today_s_are_left_alone():
    store, rules = FakeUnitOfWork(), MilderRules()
    chats = [conversation("customer: 能退吗", "agent[a-7]: 七天可以退", external_id=f"c-{n}") for n in range(3)]
    before = StreamInspection(inspector=fake_inspector(), clock=FakeClock(), unit_of_work=store)
    assert totals(before.run(chats)) == [70, 70, 70]

    today = StreamInspection(inspector=fake_inspector(rules=rules), clock=FakeClock(), unit_of_work=store)

    assert totals(reinspect_stored(today, store)) == [100, 100, 100]
    assert totals(reinspect_stored(today, store)) == [100, 100, 100]
    assert rules.asked == 3
