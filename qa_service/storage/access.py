"""API keys, log-in tokens and page sessions, as hashes. Owns no secret and no decision about who may do what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from qa_service.domain.records import ApiKey
from qa_service.storage.tables import ApiKeyRow, LoginTokenRow, SessionRow


def add_api_key(connection: Connection, *, name: str, key_sha256: str, now: datetime) -> None:
    """Store a key's hash."""
    connection.execute(insert(ApiKeyRow).values(name=name, key_sha256=key_sha256, created_at=now))


def has_api_key(connection: Connection, key_sha256: str) -> bool:
    """Whether such a key exists and is not revoked."""
    found = select(ApiKeyRow.name).where(ApiKeyRow.key_sha256 == key_sha256, ApiKeyRow.revoked_at.is_(None))
    return connection.execute(found).first() is not None


def count_api_keys(connection: Connection) -> int:
    """Number of keys that are not revoked."""
    counted = select(func.count()).select_from(ApiKeyRow).where(ApiKeyRow.revoked_at.is_(None))
    return connection.execute(counted).scalar_one()


def api_keys(connection: Connection) -> list[ApiKey]:
    """All keys, oldest first."""
    rows = connection.execute(
        select(ApiKeyRow.name, ApiKeyRow.created_at, ApiKeyRow.revoked_at).order_by(
            ApiKeyRow.created_at, ApiKeyRow.name
        )
    )
    return [ApiKey(name=row.name, created_at=row.created_at, revoked_at=row.revoked_at) for row in rows]


def revoke_api_keys(connection: Connection, name: str, *, now: datetime) -> int:
    """Revoke the valid keys of this name; how many there were."""
    revoked = connection.execute(
        update(ApiKeyRow).where(ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None)).values(revoked_at=now)
    )
    return revoked.rowcount


def add_login_token(connection: Connection, *, token_sha256: str, expires_at: datetime) -> None:
    """Store a one-time log-in token's hash."""
    connection.execute(insert(LoginTokenRow).values(token_sha256=token_sha256, expires_at=expires_at))


def use_login_token(connection: Connection, token_sha256: str, *, now: datetime) -> bool:
    """Spend the token in one statement, so that of two who try at once only one succeeds."""
    spent = connection.execute(
        update(LoginTokenRow)
        .where(
            LoginTokenRow.token_sha256 == token_sha256, LoginTokenRow.used_at.is_(None), LoginTokenRow.expires_at > now
        )
        .values(used_at=now)
    )
    return spent.rowcount == 1


def add_session(connection: Connection, *, session_sha256: str, name: str, expires_at: datetime) -> None:
    """Store a page session's hash."""
    connection.execute(insert(SessionRow).values(session_sha256=session_sha256, name=name, expires_at=expires_at))


def end_session(connection: Connection, session_sha256: str) -> None:
    """Forget the session, if there is one."""
    connection.execute(delete(SessionRow).where(SessionRow.session_sha256 == session_sha256))


def session_name(connection: Connection, session_sha256: str, *, now: datetime) -> str | None:
    """Who the session belongs to; None if there is none or it is over."""
    found = select(SessionRow.name).where(SessionRow.session_sha256 == session_sha256, SessionRow.expires_at > now)
    return connection.execute(found).scalar_one_or_none()


def forget_ended_access(connection: Connection, *, now: datetime) -> None:
    """Delete sessions that are over and log-in tokens that are spent or over."""
    connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    connection.execute(
        delete(LoginTokenRow).where(or_(LoginTokenRow.used_at.is_not(None), LoginTokenRow.expires_at <= now))
    )
