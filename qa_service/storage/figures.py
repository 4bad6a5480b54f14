"""What reports show of scorecards, added up by the database: exact sums and counts. Owns no mean (`reports`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.identity import Scope
from qa_service.domain.performance import SHARE_SCALE, AgentSums, DaySums, ScoreSum
from qa_service.domain.review import Decision
from qa_service.storage.scoping import scorecards_in, shown_hit
from qa_service.storage.tables import (
    AgentRow,
    ConversationRow,
    DimensionScoreRow,
    FindingRow,
    ScorecardRow,
    VerdictRow,
)
from qa_service.storage.types import SquaredPoints

Key = tuple[Any, ...]
Groups = Sequence[ColumnElement[Any]]
"""Columns of the scorecards by which they are put together; a `Key` has their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Current scorecards in scope of conversations that began in `[since, until)`."""

    since: datetime
    until: datetime
    scope: Scope
    shop: str | None = None
    agent_id: str | None = None

    def select(self, *columns: Any) -> Select[Any]:
        """The columns that the sums are of, and these."""
        statement = select(
            ScorecardRow.inspection_id,
            ScorecardRow.conversation_id,
            ScorecardRow.agent_id,
            func.coalesce(ScorecardRow.shop, "").label("shop"),
            ScorecardRow.machine_total,
            ScorecardRow.final_total,
            *columns,
        ).where(
            ScorecardRow.is_current,
            ScorecardRow.at >= self.since,
            ScorecardRow.at < self.until,
            *scorecards_in(self.scope),
        )
        if self.shop is not None:
            statement = statement.where(ScorecardRow.shop == self.shop)
        if self.agent_id is not None:
            statement = statement.where(ScorecardRow.agent_id == self.agent_id)
        return statement


def agent_sums(connection: Connection, wanted: Cards) -> list[AgentSums]:
    """Of each shop and agent that has a scorecard among the wanted."""
    cards = wanted.select().subquery("cards")
    by = (cards.c.shop, cards.c.agent_id)
    dimensions = _dimensions(connection, cards, by)
    decided = _decided(connection, cards, by)
    hits, verdicts = _standing_hits(connection, cards, by, decided), _verdicts(decided)
    return [
        AgentSums(
            agent_id=row.agent_id,
            agent_name=row.name,
            group=row.group_name,
            shop=row.shop or None,
            scorecards=row.scorecards,
            total=_score_sum(row[4:7]),
            machine_total=_score_sum(row[7:10]),
            dimensions=dimensions.get(key, {}),
            findings_by_category=hits.get(key, {}),
            verdicts=verdicts.get(key, {}),
        )
        for row in connection.execute(_agent_totals(cards, by))
        for key in ((row.shop, row.agent_id),)
    ]


def day_sums(connection: Connection, wanted: Cards, midnights: Sequence[datetime]) -> list[DaySums]:
    """Of each day, from its midnight to the next, that has a scorecard among the wanted."""
    cards = wanted.select(_day(midnights, 0).label("day")).subquery("cards")
    by = (cards.c.day,)
    hits = _standing_hits(connection, cards, by, _decided(connection, cards, by))
    moods = {row.day: row for row in connection.execute(_moods(cards))}
    totals = select(cards.c.day, *_sums(cards.c.final_total)).group_by(cards.c.day)
    return [
        DaySums(
            since=midnights[row.day],
            conversations=moods[row.day].conversations,
            total=_score_sum(row[1:]),
            hits=hits.get((row.day,), {}),
            moods=moods[row.day].moods,
            negative_billionths=int(moods[row.day].negative or 0),
        )
        for row in connection.execute(totals)
    ]


def _agent_totals(cards: Subquery, by: Groups) -> Select[Any]:
    """Shop, agent, name, group, n of final totals, their sum and squares, the same of machine totals, scorecards."""
    machine = case((cards.c.final_total.is_not(None), cards.c.machine_total))
    sums = (
        select(*by, *_sums(cards.c.final_total), *_sums(machine), func.count().label("scorecards"))
        .group_by(*by)
        .subquery("sums")
    )
    shop, agent_id, *figures, scorecards = sums.c
    return select(shop, agent_id, AgentRow.name, AgentRow.group, *figures, scorecards).outerjoin(
        AgentRow, (AgentRow.id == agent_id) & (AgentRow.shop == shop)
    )


def _dimensions(connection: Connection, cards: Subquery, by: Groups) -> dict[Key, dict[str, ScoreSum]]:
    """Of final scores, where there is a total."""
    rows = _rows(
        connection,
        select(*by, DimensionScoreRow.dimension, *_sums(DimensionScoreRow.final))
        .join_from(cards, DimensionScoreRow, _of_card(DimensionScoreRow, cards))
        .where(DimensionScoreRow.is_current, cards.c.final_total.is_not(None))
        .group_by(*by, DimensionScoreRow.dimension)
        .order_by(DimensionScoreRow.dimension),
    )
    sums: defaultdict[Key, dict[str, ScoreSum]] = defaultdict(dict)
    for *key, dimension, n, total, squares in rows:
        sums[tuple(key)][dimension] = _score_sum((n, total, squares))
    return sums


def _standing_hits(
    connection: Connection, cards: Subquery, by: Groups, decided: Iterable[Key]
) -> dict[Key, dict[str, int]]:
    """Hits by category, less those whose newest verdict overturns them (`decided`: of the same cards and groups).

    So no finding is looked up among the verdicts; there are far fewer of these.
    """
    rows = _rows(
        connection,
        select(*by, FindingRow.category, func.count())
        .join_from(cards, FindingRow, _of_card(FindingRow, cards))
        .where(*shown_hit())
        .group_by(*by, FindingRow.category),
    )
    hits: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for *key, category, count in rows:
        hits[tuple(key)][category] += count
    for *key, category, outcome, decision, count in decided:
        if outcome == Outcome.HIT and decision == Decision.OVERTURN:
            hits[tuple(key)][category] -= count
    return {key: {category: count for category, count in counts.items() if count} for key, counts in hits.items()}


def _decided(connection: Connection, cards: Subquery, by: Groups) -> Sequence[Key]:
    """Group, category, outcome, newest decision, number of findings that have these."""
    newer = aliased(VerdictRow)
    is_newer = or_(
        newer.created_at > VerdictRow.created_at,
        and_(newer.created_at == VerdictRow.created_at, newer.id > VerdictRow.id),
    )
    superseded = select(newer.id).where(newer.finding_id == VerdictRow.finding_id, is_newer).exists()
    kinds = (FindingRow.category, FindingRow.outcome, VerdictRow.decision)
    return _rows(
        connection,
        select(*by, *kinds, func.count())
        .join_from(cards, VerdictRow, VerdictRow.conversation_id == cards.c.conversation_id)
        .join(
            FindingRow,
            and_(
                FindingRow.inspection_id == cards.c.inspection_id,
                FindingRow.id == VerdictRow.finding_id,
                FindingRow.agent_id == cards.c.agent_id,
                FindingRow.status != RuleStatus.SHADOW,
            ),
        )
        .where(~superseded)
        .group_by(*by, *kinds),
    )


def _verdicts(decided: Iterable[Key]) -> dict[Key, dict[str, int]]:
    counts: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for *key, _category, _outcome, decision, count in decided:
        counts[tuple(key)][decision] += count
    return {key: dict(decisions) for key, decisions in counts.items()}


def _of_card(table: type[DimensionScoreRow | FindingRow], cards: Subquery) -> ColumnElement[bool]:
    """The agent's rows of the conversation: with `is_current`, all that reports read of them is in an index that begins so."""
    return and_(table.conversation_id == cards.c.conversation_id, table.agent_id == cards.c.agent_id)


