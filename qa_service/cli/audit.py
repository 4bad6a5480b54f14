"""`qa-service audit verify, export`: who did what, and whether the log is as it was written."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import orjson
import typer

from qa_service.cli.terminal import DONE, SOME_REJECTED, open_output, stderr
from qa_service.domain.audit import NO_ROWS, Anchor
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.audit import AuditTrail

audit_app = typer.Typer(help="Who did what.", no_args_is_help=True)

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@audit_app.callback()
def audits() -> None:
    """Who did what: the append-only log."""


@audit_app.command()
def verify(
    expect: Annotated[str | None, typer.Option(help="COUNT:HASH that an earlier run printed")] = None,
) -> None:
    """Read every row and print COUNT:HASH of the newest; exit code 1 and the first broken row if one was changed or is gone.

    Rows cut off at the end show only against an earlier COUNT:HASH: keep it outside of the database.
    """
    expected = NO_ROWS if expect is None else _anchor(expect)
    with closing(build_services(load_settings())) as services:
        check = AuditTrail(unit_of_work=services.unit_of_work, clock=services.clock).verify(expected)
    sys.stdout.write(f"{check.newest.count}:{check.newest.sha256}\n")
    if check.problem is not None:
        stderr.print(f"row {check.broken_row}: {check.problem}; the rows before it are whole", highlight=False)
    raise typer.Exit(DONE if check.problem is None else SOME_REJECTED)


@audit_app.command()
def export(output: Annotated[Path | None, typer.Option(help="file; default: stdout")] = None) -> None:
    """All rows, oldest first, one JSON object a line with its hash; that they were handed out is the last of them."""
    count = 0
    with closing(build_services(load_settings())) as services, ExitStack() as files:
        trail = AuditTrail(unit_of_work=services.unit_of_work, clock=services.clock)
        file = sys.stdout.buffer if output is None else files.enter_context(open_output(output))
        for record in trail.export():
            file.write(orjson.dumps(record.document(), option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    stderr.print(f"{count} rows", highlight=False)


def _anchor(text: str) -> Anchor:
    match = _ANCHOR.fullmatch(text)
    if match is None:
        problem = "--expect takes COUNT:HASH as `qa-service audit verify` printed it"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="--expect")
    return Anchor(count=int(match[1]), sha256=match[2])
