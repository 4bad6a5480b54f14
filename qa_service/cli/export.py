"""`qa-service export performance, verdicts`: an agent's month and what reviewers decided, as files."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import orjson
import typer

from qa_service.cli.terminal import open_output, stderr
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.learning import Learning

export_app = typer.Typer(help="Files for other systems.", no_args_is_help=True)


@export_app.callback()
def exports() -> None:
    """Files for other systems."""


@export_app.command()
def performance(
    period: Annotated[str, typer.Option(help="month, as 2026-11")],
    format: Annotated[str, typer.Option(help="csv, xlsx or json")] = "csv",
    shop: Annotated[str | None, typer.Option(help="one shop only")] = None,
    output: Annotated[Path | None, typer.Option(help="file; default: stdout")] = None,
) -> None:
    """Per agent: chats, dimension means with 95 % interval, band, findings, verdicts, machine and final score."""
    services = build_services(load_settings())
    content, _, _ = services.performance.export(period, format, shop)
    services.close()
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        with open_output(output) as file:
            file.write(content)
        stderr.print(f"wrote {output}", highlight=False)


@export_app.command()
def verdicts(
    output: Annotated[Path | None, typer.Option(help="file; default: stdout")] = None,
) -> None:
    """What reviewers decided, masked, one chat a line: only of chats that carry the attribute `training_consent: yes`."""
    with closing(build_services(load_settings())) as services:
        exported = Learning(unit_of_work=services.unit_of_work, clock=services.clock).export()
    content = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in exported.rows)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        with open_output(output) as file:
            file.write(content)
    stderr.print(
        f"{len(exported.rows)} chats; {exported.without_consent} decided ones stay here: no consent", highlight=False
    )
