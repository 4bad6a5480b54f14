"""API keys as they are kept: never the secret. Owns no decision about what a role may do (`identity`)."""

from __future__ import annotations

from dataclasses import dataclass
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
