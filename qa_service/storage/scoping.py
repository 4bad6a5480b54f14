"""Row scopes as SQL: which rows a caller may touch, and what lists show of a chat in which others spoke too.

Owns no query of its own but the checks before a write. Every condition here is about one chat by its id or an agent of it,
so the indexes of the query that it is added to go on to be used.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, false, func, literal, not_, select

from qa_service.domain.audit import AuditFilter
from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.identity import Scope
from qa_service.domain.records import StoredConversation
from qa_service.domain.visibility import narrowed
from qa_service.errors import NotFound
from qa_service.storage.erasure_tables import ErasureRow
from qa_service.storage.summary import MILDEST_HIT, NOTHING, SUSPECTED, queue_place_expression
from qa_service.storage.tables import AgentRow, ConversationAgentRow, ConversationRow, FindingRow, ScorecardRow

Conditions = tuple[ColumnElement[bool], ...]


def conversations_in(scope: Scope) -> Conditions:
    """Of a query from `conversations`: its shop is in scope, somebody in scope spoke, and it is assigned as the scope says."""
    conditions: list[ColumnElement[bool]] = []
    if scope.shops is not None:
        conditions.append(_among(ConversationRow.shop, scope.shops))
    if scope.is_of_agents:
        conditions.append(_spoke(*agents_in(scope, ConversationAgentRow.agent_id, ConversationRow.shop)))
    if scope.assigned_to is not None:
        conditions.append(ConversationRow.assignee == scope.assigned_to)
    return tuple(conditions)


def agents_in(scope: Scope, agent_id: Any, shop: Any) -> Conditions:
    """Of a query with these columns: the agent is in scope; a group is that which the agent was last seen in."""
    conditions: list[ColumnElement[bool]] = []
    if scope.agent_ids is not None:
        conditions.append(_among(agent_id, scope.agent_ids))
    if scope.groups is not None:
        group = exists().where(
            AgentRow.shop == func.coalesce(shop, ""), AgentRow.id == agent_id, _among(AgentRow.group, scope.groups)
        )
        conditions.append(group.correlate_except(AgentRow))
    return tuple(conditions)


def scorecards_in(scope: Scope) -> Conditions:
    """Of a query from `scorecards`: they name their shop and agent themselves, but not who reviews the chat."""
    shops = () if scope.shops is None else (_among(ScorecardRow.shop, scope.shops),)
    assigned: Conditions = ()
    if scope.assigned_to is not None:
        chat = exists().where(
            ConversationRow.id == ScorecardRow.conversation_id, ConversationRow.assignee == scope.assigned_to
        )
        assigned = (chat.correlate_except(ConversationRow),)
    return (*shops, *agents_in(scope, ScorecardRow.agent_id, ScorecardRow.shop), *assigned)


def rows_in(scope: Scope, conversation_id: Any, agent_id: Any = None) -> Conditions:
    """Of a query of rows that belong to a chat (and, with `agent_id`, to an agent of it)."""
    if scope.is_everything:
        return ()
    own = () if agent_id is None else agents_in(scope, agent_id, ConversationRow.shop)
    chat = exists().where(ConversationRow.id == conversation_id, *conversations_in(scope), *own)
    return (chat.correlate_except(ConversationRow),)


def erasures_in(scope: Scope) -> Conditions:
    """Of a query from `erasures`: those that name a shop in scope."""
    if scope.is_within_shops:
        return (false(),)
    return () if scope.shops is None else (_among(ErasureRow.shop, scope.shops),)


def audited_in(scope: Scope, query: AuditFilter) -> AuditFilter:
    """Ask for entries about the shops in scope only; an entry that names no shop is about all of them.

    Raises:
        NotPermitted: only some agents or assigned chats are in scope, and entries do not say whether they are about them.
    """
    if scope.is_within_shops:
        scope.require_everything()
    if scope.shops is None:
        return query
    return replace(query, shops=scope.shops if query.shops is None else scope.shops & query.shops)


def check_conversation(connection: Connection, scope: Scope, conversation_id: str) -> None:
    """Let nobody touch a chat out of scope, nor learn that it exists.

    Raises:
        NotFound: it is out of scope, or there is none.
    """
    if not holds(connection, scope, conversation_id):
        raise NotFound("no such conversation", field="id")


def holds(connection: Connection, scope: Scope, conversation_id: str) -> bool:
    """Whether the chat is in scope; for somebody who may touch any, also one that is not there."""
    if scope.is_everything:
        return True
    known = select(ConversationRow.id).where(ConversationRow.id == conversation_id, *conversations_in(scope))
    return connection.execute(known).first() is not None


def check_finding(connection: Connection, scope: Scope, finding_id: str) -> None:
    """The same for a finding: of a chat in scope and, where only some agents are in scope, of one of them."""
    if scope.is_everything:
        return
    mine = rows_in(scope, FindingRow.conversation_id, FindingRow.agent_id)
    if connection.execute(select(FindingRow.id).where(FindingRow.id == finding_id, *mine).limit(1)).first() is None:
        raise NotFound("no such finding", field="id")


def seen(connection: Connection, scope: Scope, stored: StoredConversation) -> StoredConversation:
    """What of a chat in scope is shown: all of it, or what belongs to the agents in scope."""
    if not scope.is_of_agents:
        return stored
    agents = connection.execute(
        select(ConversationAgentRow.agent_id)
        .join(ConversationRow, ConversationRow.id == ConversationAgentRow.conversation_id)
        .where(ConversationRow.id == stored.id, *agents_in(scope, ConversationAgentRow.agent_id, ConversationRow.shop))
    )
    return narrowed(stored, agents.scalars().all())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumns:
    """What lists show, select and sort by: of the whole chat, or of the agents in scope."""

    queue_place: ColumnElement[Any]
    hits: ColumnElement[Any]
    worst_severity: ColumnElement[Any]
    lowest_total: ColumnElement[Any]
    is_suspected: ColumnElement[Any]


def list_columns(scope: Scope) -> ListColumns:
    """The stored figures; where only some agents are in scope, what follows from their findings and scorecards alone.

    A suspicion is shown where nobody else spoke: the store does not know whom it is of. A fatal scorecard does not come
    before others then.
    """
    if not scope.is_of_agents:
        return ListColumns(
            queue_place=ConversationRow.queue_place.expression,
            hits=ConversationRow.hits.expression,
            worst_severity=ConversationRow.worst_severity.expression,
            lowest_total=ConversationRow.lowest_total.expression,
            is_suspected=ConversationRow.is_suspected.expression,
        )
    own_hits = (
        FindingRow.conversation_id == ConversationRow.id,
        *shown_hit(),
        *agents_in(scope, FindingRow.agent_id, ConversationRow.shop),
    )
    worst = select(func.max(FindingRow.severity)).where(*own_hits).correlate_except(FindingRow).scalar_subquery()
    own_cards = (
        ScorecardRow.conversation_id == ConversationRow.id,
        ScorecardRow.is_current,
        *agents_in(scope, ScorecardRow.agent_id, ConversationRow.shop),
    )
    lowest = select(func.min(ScorecardRow.final_total)).where(*own_cards).correlate_except(ScorecardRow)
    others = _spoke(not_(and_(*agents_in(scope, ConversationAgentRow.agent_id, ConversationRow.shop))))
    is_suspected = and_(ConversationRow.is_suspected, not_(others))
    hits = select(func.count()).select_from(FindingRow).where(*own_hits).correlate_except(FindingRow).scalar_subquery()
    urgency = case((worst.is_not(None), MILDEST_HIT + worst), (is_suspected, SUSPECTED), else_=NOTHING)
    return ListColumns(
        queue_place=queue_place_expression(urgency, hits, ConversationRow.lowest_polarity),
        hits=hits,
        worst_severity=worst,
        lowest_total=lowest.scalar_subquery(),
        is_suspected=is_suspected,
    )


def shown_hit() -> Conditions:
    """Of a query from `findings`: a hit of the current result that people get to see.

    Written out and not bound: a database takes an index with a condition only where it can read that in the query.
    """
    hit, shadow = (literal(value.value, literal_execute=True) for value in (Outcome.HIT, RuleStatus.SHADOW))
    return (FindingRow.is_current.expression, FindingRow.outcome == hit, FindingRow.status != shadow)


def _spoke(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    spoke = exists().where(ConversationAgentRow.conversation_id == ConversationRow.id, *conditions)
    return spoke.correlate_except(ConversationAgentRow)


def _among(column: Any, values: Collection[str]) -> ColumnElement[bool]:
    """One value is compared, not looked up in a list: so an index goes on to give the order."""
    among: ColumnElement[bool] = column == next(iter(values)) if len(values) == 1 else column.in_(sorted(values))
    return among
