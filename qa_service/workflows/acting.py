"""Who acts now, and in which request. Set once at the edge of the process, read where an act is written down.

It travels with the context of the thread or task and not through every signature: the log then names whoever was
let in, and no caller can pass another name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from qa_service.domain.identity import Principal

SYSTEM = "system"
"""Signs what no person and no program asked for, such as the demotion of a rule."""

UNKNOWN = "unknown"
"""Signs what somebody did who was not let in."""


@dataclass(slots=True, kw_only=True)
class Act:
    """One request or command. The principal is filled in once it is known, also from a thread of the same request."""

    request_id: str | None = None
    address: str | None = None
    principal: Principal | None = None


_ACT: ContextVar[Act] = ContextVar("qa_act")


@contextmanager
def begin_act(
    *, request_id: str | None = None, address: str | None = None, principal: Principal | None = None
) -> Iterator[Act]:
    """All that is done in the block belongs to this act."""
    act = Act(request_id=request_id, address=address, principal=principal)
    token = _ACT.set(act)
    try:
        yield act
    finally:
        _ACT.reset(token)


def identify(principal: Principal) -> None:
    """Say who acts, once it is known. Raises LookupError outside of an act."""
    _ACT.get().principal = principal


def current_act() -> Act:
    """The act at hand; the system's where none was begun."""
    return _ACT.get(None) or Act()


def acting_name() -> str:
    """Who signs what is done now."""
    principal = current_act().principal
    return principal.name if principal else SYSTEM
