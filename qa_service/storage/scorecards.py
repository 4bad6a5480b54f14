"""Scorecards before and after verdicts, and their stream for reports. Owns no arithmetic (`scoring`, `reports`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from qa_service.domain.document import scorecard_from_document, stored_scorecard
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.identity import Scope
from qa_service.domain.performance import ScoredConversation
from qa_service.domain.review import ReviewState, state_after
from qa_service.domain.scorecard import Scorecard, plain_points
from qa_service.errors import NotFound
from qa_service.storage.findings import save_outcomes, verdicts_by_finding
from qa_service.storage.scoping import scorecards_in
from qa_service.storage.summary import standing_columns
from qa_service.storage.tables import (
    AgentRow,
    ConversationRow,
    DimensionScoreRow,
    FindingRow,
    InspectionRow,
    ScorecardRow,
)

ROWS_AT_ONCE = 500
"""Scorecards read at once by a report: enough to make the extra queries cheap, little enough to hold."""

AgentKey = tuple[str, str]
"""Conversation and agent."""


def insert_scorecards(
    connection: Connection,
    conversation_id: str,
    inspection_id: str,
    scorecards: Sequence[Scorecard],
    *,
    shop: str | None,
    at: datetime,
    is_current: bool,
) -> None:
    """Store the machine's scorecards; the final ones start as the same."""
    common = {"inspection_id": inspection_id, "conversation_id": conversation_id, "is_current": is_current}
    cards = [
        {
            **common,
            "agent_id": scorecard.agent_id,
            "position": position,
            "shop": shop,
            "at": at,
            "rubric": scorecard.rubric,
            "rubric_version": scorecard.rubric_version,
            "machine_total": scorecard.total,
            "final_total": scorecard.total,
            "machine": stored_scorecard(scorecard),
            "final": stored_scorecard(scorecard),
        }
        for position, scorecard in enumerate(scorecards)
    ]
    dimensions = [
        {
            **common,
            "agent_id": scorecard.agent_id,
            "dimension": dimension.id,
            "machine": dimension.score,
            "final": dimension.score,
        }
        for scorecard in scorecards
        for dimension in scorecard.dimensions
    ]
    if cards:
        connection.execute(insert(ScorecardRow), cards)
    if dimensions:
        connection.execute(insert(DimensionScoreRow), dimensions)


def save_final_scorecards(
    connection: Connection,
    conversation_id: str,
    scorecards: Sequence[Scorecard],
    review_state: str,
    *,
    findings: Sequence[Finding],
) -> None:
    """Replace the final scores of the current inspection, agent by agent; the machine's stay.

    Lists show what is left of it: `findings` are those of the inspection with the verdicts applied.
    """
    current = connection.execute(
        select(InspectionRow.id, ConversationRow.is_suspected, ConversationRow.lowest_polarity)
        .join(ConversationRow, ConversationRow.id == InspectionRow.conversation_id)
        .where(InspectionRow.conversation_id == conversation_id, InspectionRow.is_current)
    ).one_or_none()
    if current is None:
        raise NotFound("no inspected conversation of this id", field="id")
    _save_final_scores(connection, current.id, scorecards)
    save_outcomes(connection, current.id, findings)
    standing = standing_columns(
        findings, scorecards, is_suspected=current.is_suspected, lowest_polarity=current.lowest_polarity
    )
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .values(review_state=review_state, **standing)
    )


def _save_final_scores(connection: Connection, inspection_id: str, scorecards: Sequence[Scorecard]) -> None:
    for scorecard in scorecards:
        connection.execute(
            update(ScorecardRow)
            .where(ScorecardRow.inspection_id == inspection_id, ScorecardRow.agent_id == scorecard.agent_id)
            .values(final=stored_scorecard(scorecard), final_total=scorecard.total)
        )
        for dimension in scorecard.dimensions:
            connection.execute(
                update(DimensionScoreRow)
                .where(
                    DimensionScoreRow.inspection_id == inspection_id,
                    DimensionScoreRow.agent_id == scorecard.agent_id,
                    DimensionScoreRow.dimension == dimension.id,
                )
                .values(final=dimension.score)
            )


def final_scorecards(connection: Connection, inspection_id: str) -> tuple[Scorecard, ...]:
    """The final scorecards of an inspection, in the order in which it gave them."""
    documents = connection.execute(
        select(ScorecardRow.final).where(ScorecardRow.inspection_id == inspection_id).order_by(ScorecardRow.position)
    ).scalars()
    return tuple(scorecard_from_document(document) for document in documents)


