"""Who acts, what they may do and whose records they may touch. Owns no secret and no query.

Roles and row scopes: docs/adr/0017-people-roles-tenancy.md. A role says what; a scope says on which rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qa_service.errors import ErrorCode, NotPermitted


class Role(StrEnum):
    """What a person or a program is here."""

    ADMIN = "admin"
    QA_LEAD = "qa_lead"
    REVIEWER = "reviewer"
    TEAM_LEAD = "team_lead"
    AGENT = "agent"
    INTEGRATION = "integration"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One kind of act."""

    SUBMIT = "submit"  # hand conversations in
    READ = "read"  # conversations, results, findings, scores within the scope
    UNMASK = "unmask"  # see personal data in the clear
    DECIDE = "decide"  # confirm, overturn, clear a suspicion, correct a mood
    APPEAL = "appeal"  # ask for a second look
    ASSIGN = "assign"  # say which reviewer a chat is for
    EXPORT = "export"  # performance files, pushes, verdict rows
    READ_RULES = "read_rules"
    CHANGE_RULES = "change_rules"  # backtest, publish, withdraw, restore, reload
    OPERATE = "operate"  # dead letters, inspect again
    ERASE = "erase"  # retention and erasure of a customer's data
    MANAGE_ACCESS = "manage_access"  # people, keys, roles
    READ_AUDIT = "read_audit"


_P = Permission
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.QA_LEAD: frozenset(Permission) - {_P.MANAGE_ACCESS, _P.ERASE},
    Role.REVIEWER: frozenset({_P.READ, _P.UNMASK, _P.DECIDE, _P.READ_RULES}),
    Role.TEAM_LEAD: frozenset({_P.READ, _P.APPEAL, _P.EXPORT, _P.READ_RULES}),
    Role.AGENT: frozenset({_P.READ, _P.APPEAL, _P.READ_RULES}),
    Role.INTEGRATION: frozenset({_P.SUBMIT, _P.READ, _P.EXPORT, _P.READ_RULES}),
    Role.AUDITOR: frozenset({_P.READ, _P.READ_RULES, _P.READ_AUDIT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rows that may be touched; None means any. All that is given must hold.

    `assigned_to`: only chats that are assigned to this name.
    """

    shops: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    agent_ids: frozenset[str] | None = None
    assigned_to: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.shops is None and not self.is_within_shops

    @property
    def is_within_shops(self) -> bool:
        """Whether something of the shops in scope is left out."""
        return self.is_of_agents or self.assigned_to is not None

    @property
    def is_of_agents(self) -> bool:
        """Whether only some agents are seen: of a chat their own findings and scorecards, not their colleagues'."""
        return self.groups is not None or self.agent_ids is not None

    @property
    def limits(self) -> dict[str, list[str] | None]:
        """What it names, in order, as plain JSON; null: any."""
        named = {"shops": self.shops, "groups": self.groups, "agent_ids": self.agent_ids}
        return {name: None if rows is None else sorted(rows) for name, rows in named.items()}

    @property
    def only_shop(self) -> str | None:
        """The shop, where there is just one."""
        return next(iter(self.shops)) if self.shops is not None and len(self.shops) == 1 else None

    def require_everything(self) -> None:
        """Refuse what is of all shops together to somebody who may see some of them.

        Raises:
            NotPermitted: the scope leaves something out.
        """
        if not self.is_everything:
            raise NotPermitted(
                "this is of all shops together: it takes a scope that leaves nothing out",
                code=ErrorCode.NOT_PERMITTED,
                field="scope",
            )

    def require_shop(self, shop: str | None) -> None:
        """Refuse to take a chat that whoever hands it in could not read in full.

        Raises:
            NotPermitted: its shop is out of scope, or only some agents or assigned chats are in scope.
        """
        if self.is_within_shops or (self.shops is not None and shop not in self.shops):
            raise NotPermitted(
                "shop: chats of this shop are out of your scope", code=ErrorCode.NOT_PERMITTED, field="shop"
            )


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever acts: a person at the pages or a program with a key. `name` signs verdicts and the audit log."""

    name: str
    role: Role
    scope: Scope = EVERYTHING

    def may(self, permission: Permission) -> bool:
        """Whether the role allows this kind of act."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Refuse what the role does not allow.

        Raises:
            NotPermitted: (`not_permitted`) naming the missing permission.
        """
        if not self.may(permission):
            raise NotPermitted(
                f"the role {self.role.value} may not {permission.value}", code=ErrorCode.NOT_PERMITTED, field="role"
            )
