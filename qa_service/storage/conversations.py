"""Lists of conversations: filters, order and pages. Owns no single conversation (`inspections`) and no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, select, union_all

from qa_service.domain.finding import Severity
from qa_service.domain.identity import Scope
from qa_service.domain.records import ConversationFilter, ConversationSummary, Page
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.storage.pages import Ordering, SortKey, read_count, read_id, read_time
from qa_service.storage.scoping import ListColumns, agents_in, conversations_in, list_columns, shown_hit
from qa_service.storage.summary import FIRST_UNFLAGGED, severity_of_rank
from qa_service.storage.tables import ConversationAgentRow, ConversationRow, DimensionScoreRow, FindingRow

NEWEST_FIRST = Ordering(
    name="newest",
    is_descending=True,
    keys=(
        SortKey(column=ConversationRow.began_at.expression, read=read_time),
        SortKey(column=ConversationRow.id.expression, read=read_id),
    ),
)
NEWEST_OF_AGENT_FIRST = replace(
    NEWEST_FIRST,
    keys=(
        SortKey(column=ConversationAgentRow.began_at.expression, read=read_time),
        SortKey(column=ConversationAgentRow.conversation_id.expression, read=read_id),
    ),
)
"""The same order, read off an agent's own conversations."""

MOST_SHOPS_MERGED = 50
"""A caller of some shops gets the first rows of each, merged: their index leads to them. Walking along the list of all shops
would pass every chat of the others by. Of more shops than these, chats in the list of all are not far apart."""


def worst_first(figures: ListColumns) -> Ordering:
    """By what makes a chat urgent to this caller."""
    return Ordering(
        name="worst",
        is_descending=False,
        keys=(
            SortKey(column=figures.queue_place, read=read_count),
            SortKey(column=ConversationRow.id.expression, read=read_id),
        ),
    )


def find_conversations(connection: Connection, query: ConversationFilter, scope: Scope) -> Page:
    """One page of the conversations in scope that meet every condition of `query`.

    Conditions on findings must be met by one and the same hit.

    Raises:
        InvalidInput: the cursor or limit is not usable, or there is no such severity.
    """
    if query.limit < 1:
        raise InvalidInput("limit: must be 1 or more", code=ErrorCode.INVALID_FIELD, field="limit")
    figures = list_columns(scope)
    ordering = _ordering(query, figures)
    statement: Select[*tuple[Any, ...]] = (
        select(
            ConversationRow.id,
            ConversationRow.external_id,
            ConversationRow.shop,
            ConversationRow.channel,
            ConversationRow.started_at,
            ConversationRow.state,
            ConversationRow.review_state,
            figures.hits.label("hits"),
            figures.worst_severity.label("worst_severity"),
            ConversationRow.lowest_polarity,
            ConversationRow.satisfaction,
            figures.lowest_total.label("lowest_total"),
            figures.is_suspected.label("is_suspected"),
            ConversationRow.assignee,
            *(key.column.label(f"sort_{number}") for number, key in enumerate(ordering.keys)),
        )
        .where(*_wanted(query, scope, figures, ordering))
        .order_by(*ordering.order)
        .limit(query.limit + 1)
    )
    if query.agent_id is not None:
        statement = statement.join(ConversationAgentRow, ConversationAgentRow.conversation_id == ConversationRow.id)
    rows = connection.execute(statement).all()
    shown = rows[: query.limit]
    is_last = len(rows) <= query.limit
    return Page(
        rows=_summaries(connection, shown, scope),
        next_cursor=None if is_last else ordering.cursor(shown[-1][-len(ordering.keys) :]),
    )


def _ordering(query: ConversationFilter, figures: ListColumns) -> Ordering:
    if query.worst_first:
        return worst_first(figures)
    return NEWEST_FIRST if query.agent_id is None else NEWEST_OF_AGENT_FIRST


def _wanted(
    query: ConversationFilter, scope: Scope, figures: ListColumns, ordering: Ordering
) -> list[ColumnElement[bool]]:
    """In scope, as asked for, and after the page before."""
    wanted = list(_conditions(query, scope, figures))
    if query.cursor is not None:
        wanted.append(ordering.after(ordering.values(query.cursor)))
    shops = scope.shops or ()
    is_of_one = query.shop is not None or query.agent_id is not None
    if not 1 < len(shops) <= MOST_SHOPS_MERGED or scope.is_of_agents or is_of_one:
        return [*conversations_in(scope), *wanted]
    pages = [
        select(ConversationRow.id)
        .where(*conversations_in(replace(scope, shops=frozenset({shop}))), *wanted)
        .order_by(*ordering.order)
        .limit(query.limit + 1)
        .subquery()
        for shop in sorted(shops)
    ]
    return [ConversationRow.id.in_(union_all(*(select(page.c.id) for page in pages)))]


