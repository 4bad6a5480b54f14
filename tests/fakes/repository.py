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
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.performance import ScoredConversation
from qa_service.domain.personal_data import Original
from qa_service.domain.records import (
    ConversationFilter,
    Page,
    StoredConversation,
    Submission,
    text_erased,
)
from qa_service.domain.review import ReviewState, state_after
from qa_service.domain.rule_log import RuleRecord
from qa_service.domain.scorecard import Scorecard
from qa_service.domain.visibility import narrowed
from qa_service.domain.work import Lane
from qa_service.errors import Conflict, ErrorCode, InvalidInput
from tests.fakes.access import AccessStore, FakeAccessRepository
from tests.fakes.assignments import FakeAssignments
from tests.fakes.audit import FakeAuditLog
from tests.fakes.decisions import FakeDecisions, finding_id_of
from tests.fakes.erasure import ErasureStore, FakeErasureRepository
from tests.fakes.figures import FakeFigures
from tests.fakes.personal_data import PersonalDataStore
from tests.fakes.records import first_of_page
from tests.fakes.rule_log import FakeRuleLog
from tests.fakes.stored import (
    Record,
    Result,
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
from tests.fakes.work import FakeWork


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
    FakeWork,
    FakeDecisions,
    FakeWatched,
    FakeAccessRepository,
    FakeAssignments,
    FakeErasureRepository,
    FakeAuditLog,
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

    def audit_page(self, query: AuditFilter) -> AuditPage:
        return super().audit_page(self._scoping.audited(query))

    def audit_records(self) -> Iterator[AuditRecord]:
        self._scope.require_everything()
        return super().audit_records()

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
            finding_ids={key: finding_id_of(record.id, key) for key in result.reviewable} if result else {},
            verdicts=self._verdicts(conversation_id=conversation_id),
            review_state=record.review_state,
            assignee=record.assignee,
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
        start = first_of_page(query.cursor)
        end = start + query.limit
        rows = tuple(summary(record) for record in found[start:end])
        return Page(rows=rows, next_cursor=f"after-{end}" if end < len(found) else None)

    def final_scores(self, conversation_id: str) -> dict[str, dict[str, str | None]]:
        known = self._scope.is_everything and conversation_id not in self._store.records
        result = None if known else self._record(conversation_id).result
        return scores_of(result.final) if result else {}

    def scorecards(
        self, *, since: datetime | None, until: datetime | None, agent_id: str | None = None, shop: str | None = None
    ) -> Iterator[ScoredConversation]:
        wanted = ConversationFilter(since=since, until=until, shop=shop)
        records = [record for record in self._seen if record.result and matches(record, wanted)]
        for record in sorted(records, key=lambda record: (record.began_at, record.id)):
            for machine in record.results[record.current or 0].inspection.scorecards:
                if agent_id in (None, machine.agent_id) and self._scoping.sees(record, machine.agent_id):
                    yield self._scored(record, machine)

    def add_delivery(self, record: dict[str, Any]) -> None:
        self._store.deliveries.append(dict(record))

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        self._scope.require_everything()
        return self._store.deliveries[::-1][:limit]

    def _scored(self, record: Record, machine: Scorecard) -> ScoredConversation:
        result = record.results[record.current or 0]
        own = {
            key: f
            for key, f in result.reviewable.items()
            if f.agent_id == machine.agent_id and f.status is not RuleStatus.SHADOW
        }
        verdicts = {key: self._verdicts(finding_id=finding_id_of(record.id, key)) for key in own}
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
