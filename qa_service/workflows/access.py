"""Who may come in: API keys, one-time log-in links and page sessions. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from qa_service.domain.records import ApiKey
from qa_service.errors import NotFound
from qa_service.workflows.ports import Clock, UnitOfWork

LOGIN_TOKEN_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(hours=12)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Makes and checks secrets of 256 random bits; a plain SHA-256 is enough for those (nothing to guess)."""

    unit_of_work: UnitOfWork
    clock: Clock

    def new_key(self, name: str) -> str:
        """A new API key, shown here once and never again."""
        key = "qas_" + secrets.token_urlsafe(SECRET_BYTES)
        with self.unit_of_work() as repository:
            repository.add_api_key(name=name, key_sha256=_digest(key), now=self.clock.now())
        return key

    def keys(self) -> list[ApiKey]:
        """All keys, also revoked ones, oldest first; the keys themselves are not kept."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.api_keys()

    def revoke_key(self, name: str) -> None:
        """End the validity of the keys of this name, at once and for ever.

        Raises:
            NotFound: no valid key has this name.
        """
        with self.unit_of_work() as repository:
            if not repository.revoke_api_keys(name, now=self.clock.now()):
                raise NotFound("no valid key has this name", field="name")

    def has_keys(self) -> bool:
        """Whether any valid key exists."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.count_api_keys() > 0

    def verify_key(self, key: str) -> bool:
        """Whether the key is known and not revoked."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.has_api_key(_digest(key))

    def new_login_token(self) -> str:
        """A token that opens the pages once, within an hour."""
        token = secrets.token_urlsafe(SECRET_BYTES)
        with self.unit_of_work() as repository:
            repository.add_login_token(token_sha256=_digest(token), expires_at=self.clock.now() + LOGIN_TOKEN_LIFE)
        return token

    def log_in(self, token: str, name: str) -> str | None:
        """Spend a token for a session secret; None if the token is unknown, spent or too old.

        Sessions and tokens that are over are forgotten on the way.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            if not repository.use_login_token(_digest(token), now=now):
                return None
            repository.forget_ended_access(now=now)
            session = secrets.token_urlsafe(SECRET_BYTES)
            repository.add_session(session_sha256=_digest(session), name=name, expires_at=now + SESSION_LIFE)
            return session

    def log_out(self, session: str) -> None:
        """End a session; its cookie is worth nothing from then on."""
        with self.unit_of_work() as repository:
            repository.end_session(_digest(session))

    def session_name(self, session: str) -> str | None:
        """Who the session belongs to; None if it is unknown or too old."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.session_name(_digest(session), now=self.clock.now())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
