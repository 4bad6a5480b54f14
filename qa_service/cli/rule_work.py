"""`qa-service rules backtest, publish, withdraw, precision, restore, exceptions`: how rules change and how they do."""

from __future__ import annotations

import getpass
import re
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import orjson
import typer
from rich.table import Column, Table
from rich.text import Text

from qa_service.cli.backtest_report import print_report, shown
from qa_service.cli.terminal import id_column, stderr, stdout
from qa_service.errors import ErrorCode, InvalidInput, NotFound
from qa_service.rule_engine import read_pack_files
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.exceptions import propose_exceptions

CURRENT = "current"

PackFolder = Annotated[Path, typer.Option("--pack", help="rules folder to try")]


def backtest(
    pack: PackFolder,
    against: Annotated[str, typer.Option(help="current (what is in force), or another rules folder")] = CURRENT,
    since: Annotated[str, typer.Option(help="how far back, as 30d; reviewed conversations are all read")] = "30d",
    json: Annotated[bool, typer.Option(help="the whole report as JSON")] = False,
) -> None:
    """Run packs over the stored conversations and show what changes; the report is kept, and publishing asks for it."""
    with closing(build_services(load_settings())) as services:
        new = services.rules_held.compiled(read_pack_files(pack))
        files = None if against == CURRENT else read_pack_files(Path(against))
        base = services.rules_in_force() if files is None else services.rules_held.compiled(files)
        begin = services.clock.now() - _ago(since)
        report = services.backtest.run(base, new, since=begin, identity=uuid4().hex)
        services.publication.keep(report)
    if json:
        sys.stdout.buffer.write(orjson.dumps(asdict(report), option=orjson.OPT_APPEND_NEWLINE))
    else:
        print_report(report)


def publish(
    pack: Annotated[Path, typer.Argument(help="rules folder to put into force")],
    force: Annotated[bool, typer.Option(help="although backtests speak against it")] = False,
    reason: Annotated[str, typer.Option(help="why it is forced; kept with the publication")] = "",
) -> None:
    """Put packs into force for the service, from the store; needs a backtest of this very revision."""
    with closing(build_services(load_settings())) as services:
        digest = services.publish_files(read_pack_files(pack), by=getpass.getuser(), force=force, reason=reason)
    stderr.print(
        f"published {digest[:12]}; serving processes take it up before their next batch or request",
        highlight=False,
    )


def withdraw() -> None:
    """Go back to the packs of the rules folder."""
    with closing(build_services(load_settings())) as services:
        services.publication.withdraw(by=getpass.getuser())
    stderr.print("the rules folder is in force", highlight=False)


def reload() -> None:
    """Have all processes read packs and policies anew; where these are wrong, nothing changes and the exit code is 1."""
    with closing(build_services(load_settings())) as services:
        digest = services.reload_everywhere(by=getpass.getuser())
    stderr.print(
        f"read {digest[:12]}; serving processes take it up before their next batch or request", highlight=False
    )


def precision() -> None:
    """Each rule with what people decided about its hits: share confirmed, 95 % interval, bar, demoted or not."""
    with closing(build_services(load_settings())) as services:
        figures = services.rule_precision.figures(services.rules())
    table = Table(id_column("rule"), Column("status", no_wrap=True), "confirmed", "precision", "bar", "demoted")
    for figure in figures:
        found = figure.precision
        if found.reviews or figure.demoted_at:
            table.add_row(
                Text(f"{figure.rule_id} v{figure.version}"),
                figure.status,
                f"{found.confirmed} of {found.reviews}",
                shown(found),
                f"{figure.bar:g}",
                f"{figure.demoted_at:%Y-%m-%d}" if figure.demoted_at else "–",
            )
    stdout.print(table)


def restore(
    rule_id: Annotated[str, typer.Argument(help="a demoted rule")],
    reason: Annotated[str, typer.Option(help="why; kept in the log")],
) -> None:
    """Let a demoted rule move scores again."""
    with closing(build_services(load_settings())) as services:
        services.restore_rule(rule_id, reason=reason, by=getpass.getuser())
    stderr.print(f"{rule_id} has the status of its pack again", highlight=False, markup=False)


def exceptions(rule_id: Annotated[str, typer.Argument(help="the rule's id")]) -> None:
    """Propose exceptions from overturned hits, each with what it would have held back of the reviewed hits."""
    with closing(build_services(load_settings())) as services:
        version = next((rule.version for rule in services.rules() if rule.id == rule_id), None)
        if version is None:
            raise NotFound(f"there is no rule {rule_id}; `rules list` names them", field="rule_id")
        proposed = propose_exceptions(services.unit_of_work, rule_id, version)
    if not proposed:
        stderr.print(f"overturned hits of {rule_id} v{version} have no phrase in common", highlight=False, markup=False)
    table = Table("phrase", "overturned held back", "confirmed lost")
    for item in proposed:
        table.add_row(
            Text(item.phrase),
            f"{item.overturned_removed} of {item.overturned}",
            f"{item.confirmed_lost} of {item.confirmed}",
        )
    stdout.print(table)


def _ago(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})d", text)
    if found is None or int(found[1]) == 0:
        problem = "--since: must be days, at least one, as 30d"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="--since")
    return timedelta(days=int(found[1]))
