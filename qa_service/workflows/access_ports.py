"""What the workflows of access need of the store, as a protocol; a part of `ports.Repository`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from qa_service.domain.access import ApiKey, Session, User


class Passwords(Protocol):
    """Hashes that are slow to guess."""

    def hash(self, password: str) -> str:
        """A salted hash that carries its parameters."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is that of the hash; without a hash, False after the same work."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether new hashes are made with other parameters."""


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

    def add_session(self, session: Session, *, session_sha256: str) -> None:
        """Store a page session and its hash."""

    def find_session(self, session_sha256: str) -> Session | None:
        """The session with its user as he or she is now, also one that is over."""

    def touch_session(self, session_sha256: str, *, now: datetime) -> None:
        """Note the last request."""

    def end_sessions_of(self, user_id: str, *, but: str | None = None) -> int:
        """Forget all sessions of a user but the one of this hash; how many there were."""

    def end_session(self, session_sha256: str) -> None:
        """Forget the session, if there is one."""

    def forget_ended_access(self, *, now: datetime) -> None:
        """Delete sessions that are over and log-in tokens that are spent or over."""

    def add_user(self, user: User, *, password_hash: str | None) -> None:
        """Store a user; raises Conflict where the name, the e-mail or the subject is taken."""

    def has_users(self) -> bool:
        """Whether there is any."""

    def users(self) -> list[User]:
        """All, by name."""

    def find_user(self, name: str) -> User | None:
        """The user of this name, active or not."""

    def find_user_of(self, *, subject: str, email: str | None) -> User | None:
        """Whom a provider knows by the subject; else by the e-mail, unless that user has another subject."""

    def save_user(self, user: User) -> None:
        """Write all but name and password; raises Conflict where the e-mail or the subject is taken."""

    def password_hash(self, user_id: str) -> str | None:
        """What the password is checked with; None where there is none."""

    def save_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace it."""

    def count_attempt(self, subject_sha256: str, *, now: datetime, since: datetime) -> int:
        """Count one more log-in attempt and give the number, this one included; counting that began before `since` is over."""

    def forgive_attempts(self, subject_sha256: str, *, count: int | None = None) -> None:
        """Take back so many, or all."""

    def forget_attempts(self, *, before: datetime) -> None:
        """Delete what began to be counted before."""
