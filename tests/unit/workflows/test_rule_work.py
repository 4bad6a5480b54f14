"""Rules over their life: precision from verdicts, demotion, backtests, publication, proposed exceptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from qa_service.domain.backtest import BacktestReport, RuleDifference, RuleSide
from qa_service.domain.finding import RuleStatus
from qa_service.domain.precision import precision
from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import Decision
from qa_service.domain.rule_log import RuleEvent
from qa_service.errors import Conflict, InvalidInput, NotFound
from qa_service.normalise import PersonalDataMasker
from qa_service.workflows.backtest import Backtest
from qa_service.workflows.exceptions import propose_exceptions
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.publication import Publication
from qa_service.workflows.publish_gate import MOST_NEWER_DECISIONS
from qa_service.workflows.reinspect import reinspect_stored
from qa_service.workflows.review_findings import Review
from qa_service.workflows.rule_precision import FEWEST_REVIEWS, RulePrecision
from tests.builders import conversation
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeNormaliser, FakeRules, FakeScorer, fake_inspector
from tests.unit.workflows.test_reinspect import MilderRules

RULE_ID = "promise.return_window"


@dataclass(frozen=True)
class PackRule:
    """A rule as packs have it."""

    id: str = RULE_ID
    version: int = 1
    title: str = "退货期限"
    status: RuleStatus = RuleStatus.SCORED
    precision_bar: float | None = None
    body: str = "七天"
    is_demoted: bool = False


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def rules(uow: FakeUnitOfWork) -> RulePrecision:
    return RulePrecision(unit_of_work=uow, clock=FakeClock())


def decide(uow: FakeUnitOfWork, *texts: str, decision: Decision, name: str = "c") -> list[str]:
    """One chat a text, each with a hit that is decided so; the conversations' ids."""
    chats = [
        conversation("customer: 问", f"agent[a-7]: {text}", external_id=f"{name}-{n}") for n, text in enumerate(texts)
    ]
    stream = StreamInspection(inspector=fake_inspector(), clock=FakeClock(), unit_of_work=uow)
    list(stream.run([replace(chat, started_at=FakeClock().now()) for chat in chats]))
    review = Review(unit_of_work=uow, clock=FakeClock(), scorer=FakeScorer(), masker=PersonalDataMasker())
    ids = []
    with uow(is_read_only=True) as repository:
        stored = [repository.get(row.id) for row in repository.find(ConversationFilter(limit=500)).rows]
    for one in sorted(stored, key=lambda one: one.external_id):
        if one.external_id.startswith(f"{name}-"):
            ids.append(one.id)
            for finding_id in one.finding_ids.values():
                if not any(v.finding_id == finding_id for v in one.verdicts):
                    review.decide(finding_id, decision=decision, comment="x", reviewer="r")
    return ids


