"""API keys, log-in tokens and page sessions, as hashes. Owns no secret and no decision about who may do what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from qa_service.domain.access import ApiKey
from qa_service.domain.identity import Role, Scope
from qa_service.storage.access_tables import ApiKeyRow, LoginTokenRow, SessionRow

_KEY_COLUMNS = (
    ApiKeyRow.id,
    ApiKeyRow.name,
    ApiKeyRow.role,
    ApiKeyRow.scope,
    ApiKeyRow.created_at,
    ApiKeyRow.expires_at,
    ApiKeyRow.last_used_at,
    ApiKeyRow.revoked_at,
)


def scope_document(scope: Scope) -> dict[str, list[str]]:
    """As JSON: sorted lists of what is limited; what is not there is not limited."""
    return {name: rows for name, rows in scope.limits.items() if rows is not None}


def read_scope(document: dict[str, list[str]]) -> Scope:
    """The scope that `scope_document` wrote."""
    shops, groups, agent_ids = (document.get(name) for name in ("shops", "groups", "agent_ids"))
    return Scope(
        shops=None if shops is None else frozenset(shops),
        groups=None if groups is None else frozenset(groups),
        agent_ids=None if agent_ids is None else frozenset(agent_ids),
    )


def add_api_key(connection: Connection, key: ApiKey, *, key_sha256: str) -> None:
    """Store a key and its hash."""
    connection.execute(
        insert(ApiKeyRow).values(
            key_sha256=key_sha256,
            id=key.id,
            name=key.name,
            role=key.role.value,
            scope=scope_document(key.scope),
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )
    )


def find_api_key(connection: Connection, key_sha256: str) -> ApiKey | None:
    """The key of this hash, valid or not."""
    found = connection.execute(select(*_KEY_COLUMNS).where(ApiKeyRow.key_sha256 == key_sha256)).first()
    return None if found is None else _api_key(found)


def touch_api_key(connection: Connection, key_id: str, *, now: datetime) -> None:
    """Note the last use."""
    connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=now))


def count_api_keys(connection: Connection) -> int:
    """Number of keys that are not revoked."""
    counted = select(func.count()).select_from(ApiKeyRow).where(ApiKeyRow.revoked_at.is_(None))
    return connection.execute(counted).scalar_one()


def api_keys(connection: Connection) -> list[ApiKey]:
    """All keys, oldest first."""
    rows = connection.execute(select(*_KEY_COLUMNS).order_by(ApiKeyRow.created_at, ApiKeyRow.name, ApiKeyRow.id))
    return [_api_key(row) for row in rows]


def expire_api_key(connection: Connection, key_id: str, *, at: datetime) -> None:
    """Let the key end at this time."""
    connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(expires_at=at))


def revoke_api_keys(
    connection: Connection, *, now: datetime, name: str | None = None, key_id: str | None = None
) -> int:
    """Revoke those of this name or id that are not yet; how many there were."""
    is_meant = ApiKeyRow.name == name if key_id is None else ApiKeyRow.id == key_id
    revoked = update(ApiKeyRow).where(is_meant, ApiKeyRow.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(revoked).rowcount


def _api_key(row: Row[Any]) -> ApiKey:
    fields = {**row._mapping, "role": Role(row.role), "scope": read_scope(row.scope)}
    return ApiKey(**fields)


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


def end_session(connection: Connection, session_sha256: str) -> None:
    """Forget the session, if there is one."""
    connection.execute(delete(SessionRow).where(SessionRow.session_sha256 == session_sha256))


def forget_ended_access(connection: Connection, *, now: datetime) -> None:
    """Delete sessions that are over and log-in tokens that are spent or over."""
    connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    connection.execute(
        delete(LoginTokenRow).where(or_(LoginTokenRow.used_at.is_not(None), LoginTokenRow.expires_at <= now))
    )
