"""Who may come in: API keys, one-time log-in links and page sessions. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from qa_service.domain.access import ApiKey, Session, User
from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import EVERYTHING, Principal, Role, Scope
from qa_service.errors import ErrorCode, InvalidInput, NotFound, Unavailable
from qa_service.workflows.acting import UNKNOWN
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

LOGIN_TOKEN_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
KEY_GRACE = timedelta(hours=24)
"""How long a rotated key still opens, so that its program can be given the new one."""
TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept: a write a minute, not one a request."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key; `secret` is shown to its owner once and kept nowhere."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Makes and checks secrets of 256 random bits; a plain SHA-256 is enough for those (nothing to guess)."""

    unit_of_work: UnitOfWork
    clock: Clock
    session_life: timedelta = SESSION_LIFE
    session_idle: timedelta = SESSION_IDLE

    def new_key(self, name: str, *, role: Role = Role.ADMIN) -> str:
        """The secret of a new key that sees everything and has no end: the one of the first start."""
        return self.issue_key(name, role=role).secret

    def issue_key(
        self, name: str, *, role: Role, scope: Scope = EVERYTHING, expires_at: datetime | None = None
    ) -> IssuedKey:
        """Make an API key.

        Raises:
            InvalidInput: it would have ended already.
        """
        now = self.clock.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput(
                "expires_at: lies in the past; give a later time", code=ErrorCode.INVALID_FIELD, field="expires_at"
            )
        key = ApiKey(id=uuid4().hex, name=name, role=role, scope=scope, created_at=now, expires_at=expires_at)
        with self.unit_of_work() as repository:
            audit(repository, AuditEvent.KEY_MADE, now=now, on=_on(key), after=_values(key))
            return _issue(repository, key)

    def rotate_key(self, key_id: str) -> IssuedKey:
        """A new secret for the same program; the old one opens for a day more, or until it would have ended.

        Raises:
            NotFound: no valid key has this id.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            old = next((key for key in repository.api_keys() if key.id == key_id and key.is_valid(now)), None)
            if old is None:
                raise NotFound("no valid key has this id", field="id")
            end = now + KEY_GRACE
            repository.expire_api_key(old.id, at=end if old.expires_at is None else min(end, old.expires_at))
            new = replace(old, id=uuid4().hex, created_at=now, last_used_at=None)
            audit(repository, AuditEvent.KEY_ROTATED, now=now, on=_on(old), after={"new_key": new.id, **_values(new)})
            return _issue(repository, new)

    def keys(self) -> list[ApiKey]:
        """All keys, also revoked ones, oldest first; the keys themselves are not kept."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.api_keys()

    def revoke_key(self, name: str | None = None, *, key_id: str | None = None) -> None:
        """End the validity of the keys of this name, or of the one with this id, at once and for ever.

        Raises:
            NotFound: no valid key has this name or id.
        """
        now = self.clock.now()
        field, value = ("name", name or "") if key_id is None else ("id", key_id)
        with self.unit_of_work() as repository:
            count = repository.revoke_api_keys(name=name, key_id=key_id, now=now)
            if not count:
                raise NotFound(f"no valid key has this {field}", field=field)
            audit(repository, AuditEvent.KEY_REVOKED, now=now, on={f"key_{field}": value}, after={"keys": count})

    def has_keys(self) -> bool:
        """Whether any key exists that is not revoked."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.count_api_keys() > 0

    def key_principal(self, secret: str) -> Principal | None:
        """Who acts with this key; None if it is unknown, revoked or over. Notes the use, to the minute."""
        now = self.clock.now()
        with self.unit_of_work(is_read_only=True) as repository:
            key = repository.find_api_key(_digest(secret))
        if key is None or not key.is_valid(now):
            return None
        if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
            # a busy store must not turn a request away for the sake of this note
            with suppress(Unavailable), self.unit_of_work() as repository:
                repository.touch_api_key(key.id, now=now)
        return key.principal

    def new_login_token(self) -> str:
        """A token that opens the pages once, within an hour."""
        token = secrets.token_urlsafe(SECRET_BYTES)
        now = self.clock.now()
        with self.unit_of_work() as repository:
            repository.add_login_token(token_sha256=_digest(token), expires_at=now + LOGIN_TOKEN_LIFE)
            audit(repository, AuditEvent.LOGIN_LINK_MADE, now=now, on={})
        return token

    def log_in(self, token: str, name: str) -> str | None:
        """Spend a token for a session secret; None if the token is unknown, spent or too old.

        Sessions and tokens that are over are forgotten on the way.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            if not repository.use_login_token(_digest(token), now=now):
                audit(repository, AuditEvent.LOGIN_FAILED, now=now, on={"with": "link"}, by=UNKNOWN)
                return None
            return self.open_session(repository, name=name)

    def open_session(
        self, repository: Repository, *, name: str, user: User | None = None, way: str = "password"
    ) -> str:
        """Begin a session with a secret of its own, in a transaction at hand; sessions and tokens that are over go.

        Args:
            repository: of the transaction.
            name: who signs.
            user: whose session it is; None: whoever opened a one-time link.
            way: how the user logged in.
        """
        now = self.clock.now()
        repository.forget_ended_access(now=now)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        session = Session(name=name, user=user, expires_at=now + self.session_life, last_seen_at=now)
        repository.add_session(session, session_sha256=_digest(secret))
        way, role = (way, user.role) if user else ("link", Role.ADMIN)
        audit(repository, AuditEvent.LOGGED_IN, now=now, on={"with": way}, by=name, role=role)
        return secret

    def log_out(self, session: str) -> None:
        """End a session; its cookie is worth nothing from then on."""
        with self.unit_of_work() as repository:
            self.end_session(repository, session)
            audit(repository, AuditEvent.LOGGED_OUT, now=self.clock.now(), on={})

    def end_session(self, repository: Repository, secret: str) -> None:
        """The same in a transaction at hand."""
        repository.end_session(_digest(secret))

    def end_other_sessions(self, repository: Repository, user: User, secret: str) -> int:
        """End all sessions of the user but this one, in a transaction at hand; how many there were."""
        return repository.end_sessions_of(user.id, but=_digest(secret))

    def session(self, secret: str) -> Session | None:
        """The session of this secret; None if it is unknown or over. Notes the request, to the minute.

        A user's session is over, too, when nobody worked in it for a while. That of the one-time link is not: another
        link would have to be made on the machine.
        """
        now = self.clock.now()
        with self.unit_of_work(is_read_only=True) as repository:
            session = repository.find_session(_digest(secret))
        if session is None or now >= session.expires_at:
            return None
        if session.user is not None and (not session.user.is_active or now - session.last_seen_at > self.session_idle):
            return None
        if now - session.last_seen_at >= TOUCH_EVERY:
            with suppress(Unavailable), self.unit_of_work() as repository:
                repository.touch_session(_digest(secret), now=now)
        return session


def _issue(repository: Repository, key: ApiKey) -> IssuedKey:
    secret = "qas_" + secrets.token_urlsafe(SECRET_BYTES)
    repository.add_api_key(key, key_sha256=_digest(secret))
    return IssuedKey(key=key, secret=secret)


def _on(key: ApiKey) -> dict[str, str]:
    return {"key_id": key.id, "key_name": key.name}


def _values(key: ApiKey) -> dict[str, object]:
    """What a key opens, and until when."""
    return {
        "role": key.role.value,
        "scope": key.scope.limits,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
