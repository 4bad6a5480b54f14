"""Findings and what people decide about them in the store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.records import StoredFinding
from qa_service.domain.review import SuspicionReview, Verdict, state_of
from qa_service.domain.rule_log import RuleVerdict
from qa_service.domain.scorecard import Scorecard
from qa_service.errors import NotFound
from tests.fakes.records import FakeRecords, Records
from tests.fakes.stored import Record


class _Store(Records, Protocol):
    verdicts: list[tuple[str, Verdict]]
    suspicion_reviews: list[SuspicionReview]
    mood_corrections: list[MoodCorrection]
    shadow_differences: dict[tuple[str, ...], ShadowDifference]


class FakeDecisions(FakeRecords):
    """A part of `FakeRepository`."""

    _store: _Store

    def get_finding(self, finding_id: str) -> StoredFinding:
        record, finding = self._finding(finding_id)
        verdicts = self._verdicts(finding_id=finding_id)
        return StoredFinding(
            id=finding_id,
            conversation_id=record.id,
            external_id=record.conversation.external_id,
            finding=finding,
            verdicts=verdicts,
            state=state_of(finding, verdicts),
        )

    def add_verdict(self, verdict: Verdict) -> None:
        record, _ = self._finding(verdict.finding_id)
        self._store.verdicts.append((record.id, verdict))

    def add_suspicion_review(self, review: SuspicionReview) -> None:
        if review.revision not in range(1, self._record(review.conversation_id).revision + 1):
            raise NotFound("no such revision of a conversation")
        self._store.suspicion_reviews.append(review)

    def save_final_scorecards(
        self, conversation_id: str, scorecards: Sequence[Scorecard], review_state: str, *, findings: Sequence[Finding]
    ) -> None:
        record = self._record(conversation_id)
        if record.current is None:
            raise NotFound("no inspected conversation of this id")
        results = list(record.results)
        results[record.current] = replace(results[record.current], final=tuple(scorecards), standing=tuple(findings))
        self._change(record, results=tuple(results), review_state=review_state)

    def rule_verdicts(self, rule_id: str | None = None) -> list[RuleVerdict]:
        newest_decision = {verdict.finding_id: verdict.decision.value for _, verdict in self._store.verdicts}
        found = {
            (finding_id, finding.rule_version): RuleVerdict(
                rule_id=finding.rule_id,
                rule_version=finding.rule_version,
                conversation_id=record.id,
                finding_id=finding_id,
                decision=newest_decision[finding_id],
            )
            for record in self._seen
            for result in record.results
            for finding in result.inspection.findings
            if finding.outcome is Outcome.HIT and self._scoping.sees(record, finding.agent_id)
            for finding_id in (finding_id_of(record.id, finding.key),)
            if finding_id in newest_decision and rule_id in (None, finding.rule_id)
        }
        return [found[key] for key in sorted(found)]

    def add_mood_correction(self, correction: MoodCorrection) -> None:
        if correction.revision not in range(1, self._record(correction.conversation_id).revision + 1):
            raise NotFound("no such revision of a conversation")
        self._store.mood_corrections.append(correction)

    def decided_ids(self) -> list[str]:
        decided = {conversation_id for conversation_id, _ in self._store.verdicts}
        decided |= {review.conversation_id for review in self._store.suspicion_reviews}
        decided |= {correction.conversation_id for correction in self._store.mood_corrections}
        return sorted(decided & {record.id for record in self._seen if record.erased is None})

    def add_shadow_difference(self, difference: ShadowDifference) -> None:
        self._record(difference.conversation_id)
        models = (difference.live_revision, difference.shadow_revision)
        judged = (difference.conversation_id, difference.content_sha256, *models)
        self._store.shadow_differences.setdefault(judged, difference)

    def shadow_differences(self) -> list[ShadowDifference]:
        ids = {record.id for record in self._seen}
        known = [known for known in self._store.shadow_differences.values() if known.conversation_id in ids]
        return sorted(known, key=lambda known: (known.created_at, known.conversation_id))

    def _finding(self, finding_id: str) -> tuple[Record, Finding]:
        for record in self._seen:
            current_last = [*record.results, *([record.result] if record.result else [])]
            for result in reversed(current_last):
                for key, finding in result.reviewable.items():
                    if finding_id_of(record.id, key) == finding_id and self._scoping.sees(record, finding.agent_id):
                        return record, finding
        raise NotFound("no such finding", field="id")

    def _verdicts(self, *, conversation_id: str | None = None, finding_id: str | None = None) -> tuple[Verdict, ...]:
        found = [
            verdict
            for owner, verdict in self._store.verdicts
            if conversation_id in (None, owner) and finding_id in (None, verdict.finding_id)
        ]
        return tuple(sorted(found, key=lambda verdict: verdict.created_at))


def finding_id_of(conversation_id: str, key: str) -> str:
    return f"{conversation_id}-{key}"
