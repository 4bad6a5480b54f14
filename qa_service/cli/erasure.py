"""`qa-service retention run`, `qa-service erase`: text that is over its time, and one customer's data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from qa_service.cli.terminal import SOME_REJECTED, stderr, stdout
from qa_service.domain.erasure import ErasureState
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.erasure import ShopDue

retention_app = typer.Typer(help="How long the text of chats is held.", no_args_is_help=True)


@retention_app.callback()
def retention() -> None:
    """How long the text of chats is held (`QA_RETENTION_DAYS`, `QA_RETENTION_DAYS_BY_SHOP`)."""


@retention_app.command("run")
def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be erased")] = False,
) -> None:
    """Erase the text of chats that are over their time, and what customers asked for; workers do it by themselves."""
    with closing(build_services(load_settings())) as services:
        due = services.eraser.due()
        if not dry_run:
            services.eraser.work(at_most_seconds=math.inf)
    if services.eraser.plan.is_for_ever:
        stderr.print("text is held for ever: set QA_RETENTION_DAYS or QA_RETENTION_DAYS_BY_SHOP", highlight=False)
    _print(due, "would be erased" if dry_run else "erased")


def erase(
    customer: Annotated[str, typer.Argument(help="customer.id of the chats, or the sender_id of the customer's turns")],
    source: Annotated[str | None, typer.Option(help="in this system only")] = None,
    shop: Annotated[str | None, typer.Option(help="in this shop only")] = None,
) -> None:
    """Erase all text of one customer's chats, now; scores and decisions stay. Exit code 1: some of them still wait."""
    with closing(build_services(load_settings())) as services:
        asked = services.eraser.request(customer, source=source, shop=shop)
        done = services.eraser.run(asked.id)
    stderr.print(f"erasure {done.id}: {done.erased} chats erased, {done.waiting} wait", highlight=False)
    if done.state is not ErasureState.DONE:
        stderr.print(
            "they wait for their inspection or for the decision about an appeal; workers erase them then",
            highlight=False,
        )
        raise typer.Exit(SOME_REJECTED)


def _print(due: Sequence[ShopDue], done: str) -> None:
    if not due:
        stderr.print("nothing is over its time", highlight=False)
        return
    table = Table("shop", "held for days", done, "waiting")
    for one in due:
        table.add_row(Text(one.shop or "–"), str(one.days), str(one.due.ready), str(one.due.waiting))
    stdout.print(table)
