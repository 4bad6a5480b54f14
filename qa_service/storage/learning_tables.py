"""The tables of what models learn from. Owns no query (`learning`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.tables import BigId, HexId, Sha256
from qa_service.storage.types import Base


class MoodCorrectionRow(Base):
    """The emotion that a person heard in a turn. Rows are only ever added."""

    __tablename__ = "mood_corrections"

    id: Mapped[BigId] = mapped_column(primary_key=True, comment="order of arrival")
    conversation_id: Mapped[HexId] = mapped_column(comment="its conversation")
    revision: Mapped[int] = mapped_column(comment="which revision of it")
    turn_id: Mapped[str] = mapped_column(comment="customer turn")
    emotion: Mapped[str] = mapped_column(comment="what the reviewer heard")
    reviewer: Mapped[str] = mapped_column(comment="who")
    created_at: Mapped[datetime] = mapped_column(comment="when")

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name="fk_mood_corrections_revision",
        ),
        Index(None, "conversation_id", "revision"),
    )


class ShadowDifferenceRow(Base):
    """How a model beside the live one judged a chat: figures, no text."""

    __tablename__ = "shadow_differences"

    conversation_id: Mapped[HexId] = mapped_column(
        ForeignKey("conversations.id"), primary_key=True, comment="its conversation"
    )
    content_sha256: Mapped[Sha256] = mapped_column(primary_key=True, comment="digest of what both judged")
    live_revision: Mapped[str] = mapped_column(primary_key=True, comment="model that scored")
    shadow_revision: Mapped[str] = mapped_column(primary_key=True, comment="model beside it")
    turns: Mapped[int] = mapped_column(comment="customer turns that both judged")
    one_sided: Mapped[int] = mapped_column(comment="customer turns that one of them could not judge")
    polarity_difference: Mapped[float | None] = mapped_column(comment="mean absolute difference, 0 to 2")
    changed_emotions: Mapped[int] = mapped_column(comment="turns with another emotion")
    satisfaction_difference: Mapped[float | None] = mapped_column(comment="shadow less live, -4 to 4")
    created_at: Mapped[datetime] = mapped_column(comment="when")
