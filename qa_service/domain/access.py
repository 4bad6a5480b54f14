"""API keys, users and page sessions as they are kept: never a secret. Owns no decision about what a role may do (`identity`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from qa_service.domain.identity import Principal, Role, Scope

KEY_PREFIX = "key:"
"""Begins the name of a program, so that no person is taken for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is kept of an API key beside its hash.

    `expires_at` is None for a key without an end, `last_used_at` for one that was never used (it is kept to the
    minute), `revoked_at` for one that was not taken back.
    """

    id: str
    name: str
    role: Role
    scope: Scope
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def principal(self) -> Principal:
        """Who acts with it."""
        return Principal(name=KEY_PREFIX + self.name, role=self.role, scope=self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who logs in with a name and a password, or at the identity provider.

    `name` never changes, for it signs what the person decided. `email` (as `oidc.clean_email` gives it) and `subject`
    (the provider's id of the person, which goes before the e-mail) are how the provider knows the person, None where it
    does not. One who is not active cannot log in. `only_assigned`: of the rows in scope only chats assigned to the person.
    """

    id: str
    name: str
    display_name: str
    role: Role
    scope: Scope
    is_active: bool
    has_password: bool
    created_at: datetime
    email: str | None = None
    subject: str | None = None
    only_assigned: bool = False

    @property
    def may_log_in(self) -> bool:
        """Whether there is any way in."""
        return self.is_active and (self.has_password or self.email is not None or self.subject is not None)

    @property
    def principal(self) -> Principal:
        """Who acts."""
        scope = replace(self.scope, assigned_to=self.name) if self.only_assigned else self.scope
        return Principal(name=self.name, role=self.role, scope=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of the pages: a user's, or that of whoever opened the one-time link (`user` is None).

    `last_seen_at` is kept to the minute.
    """

    name: str
    user: User | None
    expires_at: datetime
    last_seen_at: datetime
