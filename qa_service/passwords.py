"""Hashes of passwords: argon2id. Owns no user and no rule of what a password must be (`workflows.people`)."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE = 2
"""Each takes 64 MiB and some 50 ms of all cores; more at once would let log-ins starve the chats."""

DEFAULT_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""Source: RFC 9106, section 4, second recommended option (3 passes, 64 MiB, 4 lanes)."""


class ArgonPasswords:
    """Checks take the same time whether there is a hash or not."""

    def __init__(self, hasher: PasswordHasher = DEFAULT_HASHER) -> None:
        self._hasher = hasher
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """A salted hash that carries its parameters."""
        with self._places:
            return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is that of the hash; without a hash, False after the same work."""
        unknown = self._hash_of_nobody
        with self._places:
            try:
                return self._hasher.verify(password_hash or unknown, password) and password_hash is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(password_hash)

    @cached_property
    def _hash_of_nobody(self) -> str:
        return self.hash(secrets.token_urlsafe())
