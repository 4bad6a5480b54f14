"""`qa-service keys`: API keys and log-in links."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from qa_service.settings import load_settings
from qa_service.wiring import build_services

keys_app = typer.Typer(help="API keys and log-in links.", no_args_is_help=True)


@keys_app.command()
def new(name: Annotated[str, typer.Argument(help="whose key it is")]) -> None:
    """Make an API key and print it; it is never shown again."""
    services = build_services(load_settings())
    sys.stdout.write(services.access.new_key(name) + "\n")
    services.close()


@keys_app.command()
def link() -> None:
    """Print a link that opens the pages once, within an hour."""
    services = build_services(load_settings())
    token = services.access.new_login_token()
    sys.stdout.write(f"http://{services.settings.host}:{services.settings.port}/login?token={token}\n")
    services.close()
