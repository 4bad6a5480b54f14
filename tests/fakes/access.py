"""Keys, log-in tokens and sessions of the store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from qa_service.domain.access import ApiKey


@dataclass(kw_only=True)
class AccessStore:
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    login_tokens: dict[str, datetime] = field(default_factory=dict)
    sessions: dict[str, tuple[str, datetime]] = field(default_factory=dict)


class FakeAccessRepository:
    """See `qa_service.workflows.access_ports.AccessRepository`."""

    _store: AccessStore

    def add_api_key(self, key: ApiKey, *, key_sha256: str) -> None:
        self._store.api_keys[key_sha256] = key

    def find_api_key(self, key_sha256: str) -> ApiKey | None:
        return self._store.api_keys.get(key_sha256)

    def touch_api_key(self, key_id: str, *, now: datetime) -> None:
        self._change_keys([sha for sha, key in self._store.api_keys.items() if key.id == key_id], last_used_at=now)

    def count_api_keys(self) -> int:
        return sum(key.revoked_at is None for key in self._store.api_keys.values())

    def api_keys(self) -> list[ApiKey]:
        return sorted(self._store.api_keys.values(), key=lambda key: (key.created_at, key.name, key.id))

    def expire_api_key(self, key_id: str, *, at: datetime) -> None:
        self._change_keys([sha for sha, key in self._store.api_keys.items() if key.id == key_id], expires_at=at)

    def revoke_api_keys(self, *, now: datetime, name: str | None = None, key_id: str | None = None) -> int:
        valid = [
            sha
            for sha, key in self._store.api_keys.items()
            if (key.name == name if key_id is None else key.id == key_id) and key.revoked_at is None
        ]
        self._change_keys(valid, revoked_at=now)
        return len(valid)

    def add_login_token(self, *, token_sha256: str, expires_at: datetime) -> None:
        self._store.login_tokens[token_sha256] = expires_at

    def use_login_token(self, token_sha256: str, *, now: datetime) -> bool:
        expires_at = self._store.login_tokens.get(token_sha256)
        if expires_at is None or expires_at <= now:
            return False
        del self._store.login_tokens[token_sha256]
        return True

    def add_session(self, *, session_sha256: str, name: str, expires_at: datetime) -> None:
        self._store.sessions[session_sha256] = (name, expires_at)

    def end_session(self, session_sha256: str) -> None:
        self._store.sessions.pop(session_sha256, None)

    def session_name(self, session_sha256: str, *, now: datetime) -> str | None:
        name, expires_at = self._store.sessions.get(session_sha256, (None, now))
        return name if expires_at > now else None

    def forget_ended_access(self, *, now: datetime) -> None:
        self._store.sessions = {sha: kept for sha, kept in self._store.sessions.items() if kept[1] > now}
        self._store.login_tokens = {sha: end for sha, end in self._store.login_tokens.items() if end > now}

    def _change_keys(self, hashes: list[str], **changes: datetime) -> None:
        for sha in hashes:
            self._store.api_keys[sha] = replace(self._store.api_keys[sha], **changes)  # type: ignore[arg-type]
