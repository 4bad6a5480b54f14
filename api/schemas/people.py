"""Users and keys, as an administrator sees and makes them. No answer but that of a new key holds a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from api.schemas.base import ID_EXAMPLE, Moment, Name, Schema
from qa_service.domain.access import ApiKey, User
from qa_service.domain.identity import Role, Scope

_SCOPE: dict[str, Any] = {"shops": ["demo"], "groups": None, "agent_ids": None}
_USER: dict[str, Any] = {
    "name": "wangmin",
    "display_name": "王敏",
    "role": "reviewer",
    "scope": _SCOPE,
    "only_assigned": False,
    "is_active": True,
    "has_password": True,
    "email": "wangmin@example.com",
    "subject": None,
    "created_at": "2026-11-02T02:00:00Z",
}
_KEY: dict[str, Any] = {
    "id": ID_EXAMPLE,
    "name": "crm",
    "role": "integration",
    "scope": _SCOPE,
    "created_at": "2026-11-02T02:00:00Z",
    "expires_at": "2027-11-02T02:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
_SECRET = "qas_" + "x" * 43

Rows = Annotated[list[Name], Field(min_length=1, max_length=1000)]
DisplayName = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]
PasswordText = Annotated[
    str,
    StringConstraints(min_length=12, max_length=200, pattern=r"^[^\x00]*$"),
    Field(description="12 to 200 characters, at least 6 different ones, without the name."),
]

OnlyAssigned = Annotated[
    StrictBool, Field(description="Of the rows in scope the person sees chats assigned to them only.")
]
EmailText = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^\x00]*$"),
    Field(
        description="How the identity provider knows the person, if it has verified it; empty: not.",
        examples=["wangmin@example.com"],
    ),
]
SubjectText = Annotated[
    str,
    StringConstraints(max_length=255, pattern=r"^[^\x00]*$"),
    Field(description="The provider's own id of the person (`sub`); goes before the e-mail; empty: not known."),
]


class ScopeDocument(Schema):
    """The rows that may be touched; null means any, and all that is named must hold."""

    shops: Rows | None = None
    groups: Rows | None = None
    agent_ids: Rows | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [_SCOPE]})

    def to_scope(self) -> Scope:
        """The same in the words of the workflows."""
        return Scope(shops=_any_of(self.shops), groups=_any_of(self.groups), agent_ids=_any_of(self.agent_ids))


class UserDocument(Schema):
    """A person who logs in at the pages."""

    name: str = Field(description="To log in with; signs what the person decides; never changes.")
    display_name: str
    role: Role
    scope: ScopeDocument
    only_assigned: bool = Field(description="Of the rows in scope the person sees chats assigned to them only.")
    is_active: bool = Field(description="Whether the person may log in.")
    has_password: bool
    email: str | None = Field(description="Known by it at the identity provider, if it has verified it.")
    subject: str | None = Field(description="The provider's own id of the person (`sub`); goes before the e-mail.")
    created_at: datetime

    model_config = ConfigDict(json_schema_extra={"examples": [_USER]})


class UserList(Schema):
    """All users, by name."""

    users: list[UserDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"users": [_USER]}]})


class NewUser(Schema):
    """A user to add."""

    name: Name
    display_name: DisplayName = ""
    role: Role
    scope: ScopeDocument = ScopeDocument()
    only_assigned: OnlyAssigned = False
    password: PasswordText | None = Field(default=None, description="Without one there is no log-in with the name.")
    email: EmailText = ""
    subject: SubjectText = ""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "wangmin", "role": "reviewer", "scope": {"shops": ["demo"]}}]}
    )


class UserChange(Schema):
    """What is to change of a user; what is not given stays."""

    display_name: DisplayName | None = None
    role: Role | None = None
    scope: ScopeDocument | None = None
    only_assigned: OnlyAssigned | None = None
    is_active: StrictBool | None = None
    password: PasswordText | None = None
    email: EmailText | None = None
    subject: SubjectText | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "team_lead", "scope": {"groups": ["night"]}}]})


class KeyDocument(Schema):
    """An API key, without its secret."""

    id: str
    name: str
    role: Role
    scope: ScopeDocument
    created_at: datetime
    expires_at: datetime | None = Field(description="Opens before this time; null: for ever.")
    last_used_at: datetime | None = Field(description="To the minute; null: never used.")
    revoked_at: datetime | None

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})


class KeyList(Schema):
    """All keys, also those that are over, oldest first."""

    keys: list[KeyDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": [_KEY]}]})


class NewKey(Schema):
    """A key to make."""

    name: Annotated[Name, Field(max_length=80)]
    role: Role = Role.INTEGRATION
    scope: ScopeDocument = ScopeDocument()
    expires_at: Moment | None = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "crm", "role": "integration", "scope": {"shops": ["demo"]}}]}
    )


class IssuedKeyDocument(Schema):
    """A new key with its secret, which is shown in this answer and never again."""

    key: KeyDocument
    secret: str

    model_config = ConfigDict(json_schema_extra={"examples": [{"key": _KEY, "secret": _SECRET}]})


def scope_document(scope: Scope) -> ScopeDocument:
    """As it is shown."""
    # what is stored is not checked again
    return ScopeDocument.model_construct(
        shops=_sorted(scope.shops), groups=_sorted(scope.groups), agent_ids=_sorted(scope.agent_ids)
    )


def _any_of(rows: list[str] | None) -> frozenset[str] | None:
    return None if rows is None else frozenset(rows)


def _sorted(rows: frozenset[str] | None) -> list[str] | None:
    return None if rows is None else sorted(rows)


def user_document(user: User) -> UserDocument:
    """As it is shown."""
    return UserDocument(
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        scope=scope_document(user.scope),
        only_assigned=user.only_assigned,
        is_active=user.is_active,
        has_password=user.has_password,
        email=user.email,
        subject=user.subject,
        created_at=user.created_at,
    )


def key_document(key: ApiKey) -> KeyDocument:
    """As it is shown."""
    return KeyDocument(
        id=key.id,
        name=key.name,
        role=key.role,
        scope=scope_document(key.scope),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
