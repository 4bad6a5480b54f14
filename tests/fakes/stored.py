"""Conversations as the store in memory holds them, and how its lists select, sort and show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from qa_service.domain.conversation import Conversation
from qa_service.domain.erasure import Erased
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.inspection import Inspection
from qa_service.domain.records import ConversationFilter, ConversationSummary, Submission
from qa_service.domain.review import ReviewState
from qa_service.domain.scorecard import Scorecard, plain_points
from qa_service.domain.work import DeadLetter, Lane


@dataclass(frozen=True, kw_only=True)
class Result:
    revision: int
    inspection: Inspection
    final: tuple[Scorecard, ...]
    standing: tuple[Finding, ...]
    """The findings with the verdicts applied."""

    @property
    def hits(self) -> list[Finding]:
        return [finding for finding in self.standing if finding.is_shown_hit]

    @property
    def is_fatal(self) -> bool:
        return any(card.fatal or any(dimension.fatal for dimension in card.dimensions) for card in self.final)

    @property
    def is_flagged(self) -> bool:
        return bool(self.hits) or self.inspection.mood.is_suspected or self.is_fatal

    @property
    def reviewable(self) -> dict[str, Finding]:
        kept = [f for f in self.inspection.findings if f.outcome in (Outcome.HIT, Outcome.SUPPRESSED)]
        return {finding.key: finding for finding in sorted(kept, key=lambda f: f.outcome is Outcome.HIT)}


@dataclass(frozen=True, kw_only=True)
class Record:
    id: str
    contents: tuple[tuple[str, Conversation], ...]
    received_at: datetime
    state: str
    state_since: datetime
    due_at: datetime
    offered_at: datetime | None
    traceparent: str | None = None
    lane: Lane = Lane.REALTIME
    claimant: str | None = None
    claimed_revision: int | None = None
    attempts: int = 0
    error: str | None = None
    review_state: str = ReviewState.OPEN
    assignee: str | None = None
    text_since: datetime | None = None
    customers: frozenset[str] = frozenset()
    erased: Erased | None = None
    results: tuple[Result, ...] = ()
    current: int | None = None

    @property
    def revision(self) -> int:
        return len(self.contents)

    @property
    def conversation(self) -> Conversation:
        return self.contents[-1][1]

    @property
    def began_at(self) -> datetime:
        return (self.conversation.time or self.received_at).astimezone(UTC)

    @property
    def result(self) -> Result | None:
        """The current one, of whichever revision."""
        return None if self.current is None else self.results[self.current]


def matches(record: Record, query: ConversationFilter) -> bool:
    result = record.result
    hits = result.hits if result else []
    lowest = result.inspection.mood.lowest if result else None
    wants_hit = any(value is not None for value in (query.rule_id, query.category, query.severity))
    return (
        (query.since is None or record.began_at >= query.since)
        and (query.until is None or record.began_at < query.until)
        and query.shop in (None, record.conversation.shop)
        and query.channel in (None, record.conversation.channel)
        and query.review_state in (None, record.review_state)
        and query.assignee in (None, record.assignee)
        and query.is_assigned in (None, record.assignee is not None)
        and query.agent_id in (None, *record.conversation.agent_ids)
        and (query.polarity_at_most is None or (lowest is not None and lowest <= query.polarity_at_most))
        and query.flagged in (None, bool(result and result.is_flagged))
        and (not wants_hit or any(_is_wanted(hit, query) for hit in hits))
        and _scores_match(result.final if result else (), query)
    )


def _is_wanted(hit: Finding, query: ConversationFilter) -> bool:
    return (
        query.rule_id in (None, hit.rule_id)
        and query.category in (None, hit.category)
        and query.severity in (None, hit.severity)
    )


def _scores_match(scorecards: Sequence[Scorecard], query: ConversationFilter) -> bool:
    if query.dimension is None and query.score_at_most is None:
        return True
    scores = (
        [card.total for card in scorecards]
        if query.dimension is None
        else [d.score for card in scorecards for d in card.dimensions if d.id == query.dimension]
    )
    bound = Decimal(100) if query.score_at_most is None else query.score_at_most
    return any(score is not None and score <= bound for score in scores)


def newest(record: Record) -> float:
    return -record.began_at.timestamp()


def worst(record: Record) -> tuple[bool, int, int, bool, float]:
    result = record.result
    if result is None:
        return (True, 1, 0, True, 0.0)
    mood, is_fatal = result.inspection.mood, result.is_fatal
    worst = max((hit.severity.rank for hit in result.hits), default=-1)
    is_only_suspected = worst < 0 and mood.is_suspected
    return (not is_fatal, 0 if is_fatal else -worst, -len(result.hits), not is_only_suspected, mood.lowest or 0.0)


def summary(record: Record) -> ConversationSummary:
    result = record.result
    hits = result.hits if result else []
    totals = [card.total for card in result.final if card.total is not None] if result else []
    return ConversationSummary(
        id=record.id,
        external_id=record.conversation.external_id,
        shop=record.conversation.shop,
        channel=record.conversation.channel,
        started_at=record.conversation.time,
        state=record.state,
        review_state=record.review_state,
        agents=record.conversation.agent_ids,
        hits=len(hits),
        worst_severity=max((hit.severity for hit in hits), key=lambda severity: severity.rank, default=None),
        lowest_polarity=result.inspection.mood.lowest if result else None,
        satisfaction=result.inspection.mood.satisfaction if result else None,
        lowest_total=min(totals, default=None),
        categories=tuple(sorted({hit.category for hit in hits})),
        suspected=bool(result and result.inspection.mood.is_suspected),
        assignee=record.assignee,
    )


def submission_of(record: Record, *, created: bool) -> Submission:
    return Submission(
        id=record.id,
        external_id=record.conversation.external_id,
        revision=record.revision,
        state=record.state,
        created=created,
        erased=record.erased,
    )


def position_of(record: Record, revision: int, digest: str) -> int | None:
    for position, result in enumerate(record.results):
        if result.revision == revision and result.inspection.provenance.digest == digest:
            return position
    return None


def dead_letter_of(record: Record) -> DeadLetter:
    return DeadLetter(
        id=record.id,
        source=record.conversation.source,
        external_id=record.conversation.external_id,
        shop=record.conversation.shop,
        revision=record.revision,
        lane=record.lane,
        error=record.error or "",
        attempts=record.attempts,
        failed_at=record.state_since,
    )


def scores_of(scorecards: Sequence[Scorecard]) -> dict[str, dict[str, str | None]]:
    return {
        card.agent_id: {"total": plain_points(card.total)} | {d.id: plain_points(d.score) for d in card.dimensions}
        for card in scorecards
    }


def name_of(conversation: Conversation) -> tuple[str | None, str, str]:
    return conversation.shop, conversation.source, conversation.external_id
