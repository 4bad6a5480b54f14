"""Who works here: users, what they may do, their passwords. Owns no session (`access`) and no log-in (`log_in`)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from uuid import uuid4

from qa_service.domain.access import User
from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import EVERYTHING, Role, Scope
from qa_service.domain.oidc import LONGEST_EMAIL, LONGEST_SUBJECT, clean_email, is_subject
from qa_service.errors import ErrorCode, InvalidInput, NotFound
from qa_service.workflows.access_ports import Passwords
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
"""Characters. Length is what makes a password hard to guess; there is no rule about kinds of characters.

Source: NIST SP 800-63B, 5.1.1.2.
"""
FEWEST_CHARACTERS = 6
"""Different ones in a password."""
LONGEST_NAME = 64
_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")


def clean_user_name(text: str) -> str:
    """The name as it is stored and compared: compatibility forms and case folded, so that no two look the same."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def clean_password(text: str) -> str:
    """The password as it is hashed: the same on keyboards that write the same character differently."""
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Adds and changes users. What a user may do changes at once: every change that takes a right away ends sessions."""

    unit_of_work: UnitOfWork
    clock: Clock
    passwords: Passwords

    def add(
        self,
        name: str,
        *,
        role: Role,
        display_name: str = "",
        scope: Scope = EVERYTHING,
        password: str | None = None,
        email: str = "",
        subject: str = "",
        only_assigned: bool = False,
    ) -> User:
        """A new user; without a password, an e-mail or a subject the user cannot log in yet.

        Raises:
            InvalidInput: a name, a password, an e-mail or a subject that cannot be one.
            Conflict: somebody has the name, the e-mail or the subject.
        """
        name = _valid_name(name)
        password_hash = None if password is None else self.passwords.hash(valid_password(password, name=name))
        user = User(
            id=uuid4().hex,
            name=name,
            display_name=display_name.strip() or name,
            role=role,
            scope=scope,
            is_active=True,
            has_password=password_hash is not None,
            created_at=self.clock.now(),
            email=_valid_email(email),
            subject=_valid_subject(subject),
            only_assigned=only_assigned,
        )
        with self.unit_of_work() as repository:
            repository.add_user(user, password_hash=password_hash)
            audit(repository, AuditEvent.USER_MADE, now=user.created_at, on=_on(user), after=_values(user))
        return user

    def exist(self) -> bool:
        """Whether there is anybody who could log in with a name."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.has_users()

    def listing(self) -> list[User]:
        """All, by name."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.users()

    def change(
        self,
        name: str,
        *,
        display_name: str | None = None,
        role: Role | None = None,
        scope: Scope | None = None,
        is_active: bool | None = None,
        password: str | None = None,
        email: str | None = None,
        subject: str | None = None,
        only_assigned: bool | None = None,
    ) -> User:
        """Change what is given; an empty e-mail or subject takes it away.

        Another role, scope (`only_assigned` too), activity, password, e-mail or subject ends all sessions of the user.

        Raises:
            NotFound: no such user.
            InvalidInput: a password, an e-mail or a subject that cannot be one.
            Conflict: somebody has the e-mail or the subject.
        """
        name = clean_user_name(name)
        password_hash = None if password is None else self.passwords.hash(valid_password(password, name=name))
        with self.unit_of_work() as repository:
            old = repository.find_user(name)
            if old is None:
                raise NotFound("there is no user of this name", field="name")
            new = replace(
                old,
                display_name=old.display_name if display_name is None else display_name.strip() or old.name,
                role=old.role if role is None else role,
                scope=old.scope if scope is None else scope,
                is_active=old.is_active if is_active is None else is_active,
                has_password=old.has_password or password_hash is not None,
                email=old.email if email is None else _valid_email(email),
                subject=old.subject if subject is None else _valid_subject(subject),
                only_assigned=old.only_assigned if only_assigned is None else only_assigned,
            )
            repository.save_user(new)
            if password_hash is not None:
                repository.save_password_hash(old.id, password_hash)
            if password_hash is not None or replace(new, display_name=old.display_name) != old:
                repository.end_sessions_of(old.id)
            self._note_change(repository, old, new, has_new_password=password_hash is not None)
        return new

    def _note_change(self, repository: Repository, old: User, new: User, *, has_new_password: bool) -> None:
        after = _values(new) | ({"password": "new"} if has_new_password else {})
        now = self.clock.now()
        audit(repository, AuditEvent.USER_CHANGED, now=now, on=_on(old), before=_values(old), after=after)


def _on(user: User) -> dict[str, str]:
    return {"user": user.name}


def _values(user: User) -> dict[str, object]:
    return {
        "display_name": user.display_name,
        "role": user.role.value,
        "scope": user.scope.limits,
        "only_assigned": user.only_assigned,
        "is_active": user.is_active,
        "email": user.email,
        "subject": user.subject,
    }


def _valid_name(name: str) -> str:
    name = clean_user_name(name)
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"name: take up to {LONGEST_NAME} letters, digits, dots, hyphens, underscores or @, a letter or digit first",
            code=ErrorCode.INVALID_FIELD,
            field="name",
        )
    return name


def _valid_email(text: str) -> str | None:
    if not text.strip():
        return None
    email = clean_email(text)
    if email is None:
        raise InvalidInput(
            f"email: take an address like name@example.com, up to {LONGEST_EMAIL} characters",
            code=ErrorCode.INVALID_FIELD,
            field="email",
        )
    return email


def _valid_subject(text: str) -> str | None:
    text = text.strip()
    if text and not is_subject(text):
        raise InvalidInput(
            f"subject: take up to {LONGEST_SUBJECT} printable characters", code=ErrorCode.INVALID_FIELD, field="subject"
        )
    return text or None


def valid_password(password: str, *, name: str) -> str:
    """The password of this user as it is hashed.

    Raises:
        InvalidInput: too short, too long or too easy to guess.
    """
    password = clean_password(password)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"password: take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            code=ErrorCode.INVALID_FIELD,
            field="password",
        )
    if len(set(password)) < FEWEST_CHARACTERS or (len(name) > 3 and name in password.casefold()):
        raise InvalidInput(
            "password: too easy to guess; take more different characters, and not the name",
            code=ErrorCode.INVALID_FIELD,
            field="password",
        )
    return password
