"""The table of the audit log. Owns no query (`audit_log`); its triggers stand in the migration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.tables import BigId, Sha256
from qa_service.storage.types import Base


class AuditRow(Base):
    """One act. Rows are only ever added: triggers refuse to change or delete one."""

    __tablename__ = "audit_log"

    number: Mapped[BigId] = mapped_column(primary_key=True, comment="place in the chain, from 1 without gaps")
    at: Mapped[datetime] = mapped_column(comment="when")
    actor: Mapped[str] = mapped_column(comment="who")
    role: Mapped[str | None] = mapped_column(comment="role of who acted")
    event: Mapped[str] = mapped_column(comment="what was done")
    subject: Mapped[dict[str, Any]] = mapped_column(comment="kind of thing and its id, JSON")
    shop: Mapped[str | None] = mapped_column(comment="whose rows it touches")
    values_before: Mapped[dict[str, Any] | None] = mapped_column(comment="values before, JSON")
    values_after: Mapped[dict[str, Any] | None] = mapped_column(comment="values after, JSON")
    request_id: Mapped[str | None] = mapped_column(comment="request that asked for it")
    address: Mapped[str | None] = mapped_column(comment="client that asked for it")
    previous_sha256: Mapped[Sha256] = mapped_column(comment="hash of the row before")
    sha256: Mapped[Sha256] = mapped_column(comment="hash of all other columns")

    __table_args__ = (
        Index(None, "event", "number"),
        Index(None, "actor", "number"),
        Index(None, "shop", "number"),
    )
