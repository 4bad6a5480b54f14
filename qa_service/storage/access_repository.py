"""The part of the store behind `SqlRepository` that is about who may come in. Owns no query (`access`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from qa_service.domain.access import ApiKey, Session, User
from qa_service.storage import access, people


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

    def add_session(self, session: Session, *, session_sha256: str) -> None:
        """Store a page session and its hash."""
        people.add_session(self._connection, session, session_sha256=session_sha256)

    def find_session(self, session_sha256: str) -> Session | None:
        """The session with its user as he or she is now, also one that is over."""
        return people.find_session(self._connection, session_sha256)

    def touch_session(self, session_sha256: str, *, now: datetime) -> None:
        """Note the last request."""
        people.touch_session(self._connection, session_sha256, now=now)

    def end_sessions_of(self, user_id: str, *, but: str | None = None) -> int:
        """Forget all sessions of a user, or all but one; how many."""
        return people.end_sessions_of(self._connection, user_id, but=but)

    def end_session(self, session_sha256: str) -> None:
        """Forget the session, if there is one."""
        access.end_session(self._connection, session_sha256)

    def forget_ended_access(self, *, now: datetime) -> None:
        """Delete sessions that are over and log-in tokens that are spent or over."""
        access.forget_ended_access(self._connection, now=now)

    def add_user(self, user: User, *, password_hash: str | None) -> None:
        """Store a user. Raises Conflict."""
        people.add_user(self._connection, user, password_hash=password_hash)

    def has_users(self) -> bool:
        """Whether there is any."""
        return people.has_users(self._connection)

    def users(self) -> list[User]:
        """All, by name."""
        return people.users(self._connection)

    def find_user(self, name: str) -> User | None:
        """The user of this name, active or not."""
        return people.find_user(self._connection, name)

    def find_user_of(self, *, subject: str, email: str | None) -> User | None:
        """Whom a provider knows by the subject; else by the e-mail, unless that user has another subject."""
        return people.find_user_of(self._connection, subject=subject, email=email)

    def save_user(self, user: User) -> None:
        """Write display name, role, scope and whether active."""
        people.save_user(self._connection, user)

    def password_hash(self, user_id: str) -> str | None:
        """What the password is checked with."""
        return people.password_hash(self._connection, user_id)

    def save_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace it."""
        people.save_password_hash(self._connection, user_id, password_hash)

    def count_attempt(self, subject_sha256: str, *, now: datetime, since: datetime) -> int:
        """Count one more log-in attempt and give the number, this one included."""
        return people.count_attempt(self._connection, subject_sha256, now=now, since=since)

    def forgive_attempts(self, subject_sha256: str, *, count: int | None = None) -> None:
        """Take back so many, or all."""
        people.forgive_attempts(self._connection, subject_sha256, count=count)

    def forget_attempts(self, *, before: datetime) -> None:
        """Delete what began to be counted before."""
        people.forget_attempts(self._connection, before=before)
