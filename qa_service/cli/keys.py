"""`qa-service keys`: API keys and log-in links."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from qa_service.cli.access_options import AgentOption, GroupOption, RoleOption, ShopOption, scope_of, scope_words
from qa_service.cli.terminal import stdout
from qa_service.domain.identity import Role
from qa_service.settings import load_settings
from qa_service.wiring import build_services

keys_app = typer.Typer(help="API keys and log-in links.", no_args_is_help=True)


@keys_app.command()
def new(
    name: Annotated[str, typer.Argument(help="whose key it is")],
    role: RoleOption = Role.INTEGRATION,
    shop: ShopOption = None,
    group: GroupOption = None,
    agent: AgentOption = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="how long it opens; for ever if not given")] = None,
) -> None:
    """Make an API key and print it; it is never shown again."""
    services = build_services(load_settings())
    expires_at = None if days is None else services.clock.now() + timedelta(days=days)
    issued = services.access.issue_key(name, role=role, scope=scope_of(shop, group, agent), expires_at=expires_at)
    sys.stdout.write(issued.secret + "\n")
    services.close()


@keys_app.command("list")
def list_keys() -> None:
    """Who has a key, what it may do, since and until when, its last use, and whether it is revoked."""
    services = build_services(load_settings())
    table = Table("id", "name", "role", "scope", "made", "ends", "last used", "revoked")
    for key in services.access.keys():  # noqa: SIM118 - a method, not a mapping
        times = (key.created_at, key.expires_at, key.last_used_at, key.revoked_at)
        # as plain text: a name may look like the markup of the table's library
        table.add_row(key.id, Text(key.name), key.role, Text(scope_words(key.scope)), *map(_when, times))
    services.close()
    stdout.print(table)


@keys_app.command()
def rotate(key_id: Annotated[str, typer.Argument(metavar="ID", help="as `keys list` shows it")]) -> None:
    """Make a new key with the same rights and print it; the old one opens for a day more."""
    services = build_services(load_settings())
    sys.stdout.write(services.access.rotate_key(key_id).secret + "\n")
    services.close()


@keys_app.command()
def revoke(name: Annotated[str, typer.Argument(help="whose keys end")]) -> None:
    """End every key of that name, at once."""
    services = build_services(load_settings())
    services.access.revoke_key(name)
    services.close()


@keys_app.command()
def link() -> None:
    """Print a link that opens the pages once, within an hour."""
    services = build_services(load_settings())
    token = services.access.new_login_token()
    sys.stdout.write(f"http://{services.settings.host}:{services.settings.port}/login?token={token}\n")
    services.close()


def _when(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else "–"
