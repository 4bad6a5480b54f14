"""What the status of a rule means, from the hit to the score, the queue, the lists and the reports, over the real store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from api.pages.finding_cards import finding_cards
from api.pages.language import Language, catalogue
from qa_service.domain.document import inspection_document
from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import Decision
from qa_service.errors import Conflict
from qa_service.normalise import PersonalDataMasker
from qa_service.scoring import RubricScorer, load_rubric
from qa_service.settings import load_settings
from qa_service.storage import Database
from qa_service.workflows.review_findings import Review
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.stages import FakeClock, FakeRules, fake_inspector

CHAT = ("customer: 能退吗", "agent[a-7]: 七天可以退")
SUSPECTED_TOO = ("agent[a-7]: 你自己看",)
"""The model suspects this turn, no rule hits it."""
SCORER = RubricScorer(load_rubric(load_settings().rubric_path))


@dataclass(kw_only=True)
class TrustedSo(FakeRules):
    """`FakeRules` whose rules have this status."""

    status: RuleStatus = RuleStatus.SCORED

    def inspect(self, conversation, mood, agents):
        return tuple(replace(finding, status=self.status) for finding in super().inspect(conversation, mood, agents))


@pytest.fixture
def uow(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/qa.sqlite3")
    database.upgrade()
    yield database.unit_of_work()
    database.close()


def inspect(uow, status, *lines):
    clock = FakeClock()
    submission = fake_intake(uow, clock=clock).submit(conversation(*lines))
    inspector = replace(fake_inspector(rules=TrustedSo(status=status)), scorer=SCORER)
    Worker(unit_of_work=uow, clock=clock, inspector=inspector, claimant="w").work()
    return submission.id


def review(uow):
    return Review(unit_of_work=uow, clock=FakeClock(), scorer=SCORER, masker=PersonalDataMasker())


def read(uow, conversation_id):
    with uow(is_read_only=True) as repository:
        return repository.get(conversation_id)


def queue(uow):
    """The chats that wait for a reviewer, as the queue page asks for them."""
    with uow(is_read_only=True) as repository:
        return repository.find(ConversationFilter(review_state="open", flagged=True)).rows


def reported(uow):
    with uow(is_read_only=True) as repository:
        (record,) = repository.scorecards(since=None, until=None)
        return dict(record.findings_by_category), dict(record.verdicts)


@pytest.mark.parametrize(
    ("status", "is_shown", "deducts", "state", "waits"),
    [
        (RuleStatus.SHADOW, False, False, "open", False),
        (RuleStatus.ADVISORY, True, False, "open", True),
        (RuleStatus.SCORED, True, True, "open", True),
        (RuleStatus.AUTO_CONFIRMED, True, True, "confirmed", False),
    ],
    ids=list(RuleStatus),
)
def test_a_status_means_the_same_everywhere(uow, status, is_shown, deducts, state, waits):
    stored = read(uow, inspect(uow, status, *CHAT))

    (hit,) = [finding for finding in stored.inspection.findings if finding.outcome is Outcome.HIT]
    assert hit.key in stored.finding_ids, "stored, whatever it is worth"
    assert (hit.key in {found["key"] for found in inspection_document(stored.inspection)["findings"]}) is is_shown
    assert [card.state for card in finding_cards(stored, Outcome.HIT, catalogue(Language.EN))] == [state] * is_shown
    (card,) = stored.final_scorecards
    compliance = next(dimension for dimension in card.dimensions if dimension.id == "compliance")
    assert (compliance.score < Decimal(100)) is deducts
    assert stored.review_state == state
    assert bool(queue(uow)) is waits
    assert reported(uow) == ({"unauthorized_promise": 1} if is_shown else {}, {})
    assert review(uow).finding(stored.finding_ids[hit.key]).state == state


def test_a_person_may_decide_otherwise_on_an_auto_confirmed_hit(uow):
    conversation_id = inspect(uow, RuleStatus.AUTO_CONFIRMED, *CHAT)
    before = read(uow, conversation_id)
    (finding_id,) = before.finding_ids.values()

    assert review(uow).decide(finding_id, decision=Decision.APPEAL, comment="误判", reviewer="Li").state == "appealed"
    assert read(uow, conversation_id).review_state == "appealed"
    review(uow).decide(finding_id, decision=Decision.OVERTURN, comment="误判", reviewer="Wang")

    after = read(uow, conversation_id)
    assert after.review_state == "overturned"
    assert after.final_scorecards[0].total > before.final_scorecards[0].total


def test_a_person_may_confirm_what_is_auto_confirmed(uow):
    conversation_id = inspect(uow, RuleStatus.AUTO_CONFIRMED, *CHAT)
    (finding_id,) = read(uow, conversation_id).finding_ids.values()

    assert review(uow).decide(finding_id, decision=Decision.CONFIRM, comment="", reviewer="Wang").state == "confirmed"
    assert reported(uow)[1] == {"confirm": 1}


def test_a_suspicion_beside_auto_confirmed_hits_is_still_looked_at(uow):
    conversation_id = inspect(uow, RuleStatus.AUTO_CONFIRMED, *CHAT, *SUSPECTED_TOO)
    assert len(queue(uow)) == 1

    cleared = review(uow).dismiss_suspicion(conversation_id, "语气正常", "Wang")

    assert (cleared.review_state, queue(uow)) == ("confirmed", ())
    with pytest.raises(Conflict, match="already cleared"):
        review(uow).dismiss_suspicion(conversation_id, "", "Wang")


def test_a_verdict_on_a_shadow_hit_is_kept_and_in_no_report(uow):
    conversation_id = inspect(uow, RuleStatus.SHADOW, *CHAT)
    (finding_id,) = read(uow, conversation_id).finding_ids.values()

    review(uow).decide(finding_id, decision=Decision.CONFIRM, comment="", reviewer="Wang")

    assert reported(uow) == ({}, {})
    assert len(review(uow).finding(finding_id).verdicts) == 1