def _conditions(query: ConversationFilter, scope: Scope, figures: ListColumns) -> Iterator[ColumnElement[bool]]:
    if query.since is not None:
        yield ConversationRow.began_at >= query.since
    if query.until is not None:
        yield ConversationRow.began_at < query.until
    if query.shop is not None:
        yield ConversationRow.shop == query.shop
    if query.channel is not None:
        yield ConversationRow.channel == query.channel
    if query.review_state is not None:
        yield ConversationRow.review_state == query.review_state
    if query.assignee is not None:
        yield ConversationRow.assignee == query.assignee
    if query.is_assigned is not None:
        yield ConversationRow.assignee.is_not(None) if query.is_assigned else ConversationRow.assignee.is_(None)
    if query.polarity_at_most is not None:
        yield ConversationRow.lowest_polarity <= query.polarity_at_most
    if query.flagged is not None:
        place = figures.queue_place
        yield (place < FIRST_UNFLAGGED) if query.flagged else (place >= FIRST_UNFLAGGED)
    if query.agent_id is not None:
        yield ConversationAgentRow.agent_id == query.agent_id
    yield from _score_conditions(query, scope, figures)
    yield from _finding_conditions(query, scope)


def _score_conditions(query: ConversationFilter, scope: Scope, figures: ListColumns) -> Iterator[ColumnElement[bool]]:
    """A bound on the total or on one dimension of any agent in scope; a dimension alone: it has a score there."""
    if query.dimension is not None:
        score = DimensionScoreRow.final
        yield exists().where(
            DimensionScoreRow.conversation_id == ConversationRow.id,
            DimensionScoreRow.is_current,
            DimensionScoreRow.dimension == query.dimension,
            score.is_not(None) if query.score_at_most is None else score <= query.score_at_most,
            *agents_in(scope, DimensionScoreRow.agent_id, ConversationRow.shop),
        )
    elif query.score_at_most is not None:
        yield figures.lowest_total <= query.score_at_most


def _finding_conditions(query: ConversationFilter, scope: Scope) -> Iterator[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.rule_id is not None:
        wanted.append(FindingRow.rule_id == query.rule_id)
    if query.category is not None:
        wanted.append(FindingRow.category == query.category)
    if query.severity is not None:
        wanted.append(FindingRow.severity == _severity_rank(query.severity))
    if wanted:
        own = agents_in(scope, FindingRow.agent_id, ConversationRow.shop)
        yield exists().where(FindingRow.conversation_id == ConversationRow.id, *shown_hit(), *wanted, *own)


def _severity_rank(severity: str) -> int:
    try:
        return Severity(severity).rank
    except ValueError as error:
        known = ", ".join(Severity)
        raise InvalidInput(
            f"severity: must be one of {known}", code=ErrorCode.INVALID_FIELD, field="severity"
        ) from error


def _summaries(connection: Connection, rows: Sequence[Row[Any]], scope: Scope) -> tuple[ConversationSummary, ...]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    agents = _grouped(
        connection.execute(
            select(ConversationAgentRow.conversation_id, ConversationAgentRow.agent_id)
            .where(ConversationAgentRow.conversation_id.in_(ids))
            .order_by(ConversationAgentRow.position)
        )
    )
    hits = select(FindingRow.conversation_id, FindingRow.category).where(
        FindingRow.conversation_id.in_(ids), *shown_hit()
    )
    if scope.is_of_agents:  # the shop is not needed otherwise, and the join costs PostgreSQL a parallel plan
        hits = hits.join(ConversationRow, ConversationRow.id == FindingRow.conversation_id).where(
            *agents_in(scope, FindingRow.agent_id, ConversationRow.shop)
        )
    categories = _grouped(connection.execute(hits.distinct().order_by(FindingRow.category)))
    return tuple(
        ConversationSummary(
            id=row.id,
            external_id=row.external_id,
            shop=row.shop,
            channel=row.channel,
            started_at=row.started_at,
            state=row.state,
            review_state=row.review_state,
            agents=agents.get(row.id, ()),
            hits=row.hits,
            worst_severity=severity_of_rank(row.worst_severity),
            lowest_polarity=row.lowest_polarity,
            satisfaction=row.satisfaction,
            lowest_total=row.lowest_total,
            categories=categories.get(row.id, ()),
            suspected=row.is_suspected,
            assignee=row.assignee,
        )
        for row in rows
    )


def _grouped(pairs: Any) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for conversation_id, value in pairs:
        groups[conversation_id] = (*groups.get(conversation_id, ()), value)
    return groups
