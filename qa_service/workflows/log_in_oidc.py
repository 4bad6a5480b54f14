"""Logging in at the organisation's identity provider, as a user who is known here already."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from qa_service.domain.access import User
from qa_service.domain.audit import AuditEvent
from qa_service.domain.oidc import Identity, LogInRefused, Proof, Refusal
from qa_service.workflows.access import Access
from qa_service.workflows.acting import UNKNOWN
from qa_service.workflows.attempts import count_attempt, forgive_attempts
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

WAY = "oidc"
"""How it is called in the audit log."""
STEPS = 2
"""Attempts that one log-in counts: when it begins and when it comes back, as each of them calls the provider."""
SECRET_BYTES = 32


class IdentityProvider(Protocol):
    """Vouches for people."""

    def authorization_url(self, proof: Proof, *, redirect_uri: str) -> str:
        """Where the browser goes to log in. Raises LogInRefused."""

    def identify(self, code: str, proof: Proof, *, redirect_uri: str, now: datetime) -> Identity:
        """Whom a code stands for. Raises LogInRefused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A log-in that was begun: `secret` is for the browser to keep, `url` is where it goes."""

    secret: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogIn:
    """Lets users in whom the provider vouches for. It makes no user, and gives no role: an administrator does."""

    unit_of_work: UnitOfWork
    clock: Clock
    access: Access
    provider: IdentityProvider

    def begin(self, *, address: str, redirect_uri: str) -> Begun:
        """Send the browser to the provider.

        Args:
            address: where the attempt comes from.
            redirect_uri: where the provider sends the browser back to.

        Raises:
            NotPermitted: (`too_many_attempts`) too many failed from this address.
            LogInRefused: the provider does not answer as it should.
        """
        count_attempt(self.unit_of_work, now=self.clock.now(), address=address)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        try:
            url = self.provider.authorization_url(Proof.of(secret), redirect_uri=redirect_uri)
        except LogInRefused as refused:
            self._note_refusal(refused)
            raise
        return Begun(secret=secret, url=url)

    def finish(
        self, *, secret: str | None, state: str, code: str, address: str, redirect_uri: str, before: str | None = None
    ) -> str:
        """The secret of a new session of the user whom the provider vouches for.

        Args:
            secret: what the browser kept from the beginning, if it did.
            state: as it came back.
            code: as it came back; empty where the provider says that nobody logged in.
            address: where the attempt comes from.
            redirect_uri: as at the beginning.
            before: secret of the session in which it was made, which ends.

        Raises:
            NotPermitted: (`too_many_attempts`) too many failed from this address.
            LogInRefused: nobody is let in, for the reason that it carries.
        """
        count_attempt(self.unit_of_work, now=self.clock.now(), address=address)
        try:
            identity = self._identify(secret, state=state, code=code, redirect_uri=redirect_uri)
        except LogInRefused as refused:
            self._note_refusal(refused)
            raise
        with self.unit_of_work() as repository:
            found = _user_of(repository, identity)
            if isinstance(found, User) and found.is_active:
                forgive_attempts(repository, address=address, count=STEPS)
                if before is not None:
                    self.access.end_session(repository, before)
                return self.access.open_session(repository, name=found.name, user=found, way=WAY)
            reason = Refusal.INACTIVE if isinstance(found, User) else found
            self._note_failure(repository, reason, found if isinstance(found, User) else None)
        raise LogInRefused(reason)

    def _identify(self, secret: str | None, *, state: str, code: str, redirect_uri: str) -> Identity:
        proof = None if secret is None else Proof.of(secret)
        if proof is None or not hmac.compare_digest(state.encode(), proof.state.encode()):
            raise LogInRefused(Refusal.STATE)
        if not code:
            raise LogInRefused(Refusal.DENIED)
        return self.provider.identify(code, proof, redirect_uri=redirect_uri, now=self.clock.now())

    def _note_refusal(self, refused: LogInRefused) -> None:
        with self.unit_of_work() as repository:
            self._note_failure(repository, refused.reason)

    def _note_failure(self, repository: Repository, reason: Refusal, user: User | None = None) -> None:
        on = {"with": WAY, "why": reason.value} | ({"user": user.name} if user else {})
        audit(repository, AuditEvent.LOGIN_FAILED, now=self.clock.now(), on=on, by=UNKNOWN)


def _user_of(repository: Repository, identity: Identity) -> User | Refusal:
    user = repository.find_user_of(subject=identity.subject, email=identity.email)
    if user is not None:
        return user
    return Refusal.EMAIL_UNVERIFIED if identity.has_unverified_email else Refusal.NO_USER
