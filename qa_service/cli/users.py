"""`qa-service users`: people who log in with a name and a password, or at the identity provider."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from qa_service.cli.access_options import AgentOption, GroupOption, RoleOption, ShopOption, scope_of, scope_words
from qa_service.cli.terminal import stderr, stdout
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.people import LONGEST_PASSWORD, People

users_app = typer.Typer(
    help="People who log in with a name and a password, or at the identity provider.", no_args_is_help=True
)

EmailOption = Annotated[str, typer.Option(help="verified e-mail at the identity provider")]
SubjectOption = Annotated[str, typer.Option(help="the provider's id of them (sub); goes before the e-mail")]
OnlyAssignedOption = Annotated[
    bool, typer.Option("--only-assigned", help="of the chats in scope, only those assigned to them")
]
NameArgument = Annotated[str, typer.Argument(help="the name that they log in and sign with")]


@users_app.command()
def add(
    name: NameArgument,
    role: RoleOption,
    display_name: Annotated[str, typer.Option(help="name as people say it")] = "",
    email: EmailOption = "",
    subject: SubjectOption = "",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="the identity provider is the only way in")
    ] = False,
    shop: ShopOption = None,
    group: GroupOption = None,
    agent: AgentOption = None,
    only_assigned: OnlyAssignedOption = False,
) -> None:
    """Add a user. The password is asked for, or read from stdin, unless --no-password."""
    with _people() as people:
        user = people.add(
            name,
            role=role,
            display_name=display_name,
            scope=scope_of(shop, group, agent),
            password=None if no_password else _read_password(),
            email=email,
            subject=subject,
            only_assigned=only_assigned,
        )
        may = "may log in" if user.may_log_in else "cannot log in yet"
        stderr.print(f"{user.name} {may} as {user.role}", markup=False, highlight=False)


@users_app.command("list")
def list_users() -> None:
    """Who there is, with role and scope, and who may log in."""
    table = Table("name", "display name", "role", "scope", "may log in", "added")
    with _people() as people:
        for user in people.listing():
            may = "yes" if user.may_log_in else "no way in yet" if user.is_active else "no"
            limits = [scope_words(user.scope)] + (["only assigned"] if user.only_assigned else [])
            scope, added = Text("; ".join(limits)), user.created_at.isoformat(timespec="seconds")
            table.add_row(Text(user.name), Text(user.display_name), user.role, scope, may, added)
    stdout.print(table)


@users_app.command("set-role")
def set_role(
    name: NameArgument,
    role: RoleOption,
    shop: ShopOption = None,
    group: GroupOption = None,
    agent: AgentOption = None,
    only_assigned: OnlyAssignedOption = False,
) -> None:
    """Give another role and scope; without --shop, --group, --agent, --only-assigned it is everything. Sessions end."""
    with _people() as people:
        people.change(name, role=role, scope=scope_of(shop, group, agent), only_assigned=only_assigned)


@users_app.command("set-identity")
def set_identity(name: NameArgument, email: EmailOption = "", subject: SubjectOption = "") -> None:
    """Say how the identity provider knows a user; what is not given is taken away. Sessions end."""
    with _people() as people:
        people.change(name, email=email, subject=subject)


@users_app.command("set-password")
def set_password(name: NameArgument) -> None:
    """Give a new password, asked for or read from stdin. Sessions end."""
    with _people() as people:
        people.change(name, password=_read_password())


@users_app.command()
def deactivate(name: NameArgument) -> None:
    """Shut a user out, at once. What they decided stays."""
    with _people() as people:
        people.change(name, is_active=False)


@users_app.command()
def activate(name: NameArgument) -> None:
    """Let a user in again."""
    with _people() as people:
        people.change(name, is_active=True)


@contextmanager
def _people() -> Iterator[People]:
    services = build_services(load_settings())
    try:
        yield services.people
    finally:
        services.close()


def _read_password() -> str:
    """Never an argument: those stand in the list of processes and in the history of the shell."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    # one more than is allowed, and the end of the line
    return sys.stdin.readline(LONGEST_PASSWORD + 3).rstrip("\r\n")
