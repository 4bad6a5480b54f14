"""The `qa-service` program: its commands and how errors end it."""

from __future__ import annotations

import getpass
import os
import sys

import typer
from rich.markup import escape

from qa_service import __version__
from qa_service.cli.audit import audit_app
from qa_service.cli.demo import demo
from qa_service.cli.erasure import erase, retention_app
from qa_service.cli.export import export_app
from qa_service.cli.inspect import inspect
from qa_service.cli.keys import keys_app
from qa_service.cli.live import live
from qa_service.cli.pii import pii_app
from qa_service.cli.reinspect import reinspect
from qa_service.cli.rule_explain import explain
from qa_service.cli.rule_import import import_pack
from qa_service.cli.rule_lists import import_list
from qa_service.cli.rule_work import backtest, exceptions, precision, publish, reload, restore, withdraw
from qa_service.cli.rules import rules_app
from qa_service.cli.serve import beat, serve, worker
from qa_service.cli.shadow import shadow_app
from qa_service.cli.terminal import USAGE_ERROR, stderr
from qa_service.cli.users import users_app
from qa_service.domain.identity import Principal, Role
from qa_service.errors import QAServiceError
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.acting import begin_act

app = typer.Typer(
    name="qa-service",
    help="Inspects customer-service chats: findings, mood, scorecards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db_app = typer.Typer(help="The store.", no_args_is_help=True)

app.command()(inspect)
app.command()(reinspect)
app.command()(serve)
app.command()(worker)
app.command()(beat)
app.command()(demo)
app.command()(erase)
rules_app.command()(explain)
for command in (backtest, publish, withdraw, reload, precision, restore, exceptions):
    rules_app.command()(command)
rules_app.command("import-list")(import_list)
rules_app.command("import")(import_pack)
rules_app.command()(live)
app.add_typer(rules_app, name="rules")
app.add_typer(retention_app, name="retention")
app.add_typer(export_app, name="export")
app.add_typer(shadow_app, name="shadow")
app.add_typer(keys_app, name="keys")
app.add_typer(audit_app, name="audit")
app.add_typer(users_app, name="users")
app.add_typer(pii_app, name="pii")
app.add_typer(db_app, name="db")


@db_app.command()
def upgrade() -> None:
    """Bring the store's tables to this version."""
    build_services(load_settings()).close()
    stderr.print("the store is up to date")


@app.command()
def version() -> None:
    """Print the version."""
    sys.stdout.write(f"qa-service {__version__}\n")


def _account() -> str:
    """Whose account of the machine this is; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def main() -> None:
    """Run; an error that the user can mend is one line on stderr and exit code 2."""
    try:
        with begin_act(principal=Principal(name=f"cli:{_account()}", role=Role.ADMIN)):
            app()
    except QAServiceError as error:
        place = f"{error.field}: " if error.field and error.field not in error.message else ""
        stderr.print(f"[red]{error.code}[/red] {escape(place + error.message)}", highlight=False, soft_wrap=True)
        sys.exit(USAGE_ERROR)
