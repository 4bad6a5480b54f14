"""Builds what decides who comes in. Passwords are checked at most two at a time in a process, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from qa_service.delivery import HostFetcher
from qa_service.oidc import OidcProvider
from qa_service.passwords import ArgonPasswords
from qa_service.settings import Settings
from qa_service.workflows.access import Access
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.log_in_oidc import OidcLogIn
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


def build_log_in_oidc(settings: Settings, access: Access) -> OidcLogIn | None:
    """Log-in at the identity provider, over the same store; None where none is set."""
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if issuer is None or client_id is None or secret is None:
        return None
    provider = OidcProvider(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value(),
        fetch=HostFetcher(issuer, allow_private=settings.oidc_allow_private),
    )
    return OidcLogIn(unit_of_work=access.unit_of_work, clock=access.clock, access=access, provider=provider)


@lru_cache(maxsize=1)
def _passwords() -> ArgonPasswords:
    return ArgonPasswords()
