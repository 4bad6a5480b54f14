"""The tables. Owns no query. There are no relationships: every read names its columns, so nothing loads lazily.

Documents (JSON) hold the exact result; the columns beside them are what lists and reports select and sort by.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.types import Base

HexId = Annotated[str, mapped_column(String(32))]
Sha256 = Annotated[str, mapped_column(String(64))]
Small = Annotated[int, mapped_column(SmallInteger)]
BigCount = Annotated[int, mapped_column(BigInteger())]

BigId = Annotated[int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"))]


_SHOWN = " AND outcome = 'hit' AND status != 'shadow'"
"""Hits that people get to see, as `scoping.shown_hit` writes them: then PostgreSQL need not look a row up to know."""


def _current_index(name: str, *columns: str, is_unique: bool = False, where: str = "") -> Index:
    """An index over current rows only: history grows without making lists slower.

    SQLite uses it only where the condition reads as SQLAlchemy writes it.
    """
    on_sqlite, on_postgresql = text(f"is_current = 1{where}"), text(f"is_current{where}")
    return Index(name, *columns, unique=is_unique, sqlite_where=on_sqlite, postgresql_where=on_postgresql)


class ConversationRow(Base):
    """One chat: where it stands and the figures of its current result."""

    __tablename__ = "conversations"

    id: Mapped[HexId] = mapped_column(primary_key=True, comment="uuid4, hex")
    source: Mapped[str] = mapped_column(comment="system it came from")
    external_id: Mapped[str] = mapped_column(comment="its id there")
    shop: Mapped[str | None] = mapped_column(comment="shop (tenant)")
    channel: Mapped[str | None] = mapped_column(comment="platform or channel")
    language: Mapped[str | None] = mapped_column(comment="language stated by the source")
    started_at: Mapped[datetime | None] = mapped_column(comment="begin of the chat, if known")
    began_at: Mapped[datetime] = mapped_column(comment="started_at, else received_at: lists sort and select by it")
    received_at: Mapped[datetime] = mapped_column(comment="first handed in")
    revision: Mapped[int] = mapped_column(comment="newest revision, from 1")
    content_sha256: Mapped[Sha256] = mapped_column(comment="digest of the newest revision")
    state: Mapped[str] = mapped_column(comment="pending, processing, complete or failed")
    state_since: Mapped[datetime] = mapped_column(comment="last change of state")
    attempts: Mapped[int] = mapped_column(default=0, comment="claims of the newest revision")
    lane: Mapped[str] = mapped_column(comment="realtime or bulk")
    due_at: Mapped[datetime] = mapped_column(comment="order in the lane; a retry is not claimed before")
    offered_at: Mapped[datetime | None] = mapped_column(
        comment="last sent to the workers; null: not since it is pending"
    )
    claimant: Mapped[str | None] = mapped_column(comment="who claimed it last")
    claimed_revision: Mapped[int | None] = mapped_column(comment="revision of the last claim")
    traceparent: Mapped[str | None] = mapped_column(comment="W3C trace context of the request that made it pending")
    error: Mapped[str | None] = mapped_column(comment="error code of a failed inspection, never text")
    review_state: Mapped[str] = mapped_column(comment="open, confirmed, overturned, appealed or cleared")
    assignee: Mapped[str | None] = mapped_column(comment="who reviews it; null: nobody yet")
    urgency: Mapped[Small] = mapped_column(
        default=0,
        comment="0 nothing, 1 suspected, 2 to 5 worst standing severity from info to critical, 6 fatal scorecard",
    )
    queue_place: Mapped[BigCount] = mapped_column(
        comment="order of the review queue, smaller first: see storage.summary"
    )
    hits: Mapped[int] = mapped_column(default=0, comment="hits outside shadow mode that stand")
    worst_severity: Mapped[Small | None] = mapped_column(comment="rank of the worst hit, 0 info to 3 critical")
    lowest_polarity: Mapped[float | None] = mapped_column(comment="worst customer polarity, -1 to 1")
    satisfaction: Mapped[float | None] = mapped_column(comment="predicted satisfaction, 1 to 5")
    negative_share: Mapped[float | None] = mapped_column(comment="share of negative customer turns, 0 to 1")
    lowest_total: Mapped[Decimal | None] = mapped_column(comment="lowest final total of its scorecards")
    is_suspected: Mapped[bool] = mapped_column(default=False, comment="the model suspects an agent turn")
    text_since: Mapped[datetime | None] = mapped_column(
        comment="when the newest revision, whose text is held, was handed in; null: it was erased"
    )
    erased_at: Mapped[datetime | None] = mapped_column(comment="when the text of the newest revision was erased")
    erasure_reason: Mapped[str | None] = mapped_column(comment="retention or request")

    __table_args__ = (
        UniqueConstraint("shop", "source", "external_id"),
        Index(
            "uq_conversations_without_shop",
            "source",
            "external_id",
            unique=True,
            sqlite_where=text("shop IS NULL"),
            postgresql_where=text("shop IS NULL"),
        ),
        CheckConstraint("state IN ('pending', 'processing', 'complete', 'failed')", name="state"),
        CheckConstraint(
            "review_state IN ('open', 'confirmed', 'overturned', 'appealed', 'cleared')", name="review_state"
        ),
        CheckConstraint("lane IN ('realtime', 'bulk')", name="lane"),
        Index(None, "state", "state_since", "id"),
        Index(None, "state", "lane", "due_at", "id"),
        Index(None, "began_at", "id"),
        Index(None, "shop", "began_at", "id"),
        Index(None, "queue_place", "id"),
        Index(None, "review_state", "queue_place", "id"),
        Index(None, "shop", "review_state", "queue_place", "id"),
        Index(
            "ix_conversations_assignee",
            "assignee",
            "review_state",
            "queue_place",
            "id",
            sqlite_where=text("assignee IS NOT NULL"),
            postgresql_where=text("assignee IS NOT NULL"),
        ),
        Index(
            "ix_conversations_shop_text_since",
            "shop",
            "text_since",
            "id",
            sqlite_where=text("text_since IS NOT NULL"),
            postgresql_where=text("text_since IS NOT NULL"),
        ),
    )


class RevisionRow(Base):
    """One content of a chat, as its source gave it."""

    __tablename__ = "conversation_revisions"

    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), primary_key=True, comment="whose")
    revision: Mapped[int] = mapped_column(primary_key=True, comment="from 1")
    content_sha256: Mapped[Sha256] = mapped_column(comment="digest of the content")
    document: Mapped[dict[str, Any]] = mapped_column(comment="the conversation, versioned JSON")
    received_at: Mapped[datetime] = mapped_column(comment="when it was handed in")
    masked_by: Mapped[int | None] = mapped_column(comment="version of the finders; null: not masked")

    __table_args__ = (
        Index(
            "ix_conversation_revisions_unmasked",
            "conversation_id",
            "revision",
            sqlite_where=text("masked_by IS NULL"),
            postgresql_where=text("masked_by IS NULL"),
        ),
    )


class ConversationAgentRow(Base):
    """Who spoke in the newest revision."""

    __tablename__ = "conversation_agents"

    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), primary_key=True, comment="where")
    agent_id: Mapped[str] = mapped_column(primary_key=True, comment="who")
    position: Mapped[int] = mapped_column(comment="order of the first turn, from 0")
    began_at: Mapped[datetime] = mapped_column(comment="that of the conversation: an agent's list is sorted by it")

    __table_args__ = (Index(None, "agent_id", "began_at", "conversation_id"),)


class AgentRow(Base):
    """A person who answers customers, as last seen."""

    __tablename__ = "agents"

    shop: Mapped[str] = mapped_column(primary_key=True, comment="shop, empty if unknown")
    id: Mapped[str] = mapped_column(primary_key=True, comment="id within the shop")
    name: Mapped[str | None] = mapped_column(comment="display name")
    group: Mapped[str | None] = mapped_column("group_name", comment="team")


class InspectionRow(Base):
    """One result. A newer one does not replace it, it only stops being current."""

    __tablename__ = "inspections"

    id: Mapped[HexId] = mapped_column(primary_key=True, comment="uuid4, hex")
    conversation_id: Mapped[HexId] = mapped_column(comment="what was inspected")
    revision: Mapped[int] = mapped_column(comment="which revision of it")
    provenance_digest: Mapped[Sha256] = mapped_column(comment="digest of all that the result depends on")
    document: Mapped[dict[str, Any]] = mapped_column(comment="the whole result, versioned JSON")
    created_at: Mapped[datetime] = mapped_column(comment="when it was stored")
    is_current: Mapped[bool] = mapped_column(comment="the one that lists and reports show")

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
        ),
        UniqueConstraint("conversation_id", "revision", "provenance_digest"),
        _current_index("uq_inspections_current", "conversation_id", is_unique=True),
    )


class FindingRow(Base):
    """A hit or suppressed hit of one inspection; the other outcomes are in the document only."""

    __tablename__ = "findings"

    inspection_id: Mapped[HexId] = mapped_column(ForeignKey("inspections.id"), primary_key=True, comment="found by")
    id: Mapped[HexId] = mapped_column(primary_key=True, comment="uuid5 of conversation and key: same after a re-run")
    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), comment="found in")
    key: Mapped[HexId] = mapped_column(comment="identity within the conversation")
    rule_id: Mapped[str] = mapped_column(comment="rule")
    rule_version: Mapped[int] = mapped_column(comment="its version")
    category: Mapped[str] = mapped_column(comment="category of the rule")
    severity: Mapped[Small] = mapped_column(comment="0 info to 3 critical")
    outcome: Mapped[str] = mapped_column(comment="hit or suppressed, after the verdicts")
    was_hit: Mapped[bool | None] = mapped_column(comment="hit before the verdicts; null: stored before this was kept")
    status: Mapped[str] = mapped_column(comment="how far the rule is trusted")
    agent_id: Mapped[str | None] = mapped_column(comment="who is responsible")
    turn_id: Mapped[str | None] = mapped_column(comment="where; null for an absence")
    start: Mapped[int | None] = mapped_column("span_start", comment="first code point in the original turn")
    end: Mapped[int | None] = mapped_column("span_end", comment="code point after the last")
    is_current: Mapped[bool] = mapped_column(comment="belongs to the current inspection")

    __table_args__ = (
        CheckConstraint("outcome IN ('hit', 'suppressed')", name="outcome"),
        Index(None, "id"),
        _current_index("ix_findings_shown_conversation", "conversation_id", "agent_id", "category", where=_SHOWN),
        _current_index("ix_findings_shown_category", "category", "conversation_id", where=_SHOWN),
        _current_index("ix_findings_shown_rule", "rule_id", "conversation_id", where=_SHOWN),
    )


class VerdictRow(Base):
    """One decision of a person. Rows are only ever added; they outlive the inspection that they were made on."""

    __tablename__ = "verdicts"

    id: Mapped[BigId] = mapped_column(primary_key=True, comment="order of arrival")
    finding_id: Mapped[HexId] = mapped_column(index=True, comment="stable id of the finding")
    finding_key: Mapped[HexId] = mapped_column(comment="its identity within the conversation")
    conversation_id: Mapped[HexId] = mapped_column(
        ForeignKey("conversations.id"), index=True, comment="its conversation"
    )
    decision: Mapped[str] = mapped_column(comment="confirm, overturn or appeal")
    comment: Mapped[str] = mapped_column(comment="why")
    reviewer: Mapped[str] = mapped_column(comment="who")
    created_at: Mapped[datetime] = mapped_column(comment="when")


class SuspicionReviewRow(Base):
    """A person looked at a revision that was only suspected and found nothing. Rows are only ever added."""

    __tablename__ = "suspicion_reviews"

    id: Mapped[BigId] = mapped_column(primary_key=True, comment="order of arrival")
    conversation_id: Mapped[HexId] = mapped_column(comment="its conversation")
    revision: Mapped[int] = mapped_column(comment="what was looked at")
    comment: Mapped[str] = mapped_column(comment="why")
    reviewer: Mapped[str] = mapped_column(comment="who")
    created_at: Mapped[datetime] = mapped_column(comment="when")

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name="fk_suspicion_reviews_revision",
        ),
        Index(None, "conversation_id", "revision"),
    )


class ScorecardRow(Base):
    """One agent's scorecard of one inspection, before (`machine`) and after (`final`) the verdicts."""

    __tablename__ = "scorecards"

    inspection_id: Mapped[HexId] = mapped_column(ForeignKey("inspections.id"), primary_key=True, comment="result of")
    agent_id: Mapped[str] = mapped_column(primary_key=True, comment="whose")
    position: Mapped[int] = mapped_column(comment="order within the inspection, from 0")
    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), index=True, comment="conversation")
    shop: Mapped[str | None] = mapped_column(comment="shop of the conversation")
    at: Mapped[datetime] = mapped_column(comment="when the conversation began")
    rubric: Mapped[str] = mapped_column(comment="rubric")
    rubric_version: Mapped[int] = mapped_column(comment="its version")
    machine_total: Mapped[Decimal | None] = mapped_column(comment="total before verdicts, 0 to 100")
    final_total: Mapped[Decimal | None] = mapped_column(comment="total after verdicts, 0 to 100")
    machine: Mapped[dict[str, Any]] = mapped_column(comment="scorecard before verdicts, JSON")
    final: Mapped[dict[str, Any]] = mapped_column(comment="scorecard after verdicts, JSON")
    is_current: Mapped[bool] = mapped_column(comment="belongs to the current inspection")

    __table_args__ = (
        _current_index("ix_scorecards_current_at", "at"),
        _current_index("ix_scorecards_current_agent", "agent_id", "at"),
        _current_index("ix_scorecards_current_shop", "shop", "at"),
    )


