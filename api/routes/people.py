"""Users and keys. Whoever may change them could give themselves any right, so nothing less than everything is enough."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Id, KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.base import Name
from api.schemas.people import (
    IssuedKeyDocument,
    KeyDocument,
    KeyList,
    NewKey,
    NewUser,
    UserChange,
    UserDocument,
    UserList,
    key_document,
    user_document,
)
from qa_service.domain.identity import Permission
from qa_service.workflows.access import IssuedKey

MANAGE = needs(Permission.MANAGE_ACCESS, everything=True)

router = APIRouter(prefix="/v1", tags=["access"], route_class=KeyedRoute)


@router.get("/users", dependencies=[MANAGE], summary="List users", responses=problems(503))
def list_users(services: ServicesDep) -> UserList:
    """Everybody who logs in with a name, by name."""
    return UserList(users=[user_document(user) for user in services.people.listing()])


@router.post(
    "/users",
    status_code=201,
    dependencies=[MANAGE],
    summary="Add a user",
    responses=problems(400, 409, 413, 422, 503),
)
def add_user(services: ServicesDep, user: NewUser) -> UserDocument:
    """A name, an e-mail or a subject that somebody has answers `409`.

    Capital letters and full-width forms make no other name.
    """
    made = services.people.add(
        user.name,
        role=user.role,
        display_name=user.display_name,
        scope=user.scope.to_scope(),
        password=user.password,
        email=user.email,
        subject=user.subject,
        only_assigned=user.only_assigned,
    )
    return user_document(made)


@router.post(
    "/users/{name}", dependencies=[MANAGE], summary="Change a user", responses=problems(400, 404, 409, 413, 422, 503)
)
def change_user(services: ServicesDep, name: Name, change: UserChange) -> UserDocument:
    """Another role, scope, password, activity, e-mail or subject ends all sessions of the user at once."""
    changed = services.people.change(
        name,
        display_name=change.display_name,
        role=change.role,
        scope=change.scope.to_scope() if change.scope else None,
        is_active=change.is_active,
        password=change.password,
        email=change.email,
        subject=change.subject,
        only_assigned=change.only_assigned,
    )
    return user_document(changed)


@router.get("/keys", dependencies=[MANAGE], summary="List keys", responses=problems(503))
def list_keys(services: ServicesDep) -> KeyList:
    """All keys without their secrets, also those that are over, oldest first."""
    return KeyList(keys=[key_document(key) for key in services.access.keys()])  # noqa: SIM118 - a method, not a mapping


@router.post(
    "/keys", status_code=201, dependencies=[MANAGE], summary="Make a key", responses=problems(400, 413, 422, 503)
)
def make_key(services: ServicesDep, key: NewKey) -> IssuedKeyDocument:
    """The secret is in this answer and never shown again."""
    scope = key.scope.to_scope()
    return _issued(services.access.issue_key(key.name, role=key.role, scope=scope, expires_at=key.expires_at))


@router.post(
    "/keys/{key_id}/rotate",
    status_code=201,
    dependencies=[MANAGE],
    summary="Rotate a key",
    responses=problems(404, 422, 503),
)
def rotate_key(services: ServicesDep, key_id: Id) -> IssuedKeyDocument:
    """A new key with the same rights; the old one opens for 24 hours more, or until it would have ended."""
    return _issued(services.access.rotate_key(key_id))


@router.post("/keys/{key_id}/revoke", dependencies=[MANAGE], summary="Revoke a key", responses=problems(404, 422, 503))
def revoke_key(services: ServicesDep, key_id: Id) -> KeyDocument:
    """It opens nothing any more, at once and for ever."""
    services.access.revoke_key(key_id=key_id)
    return next(key_document(key) for key in services.access.keys() if key.id == key_id)  # noqa: SIM118


def _issued(issued: IssuedKey) -> IssuedKeyDocument:
    return IssuedKeyDocument(key=key_document(issued.key), secret=issued.secret)
