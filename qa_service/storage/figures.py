"""The stream of figures that reports add up: columns only, no document. Owns no sum (`reports`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from qa_service.domain.identity import Scope
from qa_service.domain.performance import ScoredFigures
from qa_service.storage.scoping import scorecards_in
from qa_service.storage.scorecards import AgentKey, count_findings
from qa_service.storage.tables import AgentRow, ConversationRow, DimensionScoreRow, ScorecardRow

ROWS_AT_ONCE = 1_000
"""Enough to make the two extra queries cheap, little enough to hold."""


def scored_figures(
    connection: Connection, *, since: datetime, until: datetime, shop: str | None, scope: Scope
) -> Iterator[ScoredFigures]:
    """Of current scorecards in scope of conversations that began in `[since, until)`, by time, then conversation.

    Read while the transaction is open; about a thousand are held at once.
    """
    statement = _rows().where(
        ScorecardRow.is_current, ScorecardRow.at >= since, ScorecardRow.at < until, *scorecards_in(scope)
    )
    if shop is not None:
        statement = statement.where(ScorecardRow.shop == shop)
    for rows in connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        yield from _with_counts(connection, rows)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ScorecardRow.inspection_id,
            ScorecardRow.conversation_id,
            ScorecardRow.agent_id,
            ScorecardRow.shop,
            ScorecardRow.at,
            ScorecardRow.machine_total,
            ScorecardRow.final_total,
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


def _with_counts(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[ScoredFigures]:
    dimensions = _dimensions(connection, sorted({row.inspection_id for row in rows}))
    categories, decisions = count_findings(connection, sorted({row.conversation_id for row in rows}))
    for row in rows:
        key = (row.conversation_id, row.agent_id)
        yield ScoredFigures(
            conversation_id=row.conversation_id,
            agent_id=row.agent_id,
            agent_name=row.name,
            group=row.group_name,
            shop=row.shop,
            at=row.at,
            machine_total=row.machine_total,
            final_total=row.final_total,
            dimensions=dimensions.get((row.inspection_id, row.agent_id), {}),
            findings_by_category=dict(categories.get(key, {})),
            verdicts=dict(decisions.get(key, {})),
            negative_share=row.negative_share,
        )


def _dimensions(connection: Connection, inspection_ids: Sequence[str]) -> dict[AgentKey, dict[str, Decimal | None]]:
    """Final scores by inspection and agent."""
    rows = connection.execute(
        select(
            DimensionScoreRow.inspection_id,
            DimensionScoreRow.agent_id,
            DimensionScoreRow.dimension,
            DimensionScoreRow.final,
        )
        .where(DimensionScoreRow.inspection_id.in_(inspection_ids))
        .order_by(DimensionScoreRow.dimension)
    )
    scores: dict[AgentKey, dict[str, Decimal | None]] = {}
    for row in rows:
        scores.setdefault((row.inspection_id, row.agent_id), {})[row.dimension] = row.final
    return scores