class DimensionScoreRow(Base):
    """One dimension of a scorecard, for filters."""

    __tablename__ = "dimension_scores"

    inspection_id: Mapped[HexId] = mapped_column(primary_key=True, comment="result of")
    agent_id: Mapped[str] = mapped_column(primary_key=True, comment="whose")
    dimension: Mapped[str] = mapped_column(primary_key=True, comment="dimension id of the rubric")
    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), comment="conversation")
    machine: Mapped[Decimal | None] = mapped_column(comment="before verdicts, 0 to 100")
    final: Mapped[Decimal | None] = mapped_column(comment="after verdicts, 0 to 100")
    is_current: Mapped[bool] = mapped_column(comment="belongs to the current inspection")

    __table_args__ = (
        ForeignKeyConstraint(["inspection_id", "agent_id"], ["scorecards.inspection_id", "scorecards.agent_id"]),
        _current_index("ix_dimension_scores_current", "dimension", "final"),
        _current_index("ix_dimension_scores_current_conversation", "conversation_id", "agent_id", "dimension", "final"),
    )


class DeliveryRow(Base):
    """One attempt to push an export."""

    __tablename__ = "deliveries"

    id: Mapped[BigId] = mapped_column(primary_key=True, comment="order of arrival")
    record: Mapped[dict[str, Any]] = mapped_column(comment="where, when, what came back; JSON")


class RuleLogRow(Base):
    """What happened to rules beside their packs. Rows are only ever added."""

    __tablename__ = "rule_log"

    id: Mapped[BigId] = mapped_column(primary_key=True, comment="order of arrival")
    event: Mapped[str] = mapped_column(comment="backtest, publication or demotion")
    key: Mapped[str] = mapped_column(comment="backtest, pack digest or rule that it is about")
    document: Mapped[dict[str, Any]] = mapped_column(comment="what happened, JSON")
    created_at: Mapped[datetime] = mapped_column(comment="when")

    __table_args__ = (Index(None, "event", "key", "id"),)


METADATA = Base.metadata
"""All of the tables above, for migrations."""