def scored_conversations(
    connection: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    agent_id: str | None,
    shop: str | None,
    scope: Scope,
) -> Iterator[ScoredConversation]:
    """Current scorecards in scope of conversations that began in `[since, until)`, by time, then conversation.

    Read while the transaction is open; only a few hundred are held at once.
    """
    conditions: list[ColumnElement[bool]] = [ScorecardRow.is_current.expression, *scorecards_in(scope)]
    if since is not None:
        conditions.append(ScorecardRow.at >= since)
    if until is not None:
        conditions.append(ScorecardRow.at < until)
    if agent_id is not None:
        conditions.append(ScorecardRow.agent_id == agent_id)
    if shop is not None:
        conditions.append(ScorecardRow.shop == shop)
    statement = _scorecard_rows().where(*conditions).execution_options(yield_per=ROWS_AT_ONCE)
    for rows in connection.execute(statement).partitions():
        yield from _with_decisions(connection, rows)


def _scorecard_rows() -> Select[Any]:
    return (
        select(
            ScorecardRow.inspection_id,
            ScorecardRow.conversation_id,
            ScorecardRow.agent_id,
            ScorecardRow.shop,
            ScorecardRow.at,
            ScorecardRow.machine,
            ScorecardRow.final,
            ConversationRow.external_id,
            ConversationRow.channel,
            ConversationRow.negative_share,
            AgentRow.name,
            AgentRow.group,
        )
        .join(ConversationRow, ConversationRow.id == ScorecardRow.conversation_id)
        .outerjoin(
            AgentRow, (AgentRow.id == ScorecardRow.agent_id) & (AgentRow.shop == func.coalesce(ScorecardRow.shop, ""))
        )
        .order_by(ScorecardRow.at, ScorecardRow.conversation_id, ScorecardRow.position)
    )


def _with_decisions(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[ScoredConversation]:
    categories, decisions = _count_findings(connection, rows)
    for row in rows:
        key = (row.conversation_id, row.agent_id)
        yield ScoredConversation(
            conversation_id=row.conversation_id,
            external_id=row.external_id,
            agent_id=row.agent_id,
            agent_name=row.name,
            group=row.group_name,
            shop=row.shop,
            channel=row.channel,
            at=row.at,
            machine=scorecard_from_document(row.machine),
            final=scorecard_from_document(row.final),
            findings_by_category=dict(categories.get(key, {})),
            verdicts=dict(decisions.get(key, {})),
            negative_share=row.negative_share,
        )


def _count_findings(
    connection: Connection, cards: Sequence[Row[Any]]
) -> tuple[dict[AgentKey, Counter[str]], dict[AgentKey, Counter[str]]]:
    """Per agent: hits that were not overturned by category, and the decisions that hold by kind. Not of shadow rules."""
    verdicts = verdicts_by_finding(connection, sorted({card.conversation_id for card in cards}))
    rows = connection.execute(
        select(
            FindingRow.id,
            FindingRow.conversation_id,
            FindingRow.agent_id,
            FindingRow.category,
            FindingRow.outcome,
        ).where(
            FindingRow.inspection_id.in_(sorted({card.inspection_id for card in cards})),
            FindingRow.status != RuleStatus.SHADOW,
        )
    )
    categories: dict[AgentKey, Counter[str]] = {}
    decisions: dict[AgentKey, Counter[str]] = {}
    for row in rows:
        if row.agent_id is None:
            continue
        key = (row.conversation_id, row.agent_id)
        made = verdicts.get(row.id, [])
        decisions.setdefault(key, Counter()).update(verdict.decision.value for verdict in made[-1:])
        if row.outcome == Outcome.HIT and state_after(made) is not ReviewState.OVERTURNED:
            categories.setdefault(key, Counter())[row.category] += 1
    return categories, decisions


def final_scores(connection: Connection, conversation_id: str) -> dict[str, dict[str, str | None]]:
    """Agent → `total` and each dimension → final score of the current inspection, as a plain decimal."""
    rows = connection.execute(
        select(ScorecardRow.agent_id, ScorecardRow.final_total, DimensionScoreRow.dimension, DimensionScoreRow.final)
        .outerjoin(
            DimensionScoreRow,
            (DimensionScoreRow.inspection_id == ScorecardRow.inspection_id)
            & (DimensionScoreRow.agent_id == ScorecardRow.agent_id),
        )
        .where(ScorecardRow.conversation_id == conversation_id, ScorecardRow.is_current)
    )
    scores: dict[str, dict[str, str | None]] = {}
    for row in rows:
        mine = scores.setdefault(row.agent_id, {"total": plain_points(row.final_total)})
        if row.dimension is not None:
            mine[row.dimension] = plain_points(row.final)
    return scores
