"""`qa-service keys`: API keys and log-in links."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from qa_service.cli.terminal import stdout
from qa_service.settings import load_settings
from qa_service.wiring import build_services

keys_app = typer.Typer(help="API keys and log-in links.", no_args_is_help=True)


@keys_app.command()
def new(name: Annotated[str, typer.Argument(help="whose key it is")]) -> None:
    """Make an API key and print it; it is never shown again."""
    services = build_services(load_settings())
    sys.stdout.write(services.access.new_key(name) + "\n")
    services.close()


@keys_app.command("list")
def list_keys() -> None:
    """Who has a key, since when, and whether it is revoked."""
    services = build_services(load_settings())
    table = Table("name", "made", "revoked")
    for key in services.access.keys():  # noqa: SIM118 - a method, not a mapping
        revoked = key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else "–"
        table.add_row(Text(key.name), key.created_at.isoformat(timespec="seconds"), revoked)
    services.close()
    stdout.print(table)


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
