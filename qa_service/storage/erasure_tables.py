"""The tables by which text is found to be erased. Owns no query (`erasure`, `erasure_requests`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.tables import HexId, Sha256
from qa_service.storage.types import Base


class ConversationCustomerRow(Base):
    """Who asks in a chat whose text is held, by the digest of the id. Gone with the text."""

    __tablename__ = "conversation_customers"

    conversation_id: Mapped[HexId] = mapped_column(ForeignKey("conversations.id"), primary_key=True, comment="where")
    customer_digest: Mapped[Sha256] = mapped_column(primary_key=True, comment="digest of the customer's id")

    __table_args__ = (Index(None, "customer_digest", "conversation_id"),)


class ErasureRow(Base):
    """A request to erase one customer's data, and what became of it. It never names the customer."""

    __tablename__ = "erasures"

    id: Mapped[HexId] = mapped_column(primary_key=True, comment="uuid4, hex")
    customer_digest: Mapped[Sha256] = mapped_column(comment="digest of the customer's id")
    source: Mapped[str | None] = mapped_column(comment="in this system only")
    shop: Mapped[str | None] = mapped_column(comment="in this shop only")
    requested_by: Mapped[str] = mapped_column(comment="who asked for it")
    requested_at: Mapped[datetime] = mapped_column(comment="when")
    state: Mapped[str] = mapped_column(comment="pending or done")
    erased: Mapped[int] = mapped_column(comment="chats erased so far")
    waiting: Mapped[int] = mapped_column(comment="chats that wait for an inspection or an appeal")
    finished_at: Mapped[datetime | None] = mapped_column(comment="when the last one was erased")

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done')", name="state"),
        Index(None, "state", "requested_at", "id"),
        Index(None, "requested_at", "id"),
    )
