"""Keys, log-in tokens and sessions of the store in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from qa_service.domain.access import ApiKey, Session, User
from qa_service.errors import Conflict


@dataclass(kw_only=True)
class AccessStore:
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    login_tokens: dict[str, datetime] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    password_hashes: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, tuple[int, datetime]] = field(default_factory=dict)


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

    def add_session(self, session: Session, *, session_sha256: str) -> None:
        self._store.sessions[session_sha256] = session

    def find_session(self, session_sha256: str) -> Session | None:
        session = self._store.sessions.get(session_sha256)
        if session is None or session.user is None:
            return session
        return replace(session, user=self._store.users[session.user.name])

    def touch_session(self, session_sha256: str, *, now: datetime) -> None:
        self._store.sessions[session_sha256] = replace(self._store.sessions[session_sha256], last_seen_at=now)

    def end_sessions_of(self, user_id: str, *, but: str | None = None) -> int:
        before = self._store.sessions
        self._store.sessions = {
            sha: one for sha, one in before.items() if one.user is None or one.user.id != user_id or sha == but
        }
        return len(before) - len(self._store.sessions)

    def end_session(self, session_sha256: str) -> None:
        self._store.sessions.pop(session_sha256, None)

    def forget_ended_access(self, *, now: datetime) -> None:
        self._store.sessions = {sha: kept for sha, kept in self._store.sessions.items() if kept.expires_at > now}
        self._store.login_tokens = {sha: end for sha, end in self._store.login_tokens.items() if end > now}

    def add_user(self, user: User, *, password_hash: str | None) -> None:
        if user.name in self._store.users:
            raise Conflict("somebody has this name already", field="name")
        self._refuse_taken(user)
        self._store.users[user.name] = user
        if password_hash is not None:
            self._store.password_hashes[user.id] = password_hash

    def has_users(self) -> bool:
        return bool(self._store.users)

    def users(self) -> list[User]:
        return [user for _, user in sorted(self._store.users.items())]

    def find_user(self, name: str) -> User | None:
        return self._store.users.get(name)

    def find_user_of(self, *, subject: str, email: str | None) -> User | None:
        users = self._store.users.values()
        by_subject = [user for user in users if user.subject == subject]
        by_email = [user for user in users if email and user.email == email and user.subject is None]
        return next(iter(by_subject + by_email), None)

    def save_user(self, user: User) -> None:
        self._refuse_taken(user)
        self._store.users[user.name] = user

    def password_hash(self, user_id: str) -> str | None:
        return self._store.password_hashes.get(user_id)

    def save_password_hash(self, user_id: str, password_hash: str) -> None:
        self._store.password_hashes[user_id] = password_hash
        (user,) = [user for user in self._store.users.values() if user.id == user_id]
        self._store.users[user.name] = replace(user, has_password=True)

    def count_attempt(self, subject_sha256: str, *, now: datetime, since: datetime) -> int:
        attempts, began_at = self._store.attempts.get(subject_sha256, (0, now))
        if began_at < since:
            attempts, began_at = 0, now
        self._store.attempts[subject_sha256] = (attempts + 1, began_at)
        return attempts + 1

    def forgive_attempts(self, subject_sha256: str, *, count: int | None = None) -> None:
        attempts, began_at = self._store.attempts.pop(subject_sha256, (0, datetime.now(UTC)))
        if count is not None:
            self._store.attempts[subject_sha256] = (max(attempts - count, 0), began_at)

    def forget_attempts(self, *, before: datetime) -> None:
        self._store.attempts = {who: made for who, made in self._store.attempts.items() if made[1] >= before}

    def _refuse_taken(self, user: User) -> None:
        for other in self._store.users.values():
            for field_name in ("email", "subject"):
                value = getattr(user, field_name)
                if other.id != user.id and value is not None and getattr(other, field_name) == value:
                    raise Conflict(f"somebody has this {field_name} already", field=field_name)

    def _change_keys(self, hashes: list[str], **changes: datetime) -> None:
        for sha in hashes:
            self._store.api_keys[sha] = replace(self._store.api_keys[sha], **changes)  # type: ignore[arg-type]