class TestPrecision:
    def test_confirmed_and_overturned_hits_are_counted_by_version(
        self, uow: FakeUnitOfWork, rules: RulePrecision
    ) -> None:
        decide(uow, *["七天"] * 3, decision=Decision.CONFIRM, name="good")
        decide(uow, "七天", decision=Decision.OVERTURN, name="bad")
        decide(uow, "七天", decision=Decision.APPEAL, name="appealed")

        first, second = rules.figures([PackRule(), PackRule(version=2)])

        assert (first.precision.confirmed, first.precision.overturned, first.precision.share) == (3, 1, 0.75)
        assert (second.precision.reviews, second.precision.share) == (0, None)

    @pytest.mark.parametrize(
        ("overturned", "bar", "is_demoted"),
        [(4, None, False), (5, None, True), (5, 0.6, False)],
        ids=["at-the-bar", "under-it", "own-bar"],
    )
    def test_a_rule_is_demoted_when_its_lower_bound_falls_under_its_bar(
        self, uow: FakeUnitOfWork, rules: RulePrecision, overturned: int, bar: float | None, is_demoted: bool
    ) -> None:
        decide(uow, *["七天"] * (FEWEST_REVIEWS - overturned), decision=Decision.CONFIRM, name="good")
        decide(uow, *["七天"] * overturned, decision=Decision.OVERTURN, name="bad")

        demoted = rules.demote_failing([PackRule(precision_bar=bar)])

        assert [figure.rule_id for figure in demoted] == [RULE_ID] * is_demoted
        assert rules.demoted() == ({(RULE_ID, 1)} if is_demoted else frozenset())

    def test_too_few_reviews_demote_nothing(self, uow: FakeUnitOfWork, rules: RulePrecision) -> None:
        decide(uow, *["七天"] * (FEWEST_REVIEWS - 1), decision=Decision.OVERTURN)
        assert rules.demote_failing([PackRule()]) == []

    def test_what_moves_no_score_is_not_demoted(self, uow: FakeUnitOfWork, rules: RulePrecision) -> None:
        decide(uow, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
        assert rules.demote_failing([PackRule(status=RuleStatus.ADVISORY)]) == []

    def test_a_demotion_is_logged_once_and_taken_back_with_a_reason(
        self, uow: FakeUnitOfWork, rules: RulePrecision
    ) -> None:
        decide(uow, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
        rules.demote_failing([PackRule()])
        assert rules.demote_failing([PackRule()]) == []
        assert rules.figures([PackRule()])[0].demoted_at is not None

        rules.restore([PackRule()], RULE_ID, reason="例外已补", by="qa")

        assert rules.demoted() == frozenset()
        assert rules.demote_failing([PackRule()]) == [], "the same reviews must not demote it again"
        with uow(is_read_only=True) as repository:
            documents = [record.document for record in repository.rule_records(RuleEvent.DEMOTION, RULE_ID)]
        assert [(d["is_demoted"], d["by"]) for d in documents] == [(True, "system"), (False, "qa")]
        assert documents[1]["reason"] == "例外已补"

    def test_more_bad_reviews_demote_a_restored_rule_again(self, uow: FakeUnitOfWork, rules: RulePrecision) -> None:
        decide(uow, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
        rules.demote_failing([PackRule()])
        rules.restore([PackRule()], RULE_ID, reason="看看", by="qa")
        decide(uow, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN, name="more")
        assert len(rules.demote_failing([PackRule()])) == 1

    def test_restoring_is_refused_where_it_makes_no_sense(self, rules: RulePrecision) -> None:
        with pytest.raises(InvalidInput, match="reason is missing"):
            rules.restore([PackRule()], RULE_ID, reason=" ", by="qa")
        with pytest.raises(Conflict, match="not demoted"):
            rules.restore([PackRule()], RULE_ID, reason="x", by="qa")
        with pytest.raises(NotFound, match="no rule x"):
            rules.restore([PackRule()], "x", reason="x", by="qa")


def run(
    uow: FakeUnitOfWork, current: FakeRules, new: FakeRules, *, days: int = 30, identity: str = "b-1"
) -> BacktestReport:
    """A negative number of days begins after every chat."""
    test = Backtest(unit_of_work=uow, normaliser=FakeNormaliser(), scorer=FakeScorer())
    return test.run(current, new, since=FakeClock().now() - timedelta(days=days), identity=identity)


class TestBacktest:
    def test_lost_hits_scores_and_precision_are_compared(self, uow: FakeUnitOfWork) -> None:
        (confirmed, *_) = decide(uow, "七天", "七天", "您好", decision=Decision.CONFIRM, name="good")
        decide(uow, "七天", decision=Decision.OVERTURN, name="bad")

        report = run(uow, FakeRules(), MilderRules())

        (rule,) = report.rules
        assert (report.conversations, rule.before, rule.after, rule.new, rule.lost) == (4, 3, 0, 0, 3)
        assert (rule.lost_confirmed, rule.lost_overturned) == (2, 1)
        lost = {(example.conversation_id, example.start, example.end, example.state) for example in rule.lost_examples}
        assert (confirmed, 0, 2, "confirmed") in lost
        (agent,) = report.agents
        assert (agent.agent_id, agent.changed, agent.mean_before, agent.mean_after) == ("a-7", 3, 77.5, 100.0)
        assert (report.precision_before.share, report.precision_after.share, report.drops) == (0.6667, None, True)

    def test_new_hits_are_those_that_only_the_new_pack_has(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        report = run(uow, MilderRules(), FakeRules())
        (rule,) = report.rules
        assert (rule.new, rule.lost, rule.new_examples[0].state, report.drops) == (1, 0, "confirmed", False)

    def test_the_same_packs_change_nothing(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        report = run(uow, FakeRules(), FakeRules())
        assert [(rule.new, rule.lost) for rule in report.rules] == [(0, 0)]
        assert report.agents[0].changed == 0

    def test_a_hit_whose_span_moved_is_neither_new_nor_lost_and_keeps_its_verdict(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        report = run(uow, FakeRules(), WiderRules())
        (rule,) = report.rules
        assert (rule.new, rule.lost, rule.precision_after.confirmed) == (0, 0, 1)

    def test_what_people_decided_counts_where_earlier_packs_found_the_words(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", decision=Decision.OVERTURN, name="bad")
        decide(uow, "七天", decision=Decision.CONFIRM, name="good")
        milder = fake_inspector(rules=MilderRules())
        reinspected = reinspect_stored(StreamInspection(inspector=milder, clock=FakeClock(), unit_of_work=uow), uow)
        assert len(list(reinspected)) == 2

        (rule,) = run(uow, MilderRules(), WiderRules()).rules

        assert (rule.precision_after.confirmed, rule.precision_after.overturned) == (1, 1)
        assert {example.state for example in rule.new_examples} == {"confirmed", "overturned"}

    def test_what_was_decided_about_words_that_are_no_longer_said_counts_for_nothing(self, uow: FakeUnitOfWork) -> None:
        chat = conversation("customer: 问", "agent[a-7]: 七天可以退", external_id="c-1", started_at=FakeClock().now())
        decide(uow, "七天可以退", decision=Decision.CONFIRM, name="c")
        changed = replace(chat, external_id="c-0", turns=conversation("customer: 问", "agent[a-7]: 您好，七天").turns)
        list(StreamInspection(inspector=fake_inspector(), clock=FakeClock(), unit_of_work=uow).run([changed]))

        assert run(uow, FakeRules(), FakeRules()).precision_before.reviews == 0

    def test_one_decision_counts_once_where_the_hit_is_now_two(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        (rule,) = run(uow, FakeRules(), SplitRules()).rules
        assert (rule.before, rule.after, rule.precision_after.confirmed) == (1, 2, 1)

    def test_agents_of_two_shops_are_two_people(self, uow: FakeUnitOfWork) -> None:
        chats = [
            conversation(
                "customer: 问", f"agent[a-7]: {text}", external_id=shop, shop=shop, started_at=FakeClock().now()
            )
            for shop, text in (("south", "您好"), ("north", "七天"))
        ]
        list(StreamInspection(inspector=fake_inspector(), clock=FakeClock(), unit_of_work=uow).run(chats))

        agents = run(uow, FakeRules(), MilderRules()).agents

        assert [(one.shop, one.agent_id, one.changed) for one in agents] == [("north", "a-7", 1), ("south", "a-7", 0)]

    def test_reviewed_chats_are_read_however_long_ago_they_were(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "七天", "您好", decision=Decision.CONFIRM)

        report = run(uow, FakeRules(), MilderRules(), days=-1)

        assert (report.conversations, report.reviewed_earlier, report.decided) == (0, 1, 1)
        assert (report.precision_before.reviews, report.rules[0].lost_confirmed, report.drops) == (1, 1, True)

    @pytest.mark.parametrize(
        ("before", "after", "lost", "drops"),
        [
            ((46, 13), (20, 13), (26, 0), True),
            ((46, 13), (32, 13), (14, 0), False),
            ((46, 13), (0, 0), (46, 13), True),
            ((1, 13), (0, 0), (1, 13), False),
            ((0, 0), (0, 0), (0, 0), False),
        ],
        ids=["under-the-interval", "within-it", "right-ones-all-lost", "wrong-ones-all-lost", "no-reviews"],
    )
    def test_a_rule_drops_when_it_is_clearly_less_often_confirmed(
        self, before: tuple[int, int], after: tuple[int, int], lost: tuple[int, int], drops: bool
    ) -> None:
        rule = RuleDifference(
            rule_id=RULE_ID, rule_before=None, rule_after=None, is_unversioned=False, before=60, after=60, new=0,
            lost=sum(lost), lost_confirmed=lost[0], lost_overturned=lost[1], new_examples=(), lost_examples=(),
            precision_before=precision(*before), precision_after=precision(*after),
        )  # fmt: skip
        assert rule.drops is drops

    def test_what_a_rule_is_before_and_after_is_told(self, uow: FakeUnitOfWork) -> None:
        old = FakeRules(rules=(PackRule(status=RuleStatus.ADVISORY, is_demoted=True), PackRule(id="gone.rule")))
        new = FakeRules(rules=(PackRule(version=2, body="七日"),), rules_digest="rules-2")

        gone, mended = run(uow, old, new).rules

        assert (gone.rule_id, gone.rule_after, gone.ends_demotion) == ("gone.rule", None, False)
        assert mended.rule_before == RuleSide(version=1, status="advisory", is_demoted=True)
        assert mended.rule_after == RuleSide(version=2, status="scored", is_demoted=False)
        assert (mended.ends_demotion, mended.is_unversioned) == (True, False)

    def test_another_match_under_the_same_version_is_named(self, uow: FakeUnitOfWork) -> None:
        old, new = FakeRules(rules=(PackRule(),)), FakeRules(rules=(PackRule(body="七日"),), rules_digest="rules-2")

        assert run(uow, old, new).unversioned == (RULE_ID,)
        assert run(uow, old, old).unversioned == ()

    def test_what_has_no_result_is_counted_as_left_out(self, uow: FakeUnitOfWork) -> None:
        with uow() as repository:
            repository.submit(
                conversation("agent: 七天", started_at=FakeClock().now()), content_sha256="x", now=FakeClock().now()
            )
        assert (run(uow, FakeRules(), FakeRules()).unread, run(uow, FakeRules(), FakeRules()).conversations) == (1, 0)


@dataclass
class WiderRules(FakeRules):
    """Finds the same with one character less."""

    rules_digest: str = "rules-3"

    def inspect(self, conversation, mood, agents):  # type: ignore[no-untyped-def]
        return tuple(
            replace(f, end=f.end - 1) if f.end is not None else f for f in super().inspect(conversation, mood, agents)
        )


@dataclass
class SplitRules(FakeRules):
    """Finds each character of the same words."""

    rules_digest: str = "rules-4"

    def inspect(self, conversation, mood, agents):  # type: ignore[no-untyped-def]
        found = super().inspect(conversation, mood, agents)
        spans = [(one, one.start or 0, one.end) for one in found if one.end is not None]
        return tuple(replace(one, start=at, end=at + 1) for one, start, end in spans for at in range(start, end))


class TestPublication:
    @pytest.fixture
    def shelf(self, uow: FakeUnitOfWork) -> Publication:
        return Publication(unit_of_work=uow, clock=FakeClock())

    def publish(self, shelf: Publication, *, force: bool = False, reason: str = "", digest: str = "rules-2") -> None:
        shelf.publish(digest, {"zh/a.yaml": "x"}, base_digest="rules-1", by="qa", force=force, reason=reason)

    def test_nothing_is_published_without_a_backtest_of_that_revision(
        self, uow: FakeUnitOfWork, shelf: Publication
    ) -> None:
        shelf.keep(run(uow, FakeRules(), MilderRules()))
        with pytest.raises(Conflict, match="no backtest of this very revision"):
            self.publish(shelf, digest="rules-9")
        assert shelf.current() is None

    def test_a_tested_revision_is_in_force_until_it_is_withdrawn(self, uow: FakeUnitOfWork, shelf: Publication) -> None:
        shelf.keep(run(uow, FakeRules(), MilderRules()))
        self.publish(shelf)
        current = shelf.current()
        assert current is not None
        assert (current.digest, current.files, current.by, current.reason) == (
            "rules-2", {"zh/a.yaml": "x"}, "qa", None,
        )  # fmt: skip
        shelf.withdraw(by="qa")
        assert shelf.current() is None
        with pytest.raises(Conflict, match="nothing is published"):
            shelf.withdraw(by="qa")

    def test_a_drop_of_reviewed_precision_blocks_unless_forced_with_a_reason(
        self, uow: FakeUnitOfWork, shelf: Publication
    ) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        shelf.keep(run(uow, FakeRules(), MilderRules()))
        with pytest.raises(Conflict, match="reviewed hits drops"):
            self.publish(shelf)
        with pytest.raises(InvalidInput, match=r"^reason is missing"):
            self.publish(shelf, force=True)
        self.publish(shelf, force=True, reason="政策已改")
        current = shelf.current()
        assert current is not None
        assert current.reason == "政策已改"

    def test_a_drop_is_not_undone_by_a_later_backtest_that_sees_none(
        self, uow: FakeUnitOfWork, shelf: Publication
    ) -> None:
        decide(uow, "七天", decision=Decision.CONFIRM)
        shelf.keep(run(uow, FakeRules(), MilderRules()))
        shelf.keep(replace(run(uow, FakeRules(), FakeRules(rules_digest="rules-2"), identity="b-2"), decided=1))
        with pytest.raises(Conflict, match=r"reviewed hits drops .*: look at the lost hits of backtest b-1, or force"):
            self.publish(shelf)

    def test_a_backtest_is_too_old_once_people_have_decided_about_many_hits_since(
        self, uow: FakeUnitOfWork, shelf: Publication
    ) -> None:
        same = FakeRules(rules_digest="rules-2")
        shelf.keep(run(uow, FakeRules(), same))
        decide(uow, "七天", decision=Decision.CONFIRM)
        with pytest.raises(Conflict, match="decided about 1 hits since the backtest: run it again"):
            self.publish(shelf)
        shelf.keep(run(uow, FakeRules(), same))
        decide(uow, *["七天"] * (MOST_NEWER_DECISIONS - 1), decision=Decision.CONFIRM, name="more")
        self.publish(shelf)
        decide(uow, "七天", decision=Decision.CONFIRM, name="last")
        with pytest.raises(Conflict, match=f"decided about {MOST_NEWER_DECISIONS} hits since"):
            self.publish(shelf)

    def test_another_match_under_the_same_version_is_not_published(
        self, uow: FakeUnitOfWork, shelf: Publication
    ) -> None:
        changed = FakeRules(rules=(PackRule(body="七日"),), rules_digest="rules-2")
        shelf.keep(run(uow, FakeRules(rules=(PackRule(),)), changed))
        with pytest.raises(Conflict, match=f"what {RULE_ID} asks for has changed, and its version has not"):
            self.publish(shelf)
        self.publish(shelf, force=True, reason="只改了写法")

    def test_a_kept_backtest_is_read_by_its_id(self, uow: FakeUnitOfWork, shelf: Publication) -> None:
        shelf.keep(run(uow, FakeRules(), MilderRules()))
        assert (shelf.backtest("b-1")["pack_digest"], shelf.backtest("b-1")["drops"]) == ("rules-2", False)
        with pytest.raises(NotFound):
            shelf.backtest("b-2")


class TestExceptions:
    def test_words_around_overturned_hits_are_proposed_with_their_cost(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "平台七天无理由，亲", "支持七天无理由的", decision=Decision.OVERTURN, name="bad")
        decide(uow, "七天内都退", "给您七天", decision=Decision.CONFIRM, name="good")

        best, *others = propose_exceptions(uow, RULE_ID, 1)

        assert (best.phrase, best.overturned_removed, best.overturned) == ("七天无", 2, 2)
        assert (best.confirmed_lost, best.confirmed) == (0, 2)
        assert [item for item in others if item.overturned_removed < 2] == []

    def test_a_single_overturned_hit_proposes_nothing(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "平台七天无理由", decision=Decision.OVERTURN)
        assert propose_exceptions(uow, RULE_ID, 1) == []

    def test_latin_words_are_taken_in_whole_and_whatever_their_case(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "our 七天 Optional plan", "the 七天 optional plan", decision=Decision.OVERTURN, name="bad")
        decide(uow, "七天 of course", decision=Decision.CONFIRM, name="good")

        (best, *_) = propose_exceptions(uow, RULE_ID, 1)

        assert (best.phrase, best.overturned_removed, best.confirmed_lost) == ("七天 optional", 2, 0)

    def test_what_an_exception_would_read_otherwise_is_not_proposed(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "$七天", "*七天", "$七天", "*七天", decision=Decision.OVERTURN)
        assert propose_exceptions(uow, RULE_ID, 1) == []

    def test_hits_of_other_versions_propose_nothing(self, uow: FakeUnitOfWork) -> None:
        decide(uow, "平台七天无理由", "支持七天无理由的", decision=Decision.OVERTURN)
        assert propose_exceptions(uow, RULE_ID, 2) == []
