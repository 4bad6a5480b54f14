"""Verdicts over the real store: machine and final move apart by people's decisions alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import Decision
from qa_service.errors import Conflict
from qa_service.normalise import PersonalDataMasker
from qa_service.storage import Database
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.review_findings import Review
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.stages import FakeClock, FakeRules, FakeScorer, fake_inspector

TWO_PROMISES = ("customer: 能退吗", "agent[a-7]: 七天可以退", "agent[a-7]: 说了七天")
SUSPECTED = ("customer: 怎么退", "agent[a-7]: 你自己看")
STRICTER = {"rubric_version": 2, "rubric_digest": "rubric-2", "deduction": Decimal(40)}


@pytest.fixture
def uow(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/qa.sqlite3")
    database.upgrade()
    yield database.unit_of_work()
    database.close()


@pytest.fixture
def clock():
    return FakeClock()


def inspect(uow, clock, *lines, rules=None, **fields):
    submission = fake_intake(uow, clock=clock).submit(conversation(*lines, **fields))
    Worker(unit_of_work=uow, clock=clock, inspector=fake_inspector(rules=rules), claimant="w").work()
    return submission.id


def review_with(uow, clock, **scorer):
    return Review(unit_of_work=uow, clock=clock, scorer=FakeScorer(**scorer), masker=PersonalDataMasker())


def read(uow, conversation_id):
    with uow(is_read_only=True) as repository:
        return repository.get(conversation_id)


def listed(uow, **query):
    with uow(is_read_only=True) as repository:
        return repository.find(ConversationFilter(**query)).rows


def totals(stored):
    return [[card.total for card in cards] for cards in (stored.inspection.scorecards, stored.final_scorecards)]


def test_a_changed_rubric_moves_machine_and_final_together_and_keeps_the_old_result(uow, clock):
    conversation_id = inspect(uow, clock, *TWO_PROMISES)
    before = read(uow, conversation_id).inspection
    first, _ = read(uow, conversation_id).finding_ids.values()

    review_with(uow, clock, **STRICTER).decide(first, decision=Decision.OVERTURN, comment="误判", reviewer="Wang")

    after = read(uow, conversation_id)
    assert totals(after) == [[20], [60]]
    assert (after.inspection.provenance.rubric_version, after.inspection.provenance.rubric_digest) == (2, "rubric-2")
    assert after.inspection.findings == before.findings
    with uow() as repository:
        repository.add_inspection(conversation_id, before, now=clock.now())
    assert read(uow, conversation_id).inspection == before


def test_the_same_rubric_leaves_the_machines_result_alone(uow, clock):
    conversation_id = inspect(uow, clock, *TWO_PROMISES)
    before = read(uow, conversation_id).inspection
    first, _ = read(uow, conversation_id).finding_ids.values()

    review_with(uow, clock).decide(first, decision=Decision.OVERTURN, comment="误判", reviewer="Wang")

    assert read(uow, conversation_id).inspection == before
    assert totals(read(uow, conversation_id)) == [[40], [70]]


def test_the_queue_drains_as_hits_are_overturned(uow, clock):
    conversation_id = inspect(uow, clock, *TWO_PROMISES)
    review = review_with(uow, clock)
    for left, finding_id in zip((1, 0), read(uow, conversation_id).finding_ids.values(), strict=True):
        review.decide(finding_id, decision=Decision.OVERTURN, comment="误判", reviewer="Wang")
        (row,) = listed(uow)
        assert row.hits == left
        assert len(listed(uow, category="unauthorized_promise")) == left
    assert listed(uow, flagged=True) == ()
    assert (row.worst_severity, row.categories, row.lowest_total, row.review_state) == (None, (), 100, "overturned")


def test_clearing_a_suspicion_holds_until_the_content_changes(uow, clock):
    conversation_id = inspect(uow, clock, *SUSPECTED)
    review = review_with(uow, clock)

    cleared = review.dismiss_suspicion(conversation_id, "语气正常", "Wang")

    assert (cleared.review_state, cleared.suspicion_reviews[0].reviewer) == ("cleared", "Wang")
    assert listed(uow, review_state="open") == ()
    with pytest.raises(Conflict):
        review.dismiss_suspicion(conversation_id, "", "Wang")
    run = StreamInspection(
        inspector=fake_inspector(rules=FakeRules(rules_digest="rules-2")), clock=clock, unit_of_work=uow
    )
    list(run.run([conversation(*SUSPECTED)]))
    assert read(uow, conversation_id).review_state == "cleared"
    inspect(uow, clock, *SUSPECTED, "customer: 好吧")
    assert read(uow, conversation_id).review_state == "open"


@pytest.mark.parametrize(
    ("decision", "is_clearable"), [(None, False), (Decision.CONFIRM, False), (Decision.OVERTURN, True)], ids=str
)
def test_only_a_conversation_without_standing_hits_is_cleared(uow, clock, decision, is_clearable):
    conversation_id = inspect(uow, clock, *SUSPECTED, "agent[a-7]: 七天可以退")
    review = review_with(uow, clock)
    (finding_id,) = read(uow, conversation_id).finding_ids.values()
    if decision:
        review.decide(finding_id, decision=decision, comment="看过", reviewer="Wang")

    if is_clearable:
        assert review.dismiss_suspicion(conversation_id, "", "Wang").review_state == "cleared"
        review.decide(finding_id, decision=Decision.CONFIRM, comment="", reviewer="Wang")
        assert read(uow, conversation_id).review_state == "confirmed"
    else:
        with pytest.raises(Conflict, match="hits"):
            review.dismiss_suspicion(conversation_id, "", "Wang")


def test_without_suspicion_or_result_there_is_nothing_to_clear(uow, clock):
    calm = inspect(uow, clock, "customer: 你好", "agent[a-7]: 您好")
    waiting = fake_intake(uow, clock=clock).submit(conversation(*SUSPECTED, external_id="c-2"))
    for conversation_id in (calm, waiting.id):
        with pytest.raises(Conflict):
            review_with(uow, clock).dismiss_suspicion(conversation_id, "", "Wang")


def test_going_back_to_an_earlier_pack_gives_and_keeps_its_result(uow, clock):
    chats = [conversation(*TWO_PROMISES)]

    def run(digest):
        inspector = fake_inspector(rules=FakeRules(rules_digest=digest))
        ((_, result),) = StreamInspection(inspector=inspector, clock=clock, unit_of_work=uow).run(chats)
        (row,) = listed(uow)
        assert read(uow, row.id).inspection == result
        return result.provenance.rules_digest

    assert [run(digest) for digest in ("r-1", "r-2", "r-1", "r-1")] == ["r-1", "r-2", "r-1", "r-1"]
