"""Verdicts of people on findings, and the final scores that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qa_service.domain.audit import AuditEvent
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection
from qa_service.domain.review import Decision, ReviewState, SuspicionReview, Verdict
from qa_service.review import apply_verdicts, check_dismissal, check_transition, conversation_review_state
from qa_service.workflows.audit import audit
from qa_service.workflows.personal_data_ports import Masker
from qa_service.workflows.ports import Clock, Repository, Scorer, StoredConversation, StoredFinding, UnitOfWork
from qa_service.workflows.score_changes import audited_scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Reads findings, records verdicts and cleared suspicions (comments masked), recomputes final scorecards.

    `after_verdict` is told the rule of each decided finding, once the decision is committed.
    """

    unit_of_work: UnitOfWork
    clock: Clock
    scorer: Scorer
    masker: Masker
    after_verdict: Callable[[str], None] = lambda _rule_id: None

    def decide(self, finding_id: str, *, decision: Decision, comment: str, reviewer: str) -> StoredFinding:
        """Append a verdict and recompute the conversation's final scorecards in the same transaction.

        Raises:
            NotFound: no such finding.
            InvalidInput: a comment is missing.
            Conflict: the decision does not follow on the finding's state.
            TextErased: nobody can read what it is about any more.
        """
        with self.unit_of_work() as repository:
            stored = repository.get_finding(finding_id)
            repository.get(stored.conversation_id).require_text()
            check_transition(stored.verdicts, decision=decision, comment=comment)
            now = self.clock.now()
            comment = self._masked(repository, stored.conversation_id, comment)
            repository.add_verdict(
                Verdict(finding_id=finding_id, decision=decision, comment=comment, reviewer=reviewer, created_at=now)
            )
            # a verdict in scope changes the scores of the whole chat, also what the scope hides of it
            with audited_scores(repository.whole, stored.conversation_id, now=now):
                restore_verdicts(repository.whole, self.scorer, stored.conversation_id, now=now)
            decided = repository.get_finding(finding_id)
            _audit_verdict(repository, stored, decided, now=now)
        self.after_verdict(decided.finding.rule_id)
        return decided

    def dismiss_suspicion(self, conversation_id: str, comment: str, reviewer: str) -> StoredConversation:
        """Record that a person looked at what the model only suspected and found nothing: the conversation is cleared.

        Raises:
            NotFound: no such conversation.
            NotPermitted: somebody out of scope spoke in it, whom the suspicion may be about.
            Conflict: it has no result, a hit for people to decide on, no suspicion, or is cleared already.
            TextErased: nobody can read it any more.
        """
        with self.unit_of_work() as repository:
            repository.get(conversation_id).require_all_agents()
            stored = repository.whole.get(conversation_id)
            stored.require_text()
            check_dismissal(stored)
            now = self.clock.now()
            repository.add_suspicion_review(
                SuspicionReview(
                    conversation_id=conversation_id,
                    revision=stored.revision,
                    comment=self._masked(repository, conversation_id, comment),
                    reviewer=reviewer,
                    created_at=now,
                )
            )
            with audited_scores(repository.whole, conversation_id, now=now):
                restore_verdicts(repository.whole, self.scorer, conversation_id, now=now)
            cleared = repository.get(conversation_id)
            audit(
                repository,
                AuditEvent.SUSPICION_CLEARED,
                now=now,
                on={"conversation": conversation_id},
                shop=stored.conversation.shop,
                before={"review_state": stored.review_state},
                after={"review_state": cleared.review_state, "reviewer": reviewer},
            )
            return cleared

    def _masked(self, repository: Repository, conversation_id: str, comment: str) -> str:
        return self.masker.mask_comment(comment, repository.originals(conversation_id))

    def conversation(self, conversation_id: str) -> StoredConversation:
        """Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.get(conversation_id)

    def finding(self, finding_id: str) -> StoredFinding:
        """Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.get_finding(finding_id)


def _audit_verdict(repository: Repository, before: StoredFinding, after: StoredFinding, *, now: datetime) -> None:
    newest = after.verdicts[-1]
    audit(
        repository,
        AuditEvent.VERDICT,
        now=now,
        on={"finding": after.id, "rule": after.finding.rule_id, "conversation": after.conversation_id},
        shop=repository.get(after.conversation_id).conversation.shop,
        before={"state": before.state},
        after={"state": after.state, "decision": newest.decision.value, "reviewer": newest.reviewer},
    )


def restore_verdicts(repository: Repository, scorer: Scorer, conversation_id: str, *, now: datetime) -> None:
    """Make final scorecards, list figures and review state say what the current inspection and all verdicts say."""
    stored = repository.get(conversation_id)
    if stored.inspection is None:
        return
    by_key = _verdicts_by_key(stored)
    inspection = _scored_alike(stored, stored.inspection, scorer) if by_key else stored.inspection
    if inspection is not stored.inspection:
        repository.add_inspection(conversation_id, inspection, now=now)
    findings = apply_verdicts(inspection.findings, by_key)
    scorecards = (
        scorer.score(stored.conversation, findings, inspection.mood, inspection.agents)
        if by_key
        else inspection.scorecards
    )
    state = _review_state(stored, inspection, findings, by_key)
    repository.save_final_scorecards(conversation_id, scorecards, state, findings=findings)


def is_undecided(inspection: Inspection) -> bool:
    """Whether a result about which nobody decided anything stands as it is stored: open, final scores the machine's."""
    state = conversation_review_state(inspection.findings, {}, is_suspected=inspection.mood.is_suspected)
    return state is ReviewState.OPEN


def _verdicts_by_key(stored: StoredConversation) -> dict[str, list[Verdict]]:
    """The verdicts on findings that the current inspection has, newest last."""
    by_id: dict[str, list[Verdict]] = {}
    for verdict in stored.verdicts:
        by_id.setdefault(verdict.finding_id, []).append(verdict)
    return {key: by_id[finding_id] for key, finding_id in stored.finding_ids.items() if finding_id in by_id}


def _scored_alike(stored: StoredConversation, inspection: Inspection, scorer: Scorer) -> Inspection:
    """The current inspection, scored by the rubric that the final scorecards will be scored by.

    Else a change of the rubric would pass for an effect of the verdicts.
    """
    if inspection.provenance.rubric_digest == scorer.rubric_digest:
        return inspection
    return replace(
        inspection,
        scorecards=scorer.score(stored.conversation, inspection.findings, inspection.mood, inspection.agents),
        provenance=replace(
            inspection.provenance,
            rubric=scorer.rubric,
            rubric_version=scorer.rubric_version,
            rubric_digest=scorer.rubric_digest,
        ),
    )


def _review_state(
    stored: StoredConversation,
    inspection: Inspection,
    standing: Sequence[Finding],
    by_key: Mapping[str, Sequence[Verdict]],
) -> ReviewState:
    """Where the conversation stands; a cleared suspicion holds as long as no hit does."""
    if stored.suspicion_reviews and not any(finding.is_shown_hit for finding in standing):
        return ReviewState.CLEARED
    return conversation_review_state(
        inspection.findings, by_key, is_suspected=inspection.mood.is_suspected and not stored.suspicion_reviews
    )
