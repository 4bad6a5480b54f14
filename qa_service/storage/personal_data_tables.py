"""The table of sealed originals. Owns no query (`personal_data`) and no key (`sealing`)."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.tables import HexId
from qa_service.storage.types import Base


class SealedOriginalsRow(Base):
    """What the masks of one revision stand for, encrypted. It goes when the revision goes."""

    __tablename__ = "sealed_originals"

    conversation_id: Mapped[HexId] = mapped_column(primary_key=True, comment="whose")
    revision: Mapped[int] = mapped_column(primary_key=True, comment="which content of it")
    key_id: Mapped[str] = mapped_column(String(32), comment="key that opens the token")
    token: Mapped[str] = mapped_column(
        Text(), comment="AES-256-GCM over the originals, bound to conversation and revision"
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name="fk_sealed_originals_revision",
            ondelete="CASCADE",
        ),
        Index(None, "key_id", "conversation_id", "revision"),
    )
