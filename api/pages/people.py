"""People and keys: who may come in, and as what. A new key is shown once, in the answer to the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import Id, ServicesDep
from api.guard import needs
from api.pages.rendering import PageRoute, render
from api.pages.session import PostingViewer
from api.schemas.base import Name
from qa_service.domain.identity import Permission, Role, Scope
from qa_service.errors import Conflict, ErrorCode, InvalidInput
from qa_service.workflows.access import IssuedKey

MANAGE = needs(Permission.MANAGE_ACCESS, everything=True)

router = APIRouter(route_class=PageRoute)

PAGE = "/people"
NOTICES = {
    "name": "bad_name",
    "password": "bad_password",
    "expires_at": "bad_end",
    "email": "bad_email",
    "subject": "bad_subject",
}
"""Field of an error → what the page says about it."""

Text = Annotated[str, Form(max_length=200, pattern=r"^[^\x00]*$")]
Identity = Annotated[str, Form(max_length=400, pattern=r"^[^\x00]*$")]
Rows = Annotated[str, Form(max_length=10_000, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a form gives to a person or a key; `only_assigned` is of persons."""

    role: Role
    scope: Scope
    only_assigned: bool


def rights_of(
    role: Annotated[Role, Form()],
    shops: Rows = "",
    groups: Rows = "",
    agent_ids: Rows = "",
    only_assigned: Annotated[bool, Form()] = False,
) -> Rights:
    """Read the fields: ids apart by commas, nothing for all."""
    scope = Scope(shops=_ids(shops), groups=_ids(groups), agent_ids=_ids(agent_ids))
    return Rights(role=role, scope=scope, only_assigned=only_assigned)


RightsDep = Annotated[Rights, Depends(rights_of)]


@router.get("/people", dependencies=[MANAGE])
def show_people(request: Request, services: ServicesDep) -> Response:
    """All users and keys."""
    return _page(request, services)


@router.post("/people", dependencies=[MANAGE])
def add_person(
    *,
    request: Request,
    services: ServicesDep,
    viewer: PostingViewer,
    rights: RightsDep,
    name: Text = "",
    display_name: Text = "",
    password: Text = "",
    email: Identity = "",
    subject: Identity = "",
) -> Response:
    """Add a user; without a password, an e-mail or a subject the user cannot log in yet."""
    added = partial(
        services.people.add,
        name,
        role=rights.role,
        display_name=display_name,
        scope=rights.scope,
        password=password or None,
        email=email,
        subject=subject,
        only_assigned=rights.only_assigned,
    )
    return _after(added, request, services)


@router.post("/people/{name}", dependencies=[MANAGE])
def change_person(
    *,
    request: Request,
    services: ServicesDep,
    viewer: PostingViewer,
    name: Name,
    rights: RightsDep,
    display_name: Text = "",
    is_active: Annotated[bool, Form()] = False,
    email: Identity = "",
    subject: Identity = "",
) -> Response:
    """Give what the form says; sessions end where a right changes."""
    changed = partial(
        services.people.change,
        name,
        role=rights.role,
        display_name=display_name,
        scope=rights.scope,
        is_active=is_active,
        email=email,
        subject=subject,
        only_assigned=rights.only_assigned,
    )
    return _after(changed, request, services)


@router.post("/people/{name}/password", dependencies=[MANAGE])
def set_password(
    request: Request, services: ServicesDep, viewer: PostingViewer, name: Name, password: Text = ""
) -> Response:
    """Give a new password; sessions end."""
    return _after(partial(services.people.change, name, password=password), request, services)


@router.post("/keys", dependencies=[MANAGE])
def make_key(
    *,
    request: Request,
    services: ServicesDep,
    viewer: PostingViewer,
    rights: RightsDep,
    name: Annotated[str, Form(min_length=1, max_length=80, pattern=r"^[^\x00]*$")],
    days: Annotated[int | None, Form(ge=1, le=3650)] = None,
) -> Response:
    """Make a key and show it, this once."""
    end = None if days is None else services.clock.now() + timedelta(days=days)
    issued = services.access.issue_key(name, role=rights.role, scope=rights.scope, expires_at=end)
    return _page(request, services, issued=issued)


@router.post("/keys/{key_id}/rotate", dependencies=[MANAGE])
def rotate_key(request: Request, services: ServicesDep, viewer: PostingViewer, key_id: Id) -> Response:
    """Make another with the same rights and show it, this once."""
    return _page(request, services, issued=services.access.rotate_key(key_id))


@router.post("/keys/{key_id}/revoke", dependencies=[MANAGE])
def revoke_key(services: ServicesDep, viewer: PostingViewer, key_id: Id) -> Response:
    """It opens nothing any more."""
    services.access.revoke_key(key_id=key_id)
    return RedirectResponse(PAGE + "#keys", status_code=303)


def _page(
    request: Request,
    services: ServicesDep,
    *,
    issued: IssuedKey | None = None,
    notice: str = "",
    status: int = 200,
) -> Response:
    now = services.clock.now()
    return render(
        request,
        "people.html",
        status=status,
        address=PAGE,
        users=services.people.listing(),
        keys=[(key, key.is_valid(now)) for key in reversed(services.access.keys())],
        roles=list(Role),
        has_provider=services.log_in_oidc is not None,
        issued=issued,
        notice=notice,
        zone=ZoneInfo(services.settings.report_zone),
    )


def _after(act: Callable[[], object], request: Request, services: ServicesDep) -> Response:
    """Back to the page; what the act refuses is said on it."""
    try:
        act()
    except (InvalidInput, Conflict) as error:
        is_taken = error.code is ErrorCode.CONFLICT
        notice = "taken" if is_taken else NOTICES.get(error.field or "")
        if notice is None:
            raise
        return _page(request, services, notice=notice, status=409 if is_taken else 422)
    return RedirectResponse(PAGE, status_code=303)


def _ids(text: str) -> frozenset[str] | None:
    """`a, b，c` → three; nothing → no limit."""
    ids = frozenset(part.strip() for part in text.replace("，", ",").split(",")) - {""}
    return ids or None
