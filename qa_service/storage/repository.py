"""All of the store behind one object, for the length of one transaction. Owns no query: each line names who does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qa_service.domain.audit import AuditEntry, AuditFilter, AuditPage, AuditRecord
from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.performance import AgentSums, DaySums, ScoredConversation
from qa_service.domain.personal_data import Original
from qa_service.domain.records import ConversationFilter, Page, StoredConversation, StoredFinding, Submission
from qa_service.domain.review import SuspicionReview, Verdict
from qa_service.domain.rule_log import RuleEvent, RuleRecord, RuleVerdict
from qa_service.domain.scorecard import Scorecard
from qa_service.domain.work import COUNTED, Claim, DeadLetters, Lane, Unsent
from qa_service.errors import ErrorCode
from qa_service.storage import (
    audit_log,
    conversations,
    dead_letters,
    deliveries,
    figures,
    findings,
    inspections,
    learning,
    rule_log,
    scoping,
    scorecards,
    submissions,
    suspicion_reviews,
    work,
)
from qa_service.storage.access_repository import SqlAccessRepository
from qa_service.storage.assignment_repository import SqlAssignmentRepository
from qa_service.storage.erasure_repository import SqlErasureRepository
from qa_service.storage.personal_data import keep_originals, open_claims
from qa_service.storage.personal_data_repository import SqlPersonalDataRepository
from qa_service.storage.scorecards import save_final_scorecards
from qa_service.storage.sealing import KeyRing


class SqlRepository(SqlAccessRepository, SqlAssignmentRepository, SqlErasureRepository, SqlPersonalDataRepository):
    """What the workflows read and write, described at the protocol `Repository` of `workflows.ports`.

    Bound to a scope: rows out of it are not listed, not counted and not found.
    """

    def __init__(
        self,
        connection: Connection,
        scope: Scope = EVERYTHING,
        *,
        is_read_only: bool = False,
        keys: KeyRing | None = None,
    ) -> None:
        super().__init__(connection)
        self._keys = keys
        self._scope = scope
        self._is_read_only = is_read_only
        self._audit: list[AuditEntry] = []

    @property
    def whole(self) -> SqlRepository:
        """See `Repository`."""
        beyond = copy(self)  # shares what is to be audited
        beyond._scope = EVERYTHING
        return beyond

    def finish(self) -> None:
        """The last step before the commit: append to the audit log."""
        audit_log.append(self._connection, self._audit)

    def add_audit(self, entry: AuditEntry) -> None:
        """Append at the end of the transaction."""
        if self._is_read_only:
            raise RuntimeError("a read-only transaction audits nothing")
        self._audit.append(entry)

    def audit_page(self, query: AuditFilter) -> AuditPage:
        """One page of what the shops in scope are named in, newest first. Raises InvalidInput, NotPermitted."""
        return audit_log.audit_page(self._connection, scoping.audited_in(self._scope, query))

    def audit_records(self) -> Iterator[AuditRecord]:
        """All, oldest first, read while the transaction is open. Raises NotPermitted."""
        self._scope.require_everything()
        return audit_log.audit_records(self._connection)

    def submit(
        self,
        conversation: Conversation,
        *,
        content_sha256: str,
        now: datetime,
        lane: Lane = Lane.REALTIME,
        traceparent: str | None = None,
        originals: Sequence[Original] = (),
        masked_by: int | None = None,
    ) -> Submission:
        """Idempotent by (shop, source, external_id) and content."""
        self._scope.require_shop(conversation.shop)
        submission = submissions.submit(
            self._connection,
            conversation,
            content_sha256=content_sha256,
            now=now,
            lane=lane,
            traceparent=traceparent,
            masked_by=masked_by,
        )
        if submission.created:
            keep_originals(self._connection, self._keys, submission.id, submission.revision, originals)
        return submission

    def claim(
        self, limit: int, *, lane: Lane, claimant: str, now: datetime, ids: Sequence[str] | None = None
    ) -> list[Claim]:
        """Mark up to `limit` conversations as processing; no two processes get the same one."""
        claims = work.claim(self._connection, limit, lane=lane, claimant=claimant, now=now, ids=ids)
        opened = open_claims(self._connection, self._keys, claims)
        for conversation_id in opened.broken_ids:
            self.mark_failed(conversation_id, error=ErrorCode.PERSONAL_DATA_SEALED, now=now)
        return opened.claims

    def return_stale(self, *, now: datetime, stale_before: datetime) -> int:
        """Make old claims pending again, or failed."""
        return work.return_stale(self._connection, now=now, stale_before=stale_before)

    def return_claims(self, claimant: str, *, now: datetime) -> int:
        """Make the open claims of one claimant pending again, or failed."""
        return work.return_claims(self._connection, claimant, now=now)

    def release(self, ids: Sequence[str], *, now: datetime) -> None:
        """Make these claims pending again, or failed."""
        work.release(self._connection, ids, now=now)

    def add_inspection(self, conversation_id: str, inspection: Inspection, *, now: datetime) -> bool:
        """Store a result and mark the conversation complete. Raises NotFound; Conflict if that content is unknown."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        return inspections.add_inspection(self._connection, conversation_id, inspection, now=now)

    def mark_failed(self, conversation_id: str, *, error: str, now: datetime, retry_at: datetime | None = None) -> None:
        """Record an error code. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        work.mark_failed(self._connection, conversation_id, error=error, now=now, retry_at=retry_at)

    def take_unsent(self, limit: int, *, lane: Lane, now: datetime, offered_before: datetime) -> list[Unsent]:
        """What is due and no message stands for; noted as offered now."""
        return work.take_unsent(self._connection, limit, lane=lane, now=now, offered_before=offered_before)

    def count_pending(self, lane: Lane, *, at_most: int) -> int:
        """How many wait in a lane, counted up to `at_most`."""
        return work.count_pending(self._connection, lane, at_most=at_most)

    def dead_letters(self, *, limit: int, cursor: str | None = None, error: str | None = None) -> DeadLetters:
        """One page. Raises InvalidInput."""
        return dead_letters.dead_letters(self._connection, limit=limit, cursor=cursor, error=error, scope=self._scope)

    def requeue(self, conversation_id: str, *, now: datetime) -> Lane:
        """Make a failed conversation pending again. Raises NotFound, Conflict."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        return dead_letters.requeue(self._connection, conversation_id, now=now)

    def requeue_all(self, *, now: datetime, error: str | None = None) -> int:
        """Make all failed ones pending again; how many."""
        return dead_letters.requeue_all(self._connection, now=now, error=error, scope=self._scope)

    def has_inspection(self, conversation_id: str, provenance_digest: str) -> bool:
        """Whether this is the current result of the newest revision."""
        return scoping.holds(self._connection, self._scope, conversation_id) and inspections.has_inspection(
            self._connection, conversation_id, provenance_digest
        )

    def get(self, conversation_id: str) -> StoredConversation:
        """The newest revision with its result. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        stored = inspections.get_conversation(self._connection, conversation_id)
        return scoping.seen(self._connection, self._scope, stored)

    def find(self, query: ConversationFilter) -> Page:
        """One page. Raises InvalidInput."""
        return conversations.find_conversations(self._connection, query, self._scope)

    def get_finding(self, finding_id: str) -> StoredFinding:
        """A hit or suppressed hit. Raises NotFound."""
        scoping.check_finding(self._connection, self._scope, finding_id)
        return findings.get_finding(self._connection, finding_id)

    def add_verdict(self, verdict: Verdict) -> None:
        """Append. Raises NotFound."""
        scoping.check_finding(self._connection, self._scope, verdict.finding_id)
        findings.add_verdict(self._connection, verdict)

    def add_suspicion_review(self, review: SuspicionReview) -> None:
        """Append. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, review.conversation_id)
        suspicion_reviews.add_suspicion_review(self._connection, review)

    def save_final_scorecards(
        self, conversation_id: str, scorecards: Sequence[Scorecard], review_state: str, *, findings: Sequence[Finding]
    ) -> None:
        """Replace the final scorecards and what lists show. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        save_final_scorecards(self._connection, conversation_id, scorecards, review_state, findings=findings)

    def scorecards(
        self, *, since: datetime | None, until: datetime | None, agent_id: str | None = None, shop: str | None = None
    ) -> Iterator[ScoredConversation]:
        """Current scorecards by time, read while the transaction is open."""
        return scorecards.scored_conversations(
            self._connection, since=since, until=until, agent_id=agent_id, shop=shop, scope=self._scope
        )

    def final_scores(self, conversation_id: str) -> dict[str, dict[str, str | None]]:
        """See `AuditLog`. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        return scorecards.final_scores(self._connection, conversation_id)

    def agent_sums(
        self, *, since: datetime, until: datetime, shop: str | None = None, agent_id: str | None = None
    ) -> list[AgentSums]:
        """Of current scorecards, by shop and agent."""
        cards = figures.Cards(since=since, until=until, shop=shop, agent_id=agent_id, scope=self._scope)
        return figures.agent_sums(self._connection, cards)

    def day_sums(self, midnights: Sequence[datetime], *, until: datetime, shop: str | None = None) -> list[DaySums]:
        """The same by day."""
        cards = figures.Cards(since=midnights[0], until=until, shop=shop, scope=self._scope)
        return figures.day_sums(self._connection, cards, midnights)

    def waiting_since(self, lane: Lane) -> datetime | None:
        """When the longest waiting one of a lane was due."""
        return work.waiting_since(self._connection, lane)

    def state_counts(self, *, at_most: int = COUNTED) -> dict[str, int]:
        """Number of conversations per state."""
        return work.state_counts(self._connection, self._scope, at_most=at_most)

    def add_rule_record(self, record: RuleRecord) -> None:
        """Append to the rule log."""
        rule_log.add_rule_record(self._connection, record)

    def rule_records(self, event: RuleEvent, key: str | None = None) -> list[RuleRecord]:
        """The records of a kind (and key), oldest first."""
        return rule_log.rule_records(self._connection, event, key)

    def rule_revision(self) -> int:
        """See `Repository`."""
        return rule_log.rule_revision(self._connection)

    def rule_verdicts(self, rule_id: str | None = None) -> list[RuleVerdict]:
        """The newest decision about each finding, by version of its rule."""
        return rule_log.rule_verdicts(self._connection, rule_id, self._scope)

    def add_mood_correction(self, correction: MoodCorrection) -> None:
        """Append. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, correction.conversation_id)
        learning.add_mood_correction(self._connection, correction)

    def decided_ids(self) -> list[str]:
        """Conversations about which a person decided anything."""
        return learning.decided_ids(self._connection, self._scope)

    def add_shadow_difference(self, difference: ShadowDifference) -> None:
        """Store once. Raises NotFound."""
        scoping.check_conversation(self._connection, self._scope, difference.conversation_id)
        learning.add_shadow_difference(self._connection, difference)

    def shadow_differences(self) -> list[ShadowDifference]:
        """All, oldest first."""
        return learning.shadow_differences(self._connection, self._scope)

    def add_delivery(self, record: dict[str, Any]) -> None:
        """Append one attempt of a webhook push."""
        deliveries.add_delivery(self._connection, record)

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        """The newest attempts first; they are of all shops. Raises NotPermitted."""
        self._scope.require_everything()
        return deliveries.deliveries(self._connection, limit)
