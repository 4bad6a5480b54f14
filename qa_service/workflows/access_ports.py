"""What the workflows of access need of the store, as a protocol; a part of `ports.Repository`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from qa_service.domain.access import ApiKey


class AccessRepository(Protocol):
    """Keys, log-in tokens and sessions by the hashes of their secrets. Raises Unavailable as all of the store."""

    def add_api_key(self, key: ApiKey, *, key_sha256: str) -> None:
        """Store a key and its hash."""

    def find_api_key(self, key_sha256: str) -> ApiKey | None:
        """The key of this hash, valid or not."""

    def touch_api_key(self, key_id: str, *, now: datetime) -> None:
        """Note the last use."""

    def count_api_keys(self) -> int:
        """Number of keys that are not revoked."""

    def api_keys(self) -> list[ApiKey]:
        """All keys, oldest first."""

    def expire_api_key(self, key_id: str, *, at: datetime) -> None:
        """Let the key end at this time."""

    def revoke_api_keys(self, *, now: datetime, name: str | None = None, key_id: str | None = None) -> int:
        """Revoke those of this name or id that are not yet; how many there were."""

    def add_login_token(self, *, token_sha256: str, expires_at: datetime) -> None:
        """Store a one-time log-in token's hash."""

    def use_login_token(self, token_sha256: str, *, now: datetime) -> bool:
        """Spend the token: True once, within its time."""

    def add_session(self, *, session_sha256: str, name: str, expires_at: datetime) -> None:
        """Store a page session's hash."""

    def end_session(self, session_sha256: str) -> None:
        """Forget the session, if there is one."""

    def session_name(self, session_sha256: str, *, now: datetime) -> str | None:
        """Who the session belongs to, or None."""

    def forget_ended_access(self, *, now: datetime) -> None:
        """Delete sessions that are over and log-in tokens that are spent or over."""
