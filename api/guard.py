"""Which permission a route needs, stated beside it, and the check before a byte of the body is read.

A route that states nothing is open to nobody. Owns no role (`qa_service.domain.identity`) and no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.rates import Rates
from api.repeats import lists_of, refuse_repeats
from qa_service.domain.identity import Permission, Principal
from qa_service.domain.review import Decision
from qa_service.errors import ErrorCode, NotPermitted
from qa_service.workflows.acting import identify


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks of whoever calls it: one of these permissions, or just to be known if there are none.

    `everything`: it is about all shops together, so a narrower scope is refused.
    The route class reads it; called as a dependency it does nothing.
    """

    permissions: tuple[Permission, ...] = ()
    is_open: bool = False
    everything: bool = False

    def __call__(self) -> None:
        """Nothing is left to do: the caller was let in before."""


def needs(*permissions: Permission, everything: bool = False) -> Dependency:
    """For `dependencies=[needs(Permission.READ)]`: who holds one of these is let in; where several stand, all count.

    With `everything` only whoever sees all shops, for what is of no single one.
    """
    return Dependency(Needs(permissions, everything=everything))


SIGNED_IN = needs()
"""Whoever is known, whatever the role."""

OPEN = Dependency(Needs(is_open=True))
"""Everybody, also the unknown."""


class GuardedRoute(APIRoute):
    """A route that first finds out who calls, and refuses who may not; `request.state.principal` says who it is."""

    def identify(self, request: Request) -> Principal:
        """Who calls; runs in a thread.

        Raises:
            NotPermitted: (`not_authenticated`) nobody that is known.
        """
        raise NotImplementedError

    @property
    def stated(self) -> list[Needs]:
        """What the route states that it needs; nothing where that was forgotten."""
        return [part.dependency for part in self.dependencies if isinstance(part.dependency, Needs)]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of the framework."""
        handle = super().get_route_handler()
        lists = lists_of(self.dependant)

        async def handle_admitted(request: Request) -> Response:
            await self._admit(request)
            refuse_repeats(request, lists)
            return await handle(request)

        return handle_admitted

    async def _admit(self, request: Request) -> None:
        stated = self.stated
        rates: Rates = request.app.state.rates
        address = request.client.host if request.client else ""
        if stated and all(part.is_open for part in stated):
            rates.unknown.take(address)
            return
        try:
            principal = await run_in_threadpool(self.identify, request)
        except NotPermitted:
            rates.unknown.take(address)  # whoever is let in pays for no stranger behind the same address
            raise
        rates.known.take(principal.name)
        request.state.principal = principal
        identify(principal)
        if not stated:
            raise NotPermitted("this address states no permission: it is open to nobody", code=ErrorCode.NOT_PERMITTED)
        for part in stated:
            if part.permissions and not any(map(principal.may, part.permissions)):
                principal.require(part.permissions[0])
            if part.everything:
                principal.scope.require_everything()


def principal_of(request: Request) -> Principal:
    """Whoever calls, as the route found out.

    Raises:
        NotPermitted: (`not_authenticated`) the route is open to all and did not ask.
    """
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is None:
        raise NotPermitted("nobody is logged in", code=ErrorCode.NOT_AUTHENTICATED)
    return principal


def permission_for(decision: Decision) -> Permission:
    """What a verdict needs: asking for a second look is not deciding."""
    return Permission.APPEAL if decision is Decision.APPEAL else Permission.DECIDE


CurrentPrincipal = Annotated[Principal, Depends(principal_of)]
