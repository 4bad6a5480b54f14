"""The options by which keys and people get a role and a scope, and how both are shown."""

from __future__ import annotations

from typing import Annotated

import typer

from qa_service.domain.identity import Role, Scope

RoleOption = Annotated[Role, typer.Option(help="what they may do; docs/access.md has the table")]
ShopOption = Annotated[list[str] | None, typer.Option("--shop", help="only this shop; may be given again")]
GroupOption = Annotated[list[str] | None, typer.Option("--group", help="only this team; may be given again")]
AgentOption = Annotated[list[str] | None, typer.Option("--agent", help="only this agent's id; may be given again")]


def scope_of(shops: list[str] | None, groups: list[str] | None, agent_ids: list[str] | None) -> Scope:
    """The rows that the options name; an option that is not given limits nothing."""
    return Scope(
        shops=frozenset(shops) if shops else None,
        groups=frozenset(groups) if groups else None,
        agent_ids=frozenset(agent_ids) if agent_ids else None,
    )


def scope_words(scope: Scope) -> str:
    """`shop demo, other; agent a-7`, or a dash where nothing is limited."""
    limits = (("shop", scope.shops), ("group", scope.groups), ("agent", scope.agent_ids))
    named = [f"{name} {', '.join(sorted(values))}" for name, values in limits if values is not None]
    return "; ".join(named) or "–"
