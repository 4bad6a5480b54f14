"""What people change about themselves: the own password, and sessions left open elsewhere. Owns no rights (`people`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.access import User
from qa_service.domain.audit import AuditEvent
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.workflows.attempts import count_attempt, forgive_attempts
from qa_service.workflows.audit import audit
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.people import clean_password, valid_password


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """Of whoever is logged in as a user; `door` is how passwords are checked and how often one may try."""

    door: LogIn

    def change_password(self, user: User, old: str, new: str, *, address: str, session: str) -> bool:
        """Take a new password for the old one; all other sessions of the user end. False if the old one is not right.

        Args:
            user: whose.
            old: as typed.
            new: as typed.
            address: where the attempt comes from.
            session: secret of the session in which it is made, which goes on.

        Raises:
            InvalidInput: the new one cannot be a password, or is the old one.
            NotPermitted: (`too_many_attempts`) too many tried the name's password, or failed from this address.
        """
        new = valid_password(new, name=user.name)
        if new == clean_password(old):
            raise InvalidInput("password: take another one", code=ErrorCode.INVALID_FIELD, field="password")
        count_attempt(self.door.unit_of_work, now=self.door.clock.now(), address=address, name=user.name)
        with self.door.unit_of_work(is_read_only=True) as repository:
            password_hash = repository.password_hash(user.id)
        if not self.door.passwords.verify(password_hash, clean_password(old)):
            self._note_failure(user)
            return False
        return self._save(user, password_hash, self.door.passwords.hash(new), address=address, session=session)

    def end_other_sessions(self, user: User, session: str) -> int:
        """Log the user out everywhere but in this session; how many sessions there were."""
        with self.door.unit_of_work() as repository:
            ended = self.door.access.end_other_sessions(repository, user, session)
            now, after = self.door.clock.now(), {"sessions": ended}
            audit(repository, AuditEvent.SESSIONS_ENDED, now=now, on={"user": user.name}, after=after)
        return ended

    def _note_failure(self, user: User) -> None:
        on = {"with": "old_password", "user": user.name}
        with self.door.unit_of_work() as repository:
            audit(repository, AuditEvent.LOGIN_FAILED, now=self.door.clock.now(), on=on)

    def _save(self, user: User, old_hash: str | None, new_hash: str, *, address: str, session: str) -> bool:
        with self.door.unit_of_work() as repository:
            if repository.password_hash(user.id) != old_hash:  # somebody gave another one while this was checked
                return False
            forgive_attempts(repository, address=address, name=user.name)
            repository.save_password_hash(user.id, new_hash)
            ended = self.door.access.end_other_sessions(repository, user, session)
            now, after = self.door.clock.now(), {"password": "new", "sessions": ended}
            audit(repository, AuditEvent.USER_CHANGED, now=now, on={"user": user.name}, after=after)
        return True
