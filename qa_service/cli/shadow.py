"""`qa-service shadow report`: how a second model differs from the live one."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.table import Table

from qa_service.cli.terminal import stderr, stdout
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.shadow import ShadowReport, shadow_reports

shadow_app = typer.Typer(help="A model beside the live one.", no_args_is_help=True)


@shadow_app.callback()
def shadows() -> None:
    """A model beside the live one (`QA_SHADOW_MODEL`)."""


@shadow_app.command()
def report(json: Annotated[bool, typer.Option(help="the reports as JSON")] = False) -> None:
    """What the shadow model said otherwise: emotions, polarity, satisfaction, and the chats furthest apart."""
    with closing(build_services(load_settings())) as services, services.unit_of_work(is_read_only=True) as repository:
        reports = shadow_reports(repository.shadow_differences())
    if json:
        sys.stdout.buffer.write(orjson.dumps([asdict(one) for one in reports], option=orjson.OPT_APPEND_NEWLINE))
    elif not reports:
        stderr.print("no chat was judged by a shadow model yet; set QA_SHADOW_MODEL", highlight=False)
    for one in () if json else reports:
        _print(one)


def _print(one: ShadowReport) -> None:
    table = Table(title=f"{one.shadow_revision} beside {one.live_revision}", show_header=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_row("chats", str(one.conversations))
    table.add_row("customer turns judged by both", str(one.turns))
    table.add_row("judged by one alone", str(one.one_sided))
    table.add_row("emotion changed", f"{one.changed_emotions} ({_share(one)})")
    table.add_row("polarity, mean absolute difference", _number(one.polarity_difference, ".3f"))
    table.add_row("satisfaction, shadow less live", _number(one.satisfaction_difference, "+.2f"))
    for difference in one.widest:
        table.add_row(f"furthest: {difference.conversation_id}", _number(difference.polarity_difference, ".3f"))
    stdout.print(table)


def _share(one: ShadowReport) -> str:
    return f"{one.changed_emotions / one.turns:.1%}" if one.turns else "–"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
