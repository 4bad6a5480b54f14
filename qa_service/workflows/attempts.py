"""How often one may try to log in. Counts are in the store, so that all processes share them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from qa_service.errors import ErrorCode, NotPermitted
from qa_service.workflows.ports import Repository, UnitOfWork

ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_A_NAME = 10
"""Failed ones within the window; then the name is shut, so that nobody can try a list of passwords."""
ATTEMPTS_AN_ADDRESS = 50
"""The same from one address, so that nobody can try a password on a list of names; a whole office may share one."""


def count_attempt(unit_of_work: UnitOfWork, *, now: datetime, address: str, name: str | None = None) -> None:
    """Count one attempt from the address, and with the name if one was given.

    Raises:
        NotPermitted: (`too_many_attempts`) too many failed with this name or from this address.
    """
    since = now - ATTEMPT_WINDOW
    with unit_of_work() as repository:
        repository.forget_attempts(before=since)
        of_name = 0 if name is None else repository.count_attempt(_name(name), now=now, since=since)
        of_address = repository.count_attempt(_address(address), now=now, since=since)
    if of_name > ATTEMPTS_A_NAME or of_address > ATTEMPTS_AN_ADDRESS:
        raise NotPermitted(
            "too many attempts: wait a quarter of an hour and try again", code=ErrorCode.TOO_MANY_ATTEMPTS
        )


def forgive_attempts(repository: Repository, *, address: str, count: int = 1, name: str | None = None) -> None:
    """Take back what led to a session: all attempts with the name, so many from the address."""
    if name is not None:
        repository.forgive_attempts(_name(name))
    repository.forgive_attempts(_address(address), count=count)


def _name(name: str) -> str:
    # hashed, as people type passwords into the field of the name
    return hashlib.sha256(f"name {name}".encode()).hexdigest()


def _address(address: str) -> str:
    return hashlib.sha256(f"address {address}".encode()).hexdigest()
