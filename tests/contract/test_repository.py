"""What every store must do, lists apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from qa_service.domain.conversation import Agent, AgentId
from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.mood import Emotion
from qa_service.domain.review import Decision, ReviewState
from qa_service.domain.work import MAX_CLAIMS, Claim, Lane
from qa_service.errors import Conflict, NotFound
from qa_service.workflows.ports import Repository, UnitOfWork
from tests.contract.stores import add, claim, find, found, get, store, submit
from tests.unit.storage.builders import (
    MINUTE,
    NOW,
    chat,
    digest,
    finding,
    inspection,
    mood_correction,
    scorecard,
    shadow_difference,
    suspicion_review,
    verdict,
    with_text,
)


class TestSubmitting:
    def test_a_new_conversation_is_pending_at_revision_one(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            submission = repository.submit(chat(), content_sha256=digest(chat()), now=NOW)
        assert (submission.external_id, submission.revision, submission.state, submission.created) == (
            "c-1",
            1,
            "pending",
            True,
        )

    def test_a_stored_conversation_is_read_back_as_it_was(self, uow: UnitOfWork) -> None:
        content = chat(
            agents=(Agent(id=AgentId("a-7"), name="小林", group="售后"),), attributes={"order": "T-1"}, csat=4.0
        )
        stored = get(uow, submit(uow, content))
        assert stored.conversation == content
        assert (stored.source, stored.received_at, stored.inspection) == ("default", NOW, None)

    def test_the_same_content_again_answers_the_same_record(self, uow: UnitOfWork) -> None:
        first = store(uow, chat())
        with uow() as repository:
            again = repository.submit(chat(), content_sha256=digest(chat()), now=NOW + MINUTE)
        assert (again.id, again.revision, again.state, again.created) == (first, 1, "complete", False)

    def test_changed_content_makes_a_new_pending_revision_without_result(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding())
        changed = chat(text="三天内可以退")
        assert submit(uow, changed) == conversation_id
        stored = get(uow, conversation_id)
        assert (stored.revision, stored.state, stored.conversation) == (2, "pending", changed)
        assert (stored.inspection, stored.final_scorecards, stored.finding_ids) == (None, (), {})

    def test_one_external_id_in_two_sources_is_two_conversations(self, uow: UnitOfWork) -> None:
        assert submit(uow, chat(source="a")) != submit(uow, chat(source="b"))

    def test_states_are_counted(self, uow: UnitOfWork) -> None:
        store(uow, chat("c-1"))
        submit(uow, chat("c-2"))
        submit(uow, chat("c-3"))
        with uow() as repository:
            assert repository.state_counts() == {"complete": 1, "pending": 2}


class TestClaiming:
    def test_the_oldest_pending_come_first_and_once(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            for number in (3, 1, 2):
                content = chat(f"c-{number}")
                repository.submit(content, content_sha256=digest(content), now=NOW + number * MINUTE)
        with uow() as repository:
            later = NOW + 9 * MINUTE
            first = repository.claim(2, lane=Lane.REALTIME, claimant="w-1", now=later)
            second = repository.claim(2, lane=Lane.REALTIME, claimant="w-2", now=later)
        assert [[taken.conversation.external_id for taken in claimed] for claimed in (first, second)] == [
            ["c-1", "c-2"],
            ["c-3"],
        ]
        assert first[0] == Claim(id=first[0].id, conversation=chat("c-1"), attempts=1)

    def test_what_a_dead_process_left_comes_before_what_is_pending(self, uow: UnitOfWork) -> None:
        left = submit(uow, chat("c-1"))
        with uow() as repository:
            claim(repository, minutes=1)
        with uow() as repository:
            waiting = repository.submit(chat("c-2"), content_sha256="0" * 64, now=NOW + MINUTE).id
            assert claim(repository, minutes=10, limit=1) == [left]
            assert claim(repository, minutes=11, limit=1) == [waiting]

    def test_nothing_pending_gives_nothing(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            assert claim(repository) == []

    def test_a_claim_of_a_dead_process_is_taken_over_once_it_is_stale(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with uow() as repository:
            assert claim(repository) == [conversation_id]
        with uow() as repository:
            assert claim(repository, minutes=5) == []
            assert claim(repository, minutes=6) == [conversation_id]
            assert claim(repository, minutes=7) == []

    def test_a_failed_conversation_keeps_the_code_and_is_not_claimed_again(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with uow() as repository:
            claim(repository)
            repository.mark_failed(conversation_id, error="internal", now=NOW)
            assert claim(repository, minutes=60) == []
        assert (get(uow, conversation_id).state, get(uow, conversation_id).error) == ("failed", "internal")

    def test_the_same_content_of_a_failed_conversation_makes_it_pending_again(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with uow() as repository:
            claim(repository)
            repository.mark_failed(conversation_id, error="internal", now=NOW)
            again = repository.submit(chat(), content_sha256=digest(chat()), now=NOW + MINUTE)
        assert (again.id, again.revision, again.state, again.created) == (conversation_id, 1, "pending", False)
        assert (get(uow, conversation_id).state, get(uow, conversation_id).error) == ("pending", None)
        with uow() as repository:
            assert claim(repository, minutes=2) == [conversation_id]

    def test_what_is_claimed_again_and_again_without_a_result_fails(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        for number in range(MAX_CLAIMS):
            with uow() as repository:
                assert claim(repository, minutes=10 * number) == [conversation_id]
        with uow() as repository:
            assert claim(repository, minutes=10 * MAX_CLAIMS) == []
        assert (get(uow, conversation_id).state, get(uow, conversation_id).error) == ("failed", "worker_lost")
        submit(uow, chat())
        with uow() as repository:
            assert claim(repository, minutes=100) == [conversation_id]
            assert claim(repository, minutes=110) == [conversation_id]

    def test_a_failure_after_a_result_leaves_the_result(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat())
        with uow() as repository:
            repository.mark_failed(conversation_id, error="internal", now=NOW)
        assert get(uow, conversation_id).state == "complete"

    def test_a_failure_of_an_old_revision_leaves_the_new_one_pending(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with uow() as repository:
            claim(repository)
        submit(uow, chat(text="三天内可以退"))
        with uow() as repository:
            repository.mark_failed(conversation_id, error="internal", now=NOW)
            assert repository.state_counts() == {"pending": 1}

    def test_failing_an_unknown_conversation_is_not_found(self, uow: UnitOfWork) -> None:
        with pytest.raises(NotFound), uow() as repository:
            repository.mark_failed("0" * 32, error="internal", now=NOW)


class TestInspecting:
    def test_a_result_is_read_back_as_it_was(self, uow: UnitOfWork) -> None:
        result = inspection(chat(), finding(), finding("greeting", outcome=Outcome.CLEAR))
        conversation_id = submit(uow, chat())
        add(uow, conversation_id, result)
        stored = get(uow, conversation_id)
        assert stored.inspection == result
        assert (stored.state, stored.final_scorecards, stored.review_state) == ("complete", result.scorecards, "open")

    def test_only_hits_and_suppressed_hits_get_an_id(self, uow: UnitOfWork) -> None:
        hit, suppressed = finding(), finding("promise.gift", outcome=Outcome.SUPPRESSED)
        conversation_id = store(uow, chat(), hit, suppressed, finding("greeting", outcome=Outcome.NOT_APPLICABLE))
        assert set(get(uow, conversation_id).finding_ids) == {hit.key, suppressed.key}

    def test_the_same_provenance_again_changes_nothing(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding())
        with uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard("100")], ReviewState.OVERTURNED, findings=[])
        before = get(uow, conversation_id), find(uow)
        add(uow, conversation_id, inspection(chat(), finding()))
        assert (get(uow, conversation_id), find(uow)) == before

    def test_a_repeated_result_ends_the_processing_of_a_second_claim(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with uow() as repository:
            claim(repository)
            claim(repository, minutes=10)
        add(uow, conversation_id, inspection(chat()))
        add(uow, conversation_id, inspection(chat()))
        assert get(uow, conversation_id).state == "complete"

    def test_it_is_known_which_provenance_the_newest_revision_has(self, uow: UnitOfWork) -> None:
        result = inspection(chat())
        conversation_id = store(uow, chat())
        with uow() as repository:
            assert repository.has_inspection(conversation_id, result.provenance.digest)
            assert not repository.has_inspection(conversation_id, inspection(chat(), rules="r2").provenance.digest)
            assert not repository.has_inspection("0" * 32, result.provenance.digest)
        submit(uow, chat(text="三天内可以退"))
        with uow() as repository:
            assert not repository.has_inspection(conversation_id, result.provenance.digest)

    def test_another_provenance_becomes_the_result_and_lists_follow_it(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding())
        newer = inspection(chat(), finding("abuse.insult", category="abuse"), rules="r2")
        add(uow, conversation_id, newer)
        assert get(uow, conversation_id).inspection == newer
        assert found(uow, category="abuse") == ["c-1"]
        assert found(uow, category="unauthorized_promise") == []

    def test_going_back_to_an_earlier_provenance_shows_the_earlier_result(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding())
        add(uow, conversation_id, inspection(chat(), rules="r2"))
        add(uow, conversation_id, inspection(chat(), finding()))
        assert get(uow, conversation_id).inspection == inspection(chat(), finding())
        assert found(uow, category="unauthorized_promise") == ["c-1"]

    def test_only_the_current_result_is_known(self, uow: UnitOfWork) -> None:
        first, second = inspection(chat()), inspection(chat(), rules="r2")
        conversation_id = store(uow, chat())
        for newest, other in ((second, first), (first, second)):
            add(uow, conversation_id, newest)
            with uow() as repository:
                assert repository.has_inspection(conversation_id, newest.provenance.digest)
                assert not repository.has_inspection(conversation_id, other.provenance.digest)

    def test_a_late_result_of_an_old_revision_does_not_pass_for_the_new_one(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        submit(uow, chat(text="三天内可以退"))
        add(uow, conversation_id, inspection(chat(), finding()))
        stored = get(uow, conversation_id)
        assert (stored.state, stored.inspection) == ("pending", None)
        assert found(uow, flagged=True) == []

    def test_a_result_of_other_content_is_refused(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with pytest.raises(Conflict):
            add(uow, conversation_id, inspection(with_text(chat(), "别的")))

    def test_a_result_for_nothing_is_not_found(self, uow: UnitOfWork) -> None:
        with pytest.raises(NotFound):
            add(uow, "0" * 32, inspection(chat()))

    def test_an_unknown_conversation_is_not_found(self, uow: UnitOfWork) -> None:
        with pytest.raises(NotFound):
            get(uow, "0" * 32)


class TestVerdicts:
    def test_a_finding_shows_its_verdicts_newest_last_and_where_it_stands(self, uow: UnitOfWork) -> None:
        hit = finding()
        conversation_id = store(uow, chat(), hit)
        finding_id = get(uow, conversation_id).finding_ids[hit.key]
        with uow() as repository:
            assert repository.get_finding(finding_id).state == ReviewState.OPEN
            repository.add_verdict(verdict(finding_id, Decision.CONFIRM))
            repository.add_verdict(verdict(finding_id, Decision.APPEAL, minutes=1))
            stored = repository.get_finding(finding_id)
        assert stored.finding == hit
        assert (stored.conversation_id, stored.external_id, stored.state) == (conversation_id, "c-1", "appealed")
        assert [v.decision for v in stored.verdicts] == ["confirm", "appeal"]
        assert get(uow, conversation_id).verdicts == stored.verdicts

    def test_a_verdict_survives_a_re_inspection(self, uow: UnitOfWork) -> None:
        hit = finding()
        conversation_id = store(uow, chat(), hit)
        finding_id = get(uow, conversation_id).finding_ids[hit.key]
        with uow() as repository:
            repository.add_verdict(verdict(finding_id))
        add(uow, conversation_id, inspection(chat(), finding(rule_version=2), rules="r2"))
        stored = get(uow, conversation_id)
        assert stored.finding_ids == {hit.key: finding_id}
        assert stored.verdicts == (verdict(finding_id),)
        with uow() as repository:
            assert repository.get_finding(finding_id).finding.rule_version == 2

    def test_a_finding_that_a_newer_pack_no_longer_makes_can_still_be_read(self, uow: UnitOfWork) -> None:
        hit = finding()
        conversation_id = store(uow, chat(), hit)
        finding_id = get(uow, conversation_id).finding_ids[hit.key]
        add(uow, conversation_id, inspection(chat(), rules="r2"))
        with uow() as repository:
            repository.add_verdict(verdict(finding_id))
            assert repository.get_finding(finding_id).finding == hit

    def test_unknown_findings_are_not_found(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            with pytest.raises(NotFound):
                repository.get_finding("0" * 32)
            with pytest.raises(NotFound):
                repository.add_verdict(verdict("0" * 32))


class TestLearning:
    def test_corrected_moods_are_kept_in_order_and_shown_with_their_revision(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat())
        corrections = tuple(
            mood_correction(conversation_id, emotion=emotion) for emotion in (Emotion.ANGRY, Emotion.ANXIOUS)
        )
        with uow() as repository:
            for correction in corrections:
                repository.add_mood_correction(correction)
        assert get(uow, conversation_id).mood_corrections == corrections
        submit(uow, chat(text="三天内可以退"))
        assert get(uow, conversation_id).mood_corrections == ()

    @pytest.mark.parametrize("revision", [0, 2])
    def test_a_correction_of_an_unknown_revision_is_not_found(self, uow: UnitOfWork, revision: int) -> None:
        conversation_id = store(uow, chat())
        with uow() as repository, pytest.raises(NotFound):
            repository.add_mood_correction(mood_correction(conversation_id, revision=revision))

    def test_conversations_with_any_decision_are_named_once(self, uow: UnitOfWork) -> None:
        judged, cleared, corrected, _untouched = (
            store(uow, chat(external_id=name), finding(), suspicion=0.9) for name in ("c-1", "c-2", "c-3", "c-4")
        )
        (finding_id,) = get(uow, judged).finding_ids.values()
        with uow() as repository:
            repository.add_verdict(verdict(finding_id))
            repository.add_verdict(verdict(finding_id, Decision.CONFIRM, minutes=1))
            repository.add_suspicion_review(suspicion_review(cleared))
            repository.add_mood_correction(mood_correction(corrected))
            assert repository.decided_ids() == sorted([judged, cleared, corrected])

    def test_what_two_models_said_of_one_content_is_kept_once(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat())
        first = shadow_difference(conversation_id)
        other = shadow_difference(conversation_id, shadow_revision="newer", minutes=1)
        with uow() as repository:
            for difference in (first, replace(first, turns=9), other):
                repository.add_shadow_difference(difference)
            assert repository.shadow_differences() == [first, other]

    def test_a_difference_of_an_unknown_conversation_is_not_found(self, uow: UnitOfWork) -> None:
        with uow() as repository, pytest.raises(NotFound):
            repository.add_shadow_difference(shadow_difference("0" * 32))


class TestSuspicionReviews:
    def test_they_are_kept_in_order_and_shown_with_their_revision(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat())
        reviews = tuple(suspicion_review(conversation_id, reviewer=name) for name in ("王", "李"))
        with uow() as repository:
            for review in reviews:
                repository.add_suspicion_review(review)
        assert get(uow, conversation_id).suspicion_reviews == reviews
        submit(uow, chat(text="三天内可以退"))
        assert get(uow, conversation_id).suspicion_reviews == ()

    @pytest.mark.parametrize("revision", [0, 2])
    def test_a_revision_that_is_not_there_is_not_found(self, uow: UnitOfWork, revision: int) -> None:
        conversation_id = store(uow, chat())
        with uow() as repository, pytest.raises(NotFound):
            repository.add_suspicion_review(suspicion_review(conversation_id, revision=revision))

    def test_a_conversation_can_be_cleared(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), suspicion=0.9)
        with uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard()], ReviewState.CLEARED, findings=[])
        assert found(uow, review_state="cleared", flagged=True) == ["c-1"]
        assert found(uow, review_state="open") == []


class TestScorecards:
    def test_final_scores_change_and_the_machines_stay(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding())
        with uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard("100")], ReviewState.OVERTURNED, findings=[])
            (scored,) = repository.scorecards(since=None, until=None)
        assert (scored.machine, scored.final) == (scorecard(), scorecard("100"))
        stored = get(uow, conversation_id)
        assert stored.inspection is not None
        assert stored.inspection.scorecards == (scorecard(),)
        assert (stored.final_scorecards, stored.review_state) == ((scorecard("100"),), "overturned")
        assert find(uow).rows[0].lowest_total == Decimal(100)

    def test_final_scores_need_a_result(self, uow: UnitOfWork) -> None:
        conversation_id = submit(uow, chat())
        with pytest.raises(NotFound), uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard()], ReviewState.OPEN, findings=[])

    def test_a_scored_conversation_names_the_agent_and_counts_what_stands(self, uow: UnitOfWork) -> None:
        overturned, standing = finding(), finding("abuse.insult", category="abuse")
        others = finding("promise.gift", agent_id=AgentId("a-8"))
        shadow = finding("abuse.tone", category="abuse", status=RuleStatus.SHADOW)
        suppressed = finding("abuse.quote", category="abuse", outcome=Outcome.SUPPRESSED)
        nobodys = finding("privacy.phone", agent_id=None)
        content = chat(agents=(Agent(id=AgentId("a-7"), name="小林", group="售后"),))
        conversation_id = store(uow, content, overturned, standing, others, shadow, suppressed, nobodys)
        ids = get(uow, conversation_id).finding_ids
        with uow() as repository:
            repository.add_verdict(verdict(ids[overturned.key], Decision.CONFIRM))
            repository.add_verdict(verdict(ids[overturned.key], Decision.OVERTURN, minutes=1))
            repository.add_verdict(verdict(ids[others.key]))
            (scored,) = repository.scorecards(since=None, until=None)
        assert (scored.agent_id, scored.agent_name, scored.group) == ("a-7", "小林", "售后")
        assert (scored.external_id, scored.shop, scored.channel, scored.at) == ("c-1", "demo", "taobao", NOW)
        assert (scored.findings_by_category, scored.verdicts) == ({"abuse": 1}, {"overturn": 1})
        assert scored.negative_share == 0.5

    def test_they_come_by_time_within_the_half_open_period(self, uow: UnitOfWork) -> None:
        for hours in (2, 0, 1, 3):
            store(uow, chat(f"c-{hours}", started_at=NOW + timedelta(hours=hours)))
        with uow() as repository:
            since, until = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
            scored = list(repository.scorecards(since=since, until=until))
        assert [record.external_id for record in scored] == ["c-1", "c-2"]

    def test_they_can_be_those_of_one_agent_or_shop(self, uow: UnitOfWork) -> None:
        store(uow, chat("c-1", shop="x"), cards=(scorecard("50", "a-7"), scorecard("60", "a-8")))
        store(uow, chat("c-2", shop="y"))
        with uow() as repository:
            by_agent = list(repository.scorecards(since=None, until=None, agent_id="a-8"))
            by_shop = list(repository.scorecards(since=None, until=None, shop="y"))
        assert [(r.external_id, r.agent_id) for r in by_agent] == [("c-1", "a-8")]
        assert [(r.external_id, r.agent_id) for r in by_shop] == [("c-2", "a-7")]

    def test_only_those_of_the_current_result_count(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat())
        add(uow, conversation_id, inspection(chat(), cards=(scorecard("10"),), rules="r2"))
        with uow() as repository:
            assert [r.final.total for r in repository.scorecards(since=None, until=None)] == [Decimal(10)]


def _write_and_fail(repository: Repository) -> None:
    repository.submit(chat("c-2"), content_sha256=digest(chat()), now=NOW)
    repository.add_delivery({"id": "d-1"})
    repository.get("0" * 32)


class TestTransactions:
    def test_an_error_takes_everything_back(self, uow: UnitOfWork) -> None:
        store(uow, chat())
        with pytest.raises(NotFound), uow() as repository:
            _write_and_fail(repository)
        assert found(uow) == ["c-1"]
        with uow() as repository:
            assert repository.deliveries(10) == []
