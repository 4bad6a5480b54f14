"""The store in memory: the same answers as `qa_service.storage`, no database. One suite runs against both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from threading import RLock
from typing import Any
from uuid import uuid4

from qa_service.domain.audit import AuditFilter, AuditPage, AuditRecord
from qa_service.domain.conversation import Conversation
from qa_service.domain.erasure import customer_digests
from qa_service.domain.finding import Finding, RuleStatus, Severity
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.performance import ScoredConversation
from qa_service.domain.personal_data import Original, unmask
from qa_service.domain.records import (
    ConversationFilter,
    Page,
    StoredConversation,
    StoredFinding,
    Submission,
    text_erased,
)
from qa_service.domain.review import ReviewState, SuspicionReview, Verdict, state_after, state_of
from qa_service.domain.rule_log import RuleRecord, RuleVerdict
from qa_service.domain.scorecard import Scorecard
from qa_service.domain.visibility import narrowed
from qa_service.domain.work import CLOCK_STEP, MAX_CLAIMS, Claim, DeadLetters, Lane, Unsent
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound
from tests.fakes.access import AccessStore, FakeAccessRepository
from tests.fakes.audit import FakeAuditLog
from tests.fakes.erasure import ErasureStore, FakeErasureRepository
from tests.fakes.figures import FakeFigures
from tests.fakes.personal_data import FakePersonalDataRepository, PersonalDataStore
from tests.fakes.rule_log import FakeRuleLog
from tests.fakes.scoping import FakeScoping
from tests.fakes.stored import (
    Record,
    Result,
    dead_letter_of,
    matches,
    name_of,
    newest,
    position_of,
    scores_of,
    submission_of,
    summary,
    worst,
)
from tests.fakes.watched import FakeWatched


@dataclass(kw_only=True)
class _Store(AccessStore, ErasureStore, PersonalDataStore):
    groups: dict[tuple[str, str], str] = field(default_factory=dict)
    mood_corrections: list[MoodCorrection] = field(default_factory=list)
    shadow_differences: dict[tuple[str, ...], ShadowDifference] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    rule_log: list[RuleRecord] = field(default_factory=list)
    audit_log: list[AuditRecord] = field(default_factory=list)


class FakeUnitOfWork:
    """One transaction at a time; an error puts back what was there before."""

    def __init__(self, *, within: tuple[FakeUnitOfWork, Scope] | None = None) -> None:
        self._store = within[0]._store if within else _Store()
        self._lock = within[0]._lock if within else RLock()
        self.scope = within[1] if within else EVERYTHING

    def within(self, scope: Scope) -> FakeUnitOfWork:
        return FakeUnitOfWork(within=(self, scope))

    @contextmanager
    def __call__(self, *, is_read_only: bool = False) -> Iterator[FakeRepository]:
        with self._lock:
            before = {part.name: copy(getattr(self._store, part.name)) for part in fields(self._store)}
            try:
                repository = FakeRepository(self._store, self.scope, is_read_only=is_read_only)
                yield repository
                repository.end()
            except BaseException:
                vars(self._store).update(before)
                raise


class FakeRepository(
    FakeWatched,
    FakeAccessRepository,
    FakeErasureRepository,
    FakeAuditLog,
    FakePersonalDataRepository,
    FakeRuleLog,
    FakeFigures,
):
    """See `qa_service.workflows.ports.Repository`."""

    def __init__(self, store: _Store, scope: Scope = EVERYTHING, *, is_read_only: bool = False) -> None:
        super().__init__(store.audit_log, is_read_only=is_read_only)
        self._store = store
        self._scope = scope

    @property
    def whole(self) -> FakeRepository:
        beyond = copy(self)  # shares what is to be audited
        beyond._scope = EVERYTHING
        return beyond

    @property
    def _scoping(self) -> FakeScoping:
        return FakeScoping(scope=self._scope, groups=self._store.groups)

    def audit_page(self, query: AuditFilter) -> AuditPage:
        return super().audit_page(self._scoping.audited(query))

    def audit_records(self) -> Iterator[AuditRecord]:
        self._scope.require_everything()
        return super().audit_records()

    @property
    def _seen(self) -> list[Record]:
        return [record for record in self._store.records.values() if self._scoping.holds(record)]

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
        self._scope.require_shop(conversation.shop)
        known = next(
            (r for r in self._store.records.values() if name_of(r.conversation) == name_of(conversation)), None
        )
        waiting = {"state": "pending", "state_since": now, "due_at": now, "offered_at": now, "lane": lane}
        waiting["traceparent"] = traceparent
        if known is None:
            known = Record(id=uuid4().hex, contents=(), received_at=now, **waiting)
        elif known.contents[-1][0] == content_sha256:
            if known.state == "failed" and known.erased is None:
                known = self._change(known, attempts=0, error=None, **waiting)
            return submission_of(known, created=False)
        shop = conversation.shop or ""
        self._store.groups.update({(shop, agent.id): agent.group for agent in conversation.agents if agent.group})
        contents = (*known.contents, (content_sha256, conversation))
        held = {"text_since": now, "erased": None, "customers": known.customers | {*customer_digests(conversation)}}
        record = replace(known, contents=contents, attempts=0, error=None, **held, **waiting)
        self._store.records[record.id] = record
        self.keep_originals(record, originals, masked_by)
        return submission_of(record, created=True)

    def claim(
        self, limit: int, *, lane: Lane, claimant: str, now: datetime, ids: Sequence[str] | None = None
    ) -> list[Claim]:
        due = self._due(now)
        waiting = [r for r in due if (r.lane is lane if ids is None else r.id in ids)]
        if ids is not None and waiting:
            waiting += [r for r in due if r.lane is lane and r.id not in ids and not r.attempts]
        is_alone = bool(waiting and waiting[0].attempts)
        waiting = waiting[:1] if is_alone else [r for r in waiting if not r.attempts][:limit]
        for record in waiting:
            self._change(
                record,
                state="processing",
                state_since=now,
                claimed_revision=record.revision,
                claimant=claimant,
                attempts=record.attempts + 1,
            )
        said = {r.id: unmask(r.conversation, self.originals(r.id)) for r in waiting}
        return [
            Claim(id=r.id, conversation=said[r.id], attempts=r.attempts + 1, traceparent=r.traceparent) for r in waiting
        ]

    def return_stale(self, *, now: datetime, stale_before: datetime) -> int:
        return self._return(
            [r for r in self._store.records.values() if not stale_before <= r.state_since <= now + CLOCK_STEP], now=now
        )

    def return_claims(self, claimant: str, *, now: datetime) -> int:
        return self._return([r for r in self._store.records.values() if r.claimant == claimant], now=now)

    def release(self, ids: Sequence[str], *, now: datetime) -> None:
        self._return([self._store.records[one] for one in ids], now=now)

    def take_unsent(self, limit: int, *, lane: Lane, now: datetime, offered_before: datetime) -> list[Unsent]:
        waiting = [
            r
            for r in self._due(now)
            if r.lane is lane and (r.offered_at is None or not offered_before <= r.offered_at <= now + CLOCK_STEP)
        ]
        for record in waiting[:limit]:
            self._change(record, offered_at=now)
        return [Unsent(id=r.id, was_claimed=r.attempts > 0) for r in waiting[:limit]]

    def dead_letters(self, *, limit: int, cursor: str | None = None, error: str | None = None) -> DeadLetters:
        dead = [r for r in self._seen if r.state == "failed" and error in (None, r.error)]
        dead.sort(key=lambda r: (r.state_since, r.id), reverse=True)
        start = _start(cursor)
        end = start + limit
        rows = tuple(dead_letter_of(record) for record in dead[start:end])
        return DeadLetters(rows=rows, next_cursor=f"after-{end}" if end < len(dead) else None)

    def requeue(self, conversation_id: str, *, now: datetime) -> Lane:
        record = self._record(conversation_id)
        if record.state != "failed":
            raise Conflict("only a conversation that failed can be queued again", field="id")
        if record.erased is not None:
            raise text_erased(record.erased)
        self._change(record, state="pending", state_since=now, due_at=now, offered_at=now, attempts=0, error=None)
        return record.lane

    def requeue_all(self, *, now: datetime, error: str | None = None) -> int:
        failed = [r for r in self._seen if r.state == "failed" and r.erased is None]
        dead = [r for r in failed if error in (None, r.error)]
        for record in dead:
            self.requeue(record.id, now=now)
            self._change(self._record(record.id), lane=Lane.BULK, offered_at=None)
        return len(dead)

    def _due(self, now: datetime) -> list[Record]:
        due = [
            r
            for r in self._store.records.values()
            if r.state == "pending" and (not r.attempts or r.due_at <= now or r.state_since > now + CLOCK_STEP)
        ]
        return sorted(due, key=lambda record: (record.due_at, record.id))

    def _return(self, records: Sequence[Record], *, now: datetime) -> int:
        open_claims = [record for record in records if record.state == "processing"]
        for record in open_claims:
            is_spent = record.attempts >= MAX_CLAIMS
            self._change(
                record,
                state="failed" if is_spent else "pending",
                error=ErrorCode.WORKER_LOST.value if is_spent else record.error,
                state_since=now,
                offered_at=None,
            )
        return len(open_claims)

    def add_inspection(self, conversation_id: str, inspection: Inspection, *, now: datetime) -> bool:
        record = self._record(conversation_id)
        if record.erased is not None:
            raise text_erased(record.erased)
        digest = inspection.provenance.text_sha256
        revision = max((n for n, (sha, _) in enumerate(record.contents, start=1) if sha == digest), default=None)
        if revision is None:
            raise Conflict("the inspected content is none of the conversation's revisions")
        is_first = not record.results
        known = position_of(record, revision, inspection.provenance.digest)
        results = record.results
        if known is None:
            known = len(results)
            made = Result(
                revision=revision,
                inspection=inspection,
                final=inspection.scorecards,
                standing=inspection.findings,
            )
            results = (*results, made)
        record = self._change(record, results=results)
        if revision == record.revision:
            if record.current != known:
                record = self._change(record, current=known, review_state=ReviewState.OPEN)
            self._change(record, state="complete", state_since=now, error=None)
        return is_first

    def mark_failed(self, conversation_id: str, *, error: str, now: datetime, retry_at: datetime | None = None) -> None:
        record = self._record(conversation_id)
        if record.state == "complete" or record.claimed_revision not in (None, record.revision):
            return
        if retry_at is not None and record.attempts < MAX_CLAIMS:
            record = self._change(record, state="pending", due_at=retry_at, offered_at=None)
        else:
            record = self._change(record, state="failed")
        self._change(record, state_since=now, error=error)

    def has_inspection(self, conversation_id: str, provenance_digest: str) -> bool:
        record = self._store.records.get(conversation_id)
        if record is None or record.current is None or not self._scoping.holds(record):
            return False
        return record.current == position_of(record, record.revision, provenance_digest)

    def get(self, conversation_id: str) -> StoredConversation:
        record = self._record(conversation_id)
        result = record.result if record.result and record.result.revision == record.revision else None
        stored = StoredConversation(
            id=record.id,
            source=record.conversation.source,
            external_id=record.conversation.external_id,
            revision=record.revision,
            state=record.state,
            error=record.error,
            received_at=record.received_at,
            conversation=record.conversation,
            inspection=result.inspection if result else None,
            final_scorecards=result.final if result else (),
            finding_ids={key: _finding_id(record.id, key) for key in result.reviewable} if result else {},
            verdicts=self._verdicts(conversation_id=conversation_id),
            review_state=record.review_state,
            suspicion_reviews=tuple(
                review
                for review in self._store.suspicion_reviews
                if (review.conversation_id, review.revision) == (record.id, record.revision)
            ),
            mood_corrections=tuple(
                correction
                for correction in self._store.mood_corrections
                if (correction.conversation_id, correction.revision) == (record.id, record.revision)
            ),
            erased=record.erased,
        )
        return narrowed(stored, self._scoping.agents(record)) if self._scope.is_of_agents else stored

    def find(self, query: ConversationFilter) -> Page:
        if query.limit < 1:
            raise InvalidInput("limit: must be 1 or more", code=ErrorCode.INVALID_FIELD, field="limit")
        if query.severity is not None and query.severity not in list(Severity):
            raise InvalidInput("severity: unknown", code=ErrorCode.INVALID_FIELD, field="severity")
        listed = [self._scoping.listed(record) for record in self._seen]
        found = sorted((record for record in listed if matches(record, query)), key=lambda record: record.id)
        found.sort(key=worst if query.worst_first else newest)
        start = _start(query.cursor)
        end = start + query.limit
        rows = tuple(summary(record) for record in found[start:end])
        return Page(rows=rows, next_cursor=f"after-{end}" if end < len(found) else None)

    def final_scores(self, conversation_id: str) -> dict[str, dict[str, str | None]]:
        known = self._scope.is_everything and conversation_id not in self._store.records
        result = None if known else self._record(conversation_id).result
        return scores_of(result.final) if result else {}

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

    def scorecards(
        self, *, since: datetime | None, until: datetime | None, agent_id: str | None = None, shop: str | None = None
    ) -> Iterator[ScoredConversation]:
        wanted = ConversationFilter(since=since, until=until, shop=shop)
        records = [record for record in self._seen if record.result and matches(record, wanted)]
        for record in sorted(records, key=lambda record: (record.began_at, record.id)):
            for machine in record.results[record.current or 0].inspection.scorecards:
                if agent_id in (None, machine.agent_id) and self._scoping.sees(record, machine.agent_id):
                    yield self._scored(record, machine)

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
            if self._scoping.sees(record, finding.agent_id)
            for finding_id in (_finding_id(record.id, finding.key),)
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

    def add_delivery(self, record: dict[str, Any]) -> None:
        self._store.deliveries.append(dict(record))

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        self._scope.require_everything()
        return self._store.deliveries[::-1][:limit]

    def _record(self, conversation_id: str) -> Record:
        record = self._store.records.get(conversation_id)
        if record is None or not self._scoping.holds(record):
            raise NotFound("no such conversation", field="id")
        return record

    def _change(self, record: Record, **changes: Any) -> Record:
        self._store.records[record.id] = replace(record, **changes)
        return self._store.records[record.id]

    def _finding(self, finding_id: str) -> tuple[Record, Finding]:
        for record in self._seen:
            current_last = [*record.results, *([record.result] if record.result else [])]
            for result in reversed(current_last):
                for key, finding in result.reviewable.items():
                    if _finding_id(record.id, key) == finding_id and self._scoping.sees(record, finding.agent_id):
                        return record, finding
        raise NotFound("no such finding", field="id")

    def _verdicts(self, *, conversation_id: str | None = None, finding_id: str | None = None) -> tuple[Verdict, ...]:
        found = [
            verdict
            for owner, verdict in self._store.verdicts
            if conversation_id in (None, owner) and finding_id in (None, verdict.finding_id)
        ]
        return tuple(sorted(found, key=lambda verdict: verdict.created_at))

    def _scored(self, record: Record, machine: Scorecard) -> ScoredConversation:
        result = record.results[record.current or 0]
        own = {
            key: f
            for key, f in result.reviewable.items()
            if f.agent_id == machine.agent_id and f.status is not RuleStatus.SHADOW
        }
        verdicts = {key: self._verdicts(finding_id=_finding_id(record.id, key)) for key in own}
        standing = [
            f for key, f in own.items() if f.is_shown_hit and state_after(verdicts[key]) is not ReviewState.OVERTURNED
        ]
        agent = next((a for a in record.conversation.agents if a.id == machine.agent_id), None)
        return ScoredConversation(
            conversation_id=record.id,
            external_id=record.conversation.external_id,
            agent_id=machine.agent_id,
            agent_name=agent.name if agent else None,
            group=agent.group if agent else None,
            shop=record.conversation.shop,
            channel=record.conversation.channel,
            at=record.began_at,
            machine=machine,
            final=next((card for card in result.final if card.agent_id == machine.agent_id), machine),
            findings_by_category=dict(Counter(finding.category for finding in standing)),
            verdicts=dict(Counter(v.decision.value for made in verdicts.values() for v in made[-1:])),
            negative_share=result.inspection.mood.negative_share,
        )


def _finding_id(conversation_id: str, key: str) -> str:
    return f"{conversation_id}-{key}"


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.startswith("after-") or not cursor[6:].isdecimal():
        raise InvalidInput("cursor: not one of this list", code=ErrorCode.INVALID_FIELD, field="cursor")
    return int(cursor[6:])
