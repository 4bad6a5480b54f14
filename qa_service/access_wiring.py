"""Builds what decides who comes in. Passwords are checked at most two at a time in a process, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from qa_service.passwords import ArgonPasswords
from qa_service.settings import Settings
from qa_service.workflows.access import Access
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.people import People
from qa_service.workflows.ports import Clock, UnitOfWork


def build_access(settings: Settings, unit_of_work: UnitOfWork, clock: Clock) -> Access:
    """Keys, one-time links, sessions."""
    return Access(
        unit_of_work=unit_of_work,
        clock=clock,
        session_life=timedelta(hours=settings.session_hours),
        session_idle=timedelta(minutes=settings.session_idle_minutes),
    )


def build_people(access: Access) -> People:
    """Users, over the same store."""
    return People(unit_of_work=access.unit_of_work, clock=access.clock, passwords=_passwords())


def build_log_in(access: Access) -> LogIn:
    """Names and passwords, over the same store."""
    return LogIn(unit_of_work=access.unit_of_work, clock=access.clock, passwords=_passwords(), access=access)


@lru_cache(maxsize=1)
def _passwords() -> ArgonPasswords:
    return ArgonPasswords()