def _moods(cards: Subquery) -> Select[Any]:
    """By day: conversations, those with a known mood, and the sum of their negative shares in billionths."""
    chats = select(cards.c.day, cards.c.conversation_id).distinct().subquery("chats")
    billionths = cast(func.round(ConversationRow.negative_share * SHARE_SCALE), BigInteger)
    return (
        select(
            chats.c.day,
            func.count().label("conversations"),
            func.count(ConversationRow.negative_share).label("moods"),
            func.sum(billionths).label("negative"),
        )
        .join_from(chats, ConversationRow, ConversationRow.id == chats.c.conversation_id)
        .group_by(chats.c.day)
    )


def _day(midnights: Sequence[datetime], first: int) -> ColumnElement[int]:
    """The number, from `first`, of the day that a scorecard's time falls on, found by halving.

    Databases differ in what they know of time zones, or know nothing; the midnights come from the same source as elsewhere.
    """
    if len(midnights) == 1:
        return literal(first)
    half = len(midnights) // 2
    earlier, later = _day(midnights[:half], first), _day(midnights[half:], first + half)
    return case((ScorecardRow.at < midnights[half], earlier), else_=later)


def _sums(score: ColumnElement[Any] | Any) -> tuple[ColumnElement[Any], ...]:
    """How many scores there are, their sum and that of their squares."""
    return (
        func.count(score).label(None),
        func.sum(score).label(None),
        type_coerce(func.sum(score * score), SquaredPoints()).label(None),
    )


def _rows(connection: Connection, statement: Select[Any]) -> list[Key]:
    return [tuple(row) for row in connection.execute(statement)]


def _score_sum(figures: Sequence[Any]) -> ScoreSum:
    n, total, squares = figures
    return ScoreSum(n=n, total=total or Decimal(0), squares=squares or Decimal(0))
