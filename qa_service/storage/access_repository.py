"""The part of the store behind `SqlRepository` that is about who may come in. Owns no query (`access`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from qa_service.domain.access import ApiKey
from qa_service.storage import access


class SqlAccessRepository:
    """Described at the protocol `AccessRepository` of `workflows.access_ports`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_api_key(self, key: ApiKey, *, key_sha256: str) -> None:
        """Store a key and its hash."""
        access.add_api_key(self._connection, key, key_sha256=key_sha256)

    def find_api_key(self, key_sha256: str) -> ApiKey | None:
        """The key of this hash, valid or not."""
        return access.find_api_key(self._connection, key_sha256)

    def touch_api_key(self, key_id: str, *, now: datetime) -> None:
        """Note the last use."""
        access.touch_api_key(self._connection, key_id, now=now)

    def count_api_keys(self) -> int:
        """Number of keys that are not revoked."""
        return access.count_api_keys(self._connection)

    def api_keys(self) -> list[ApiKey]:
        """All keys, oldest first."""
        return access.api_keys(self._connection)

    def expire_api_key(self, key_id: str, *, at: datetime) -> None:
        """Let the key end at this time."""
        access.expire_api_key(self._connection, key_id, at=at)

    def revoke_api_keys(self, *, now: datetime, name: str | None = None, key_id: str | None = None) -> int:
        """Revoke those of this name or id that are not yet; how many there were."""
        return access.revoke_api_keys(self._connection, now=now, name=name, key_id=key_id)

    def add_login_token(self, *, token_sha256: str, expires_at: datetime) -> None:
        """Store a one-time log-in token's hash."""
        access.add_login_token(self._connection, token_sha256=token_sha256, expires_at=expires_at)

    def use_login_token(self, token_sha256: str, *, now: datetime) -> bool:
        """Spend the token: True once, within its time."""
        return access.use_login_token(self._connection, token_sha256, now=now)

    def add_session(self, *, session_sha256: str, name: str, expires_at: datetime) -> None:
        """Store a page session's hash."""
        access.add_session(self._connection, session_sha256=session_sha256, name=name, expires_at=expires_at)

    def end_session(self, session_sha256: str) -> None:
        """Forget the session, if there is one."""
        access.end_session(self._connection, session_sha256)

    def session_name(self, session_sha256: str, *, now: datetime) -> str | None:
        """Who the session belongs to, or None."""
        return access.session_name(self._connection, session_sha256, now=now)

    def forget_ended_access(self, *, now: datetime) -> None:
        """Delete sessions that are over and log-in tokens that are spent or over."""
        access.forget_ended_access(self._connection, now=now)
