"""Logging in with a name and a password: how often one may try, and what nobody learns by trying."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.access import User
from qa_service.domain.audit import AuditEvent
from qa_service.workflows.access import Access
from qa_service.workflows.access_ports import Passwords
from qa_service.workflows.acting import UNKNOWN
from qa_service.workflows.attempts import count_attempt, forgive_attempts
from qa_service.workflows.audit import audit
from qa_service.workflows.people import clean_password, clean_user_name
from qa_service.workflows.ports import Clock, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Checks name and password."""

    unit_of_work: UnitOfWork
    clock: Clock
    passwords: Passwords
    access: Access

    def log_in(self, name: str, password: str, *, address: str, before: str | None = None) -> str | None:
        """The secret of a new session; None if there is no such user with this password, for whatever reason.

        Args:
            name: as typed.
            password: as typed.
            address: where the attempt comes from.
            before: secret of the session in which it was made, which ends.

        Raises:
            NotPermitted: (`too_many_attempts`) too many failed with this name or from this address. Neither this nor the
                time that an answer takes tells whether there is such a user.
        """
        name = clean_user_name(name)
        count_attempt(self.unit_of_work, now=self.clock.now(), address=address, name=name)
        with self.unit_of_work(is_read_only=True) as repository:
            user = repository.find_user(name)
            password_hash = repository.password_hash(user.id) if user and user.is_active else None
        password = clean_password(password)
        if not self.passwords.verify(password_hash, password) or user is None or password_hash is None:
            self._note_failure(user)
            return None
        return self._open(user, password_hash, password, address=address, before=before)

    def _note_failure(self, user: User | None) -> None:
        # a name that nobody has is left out: people type passwords into its field
        on = {"with": "password"} | ({"user": user.name} if user else {})
        with self.unit_of_work() as repository:
            audit(repository, AuditEvent.LOGIN_FAILED, now=self.clock.now(), on=on, by=UNKNOWN)

    def _open(self, user: User, password_hash: str, password: str, *, address: str, before: str | None) -> str | None:
        renewed = self.passwords.hash(password) if self.passwords.is_outdated(password_hash) else None
        with self.unit_of_work() as repository:
            # the password may have been changed, or the user shut out, while this one was checked
            now = repository.find_user(user.name)
            if now is None or not now.is_active or repository.password_hash(user.id) != password_hash:
                return None
            forgive_attempts(repository, address=address, name=user.name)
            if renewed is not None:
                repository.save_password_hash(user.id, renewed)
            if before is not None:
                self.access.end_session(repository, before)
            return self.access.open_session(repository, name=user.name, user=now)
