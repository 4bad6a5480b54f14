"""Verdicts of people on findings, and the final scores that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.review import Decision, Verdict
from qa_service.review import apply_verdicts, check_transition, conversation_review_state
from qa_service.workflows.ports import Clock, Repository, Scorer, StoredConversation, StoredFinding, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Reads findings, records verdicts, recomputes final scorecards."""

    unit_of_work: UnitOfWork
    clock: Clock
    scorer: Scorer

    def decide(self, finding_id: str, *, decision: Decision, comment: str, reviewer: str) -> StoredFinding:
        """Append a verdict and recompute the conversation's final scorecards in the same transaction.

        Raises:
            NotFound: no such finding.
            InvalidInput: a comment is missing.
            Conflict: the decision does not follow on the finding's state.
        """
        with self.unit_of_work() as repository:
            stored = repository.get_finding(finding_id)
            check_transition(stored.verdicts, decision=decision, comment=comment)
            repository.add_verdict(
                Verdict(
                    finding_id=finding_id,
                    decision=decision,
                    comment=comment,
                    reviewer=reviewer,
                    created_at=self.clock.now(),
                )
            )
            restore_verdicts(repository, self.scorer, stored.conversation_id)
            return repository.get_finding(finding_id)

    def conversation(self, conversation_id: str) -> StoredConversation:
        """Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.get(conversation_id)

    def finding(self, finding_id: str) -> StoredFinding:
        """Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.get_finding(finding_id)


def restore_verdicts(repository: Repository, scorer: Scorer, conversation_id: str) -> None:
    """Make the final scorecards and the review state say what the current inspection and all verdicts say."""
    stored = repository.get(conversation_id)
    if stored.inspection is None:
        return
    by_id: dict[str, list[Verdict]] = {}
    for verdict in stored.verdicts:
        by_id.setdefault(verdict.finding_id, []).append(verdict)
    by_key = {key: by_id[finding_id] for key, finding_id in stored.finding_ids.items() if finding_id in by_id}
    findings = apply_verdicts(stored.inspection.findings, by_key)
    state = conversation_review_state(stored.inspection.findings, by_key)
    scorecards = (
        scorer.score(stored.conversation, findings, stored.inspection.mood, stored.inspection.agents)
        if by_key
        else stored.inspection.scorecards
    )
    repository.save_final_scorecards(conversation_id, scorecards, state)
