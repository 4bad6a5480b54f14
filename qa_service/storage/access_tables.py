"""The tables of who may come in: hashes of secrets, never the secrets. Owns no query (`access`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from qa_service.storage.tables import HexId, Sha256
from qa_service.storage.types import Base


class ApiKeyRow(Base):
    """An API key: its hash only. A rotated key is a row of its own; the one before gets an end."""

    __tablename__ = "api_keys"

    key_sha256: Mapped[Sha256] = mapped_column(primary_key=True, comment="hash of the key")
    id: Mapped[HexId] = mapped_column(unique=True, comment="uuid4, hex: names the key without telling it")
    name: Mapped[str] = mapped_column(comment="what it is for")
    role: Mapped[str] = mapped_column(comment="what it may do")
    scope: Mapped[dict[str, Any]] = mapped_column(comment="on which rows: shops, groups, agent_ids; absent: any")
    created_at: Mapped[datetime] = mapped_column(comment="when it was made")
    expires_at: Mapped[datetime | None] = mapped_column(comment="valid before; null: for ever")
    last_used_at: Mapped[datetime | None] = mapped_column(comment="last use, to the minute; null: never")
    revoked_at: Mapped[datetime | None] = mapped_column(comment="when it stopped being valid")


class LoginTokenRow(Base):
    """A one-time log-in link: its hash only."""

    __tablename__ = "login_tokens"

    token_sha256: Mapped[Sha256] = mapped_column(primary_key=True, comment="hash of the token")
    expires_at: Mapped[datetime] = mapped_column(comment="valid before")
    used_at: Mapped[datetime | None] = mapped_column(comment="when it was spent")


class SessionRow(Base):
    """A session of the pages: its hash only."""

    __tablename__ = "sessions"

    session_sha256: Mapped[Sha256] = mapped_column(primary_key=True, comment="hash of the session id")
    name: Mapped[str] = mapped_column(comment="who")
    user_id: Mapped[HexId | None] = mapped_column(
        ForeignKey("users.id"), index=True, comment="whose; null: of whoever opened a one-time link"
    )
    last_seen_at: Mapped[datetime] = mapped_column(comment="last request, to the minute")
    expires_at: Mapped[datetime] = mapped_column(comment="valid before")


class UserRow(Base):
    """A person who logs in with a name and a password (its hash only), or at the identity provider."""

    __tablename__ = "users"

    id: Mapped[HexId] = mapped_column(primary_key=True, comment="uuid4, hex")
    name: Mapped[str] = mapped_column(unique=True, comment="name to log in and to sign with")
    display_name: Mapped[str] = mapped_column(comment="name as people say it")
    role: Mapped[str] = mapped_column(comment="what they may do")
    scope: Mapped[dict[str, Any]] = mapped_column(comment="on which rows: shops, groups, agent_ids; absent: any")
    only_assigned: Mapped[bool] = mapped_column(comment="of those rows, only chats assigned to them")
    is_active: Mapped[bool] = mapped_column(comment="may log in")
    password_hash: Mapped[str | None] = mapped_column(comment="argon2id, with its parameters; null: none yet")
    created_at: Mapped[datetime] = mapped_column(comment="when they were added")
    email: Mapped[str | None] = mapped_column(unique=True, comment="known by it at the identity provider; null: not")
    subject: Mapped[str | None] = mapped_column(unique=True, comment="the provider's id of them, before the e-mail")


class LoginAttemptRow(Base):
    """Failed log-ins of one name or from one address, counted over a while."""

    __tablename__ = "login_attempts"

    subject_sha256: Mapped[Sha256] = mapped_column(primary_key=True, comment="hash of the name or address tried")
    attempts: Mapped[int] = mapped_column(comment="since began_at, those that were refused included")
    began_at: Mapped[datetime] = mapped_column(comment="when counting began")
