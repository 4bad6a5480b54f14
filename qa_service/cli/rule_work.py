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

from qa_service.cli.terminal import stderr, stdout
from qa_service.domain.backtest import BacktestReport
from qa_service.domain.precision import Precision
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.rule_engine import read_pack_files
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.exceptions import propose_exceptions

CURRENT = "current"

PackFolder = Annotated[Path, typer.Option("--pack", help="rules folder to try")]


def backtest(
    pack: PackFolder,
    against: Annotated[str, typer.Option(help="current (what is in force), or another rules folder")] = CURRENT,
    since: Annotated[str, typer.Option(help="how far back, as 30d")] = "30d",
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
        _print_report(report)


def publish(
    pack: Annotated[Path, typer.Argument(help="rules folder to put into force")],
    force: Annotated[bool, typer.Option(help="although reviewed precision drops")] = False,
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
    table = Table(
        Column("rule", no_wrap=True), Column("status", no_wrap=True), "confirmed", "precision", "bar", "demoted"
    )
    for figure in figures:
        found = figure.precision
        if found.reviews or figure.demoted_at:
            table.add_row(
                Text(f"{figure.rule_id} v{figure.version}"),
                figure.status,
                f"{found.confirmed} of {found.reviews}",
                _shown(found),
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
        proposed = propose_exceptions(services.unit_of_work, rule_id)
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
    if found is None:
        raise InvalidInput("--since: must be days, as 30d", code=ErrorCode.INVALID_FIELD, field="--since")
    return timedelta(days=int(found[1]))


def _print_report(report: BacktestReport) -> None:
    stdout.print(
        f"backtest {report.id}: {report.conversations} conversations since {report.since:%Y-%m-%d}", highlight=False
    )
    if report.unread:
        stderr.print(f"{report.unread} without a result were left out", highlight=False)
    table = Table("rule", "before", "after", "new", "lost", "lost confirmed", "precision before", "after")
    for rule in report.rules:
        if rule.new or rule.lost:
            figures = (rule.before, rule.after, rule.new, rule.lost, rule.lost_confirmed)
            shown = (_shown(rule.precision_before), _shown(rule.precision_after))
            table.add_row(Text(rule.rule_id), *(str(figure) for figure in figures), *shown)
    stdout.print(table)
    for rule in report.rules:
        for kind, examples in (("new", rule.new_examples), ("lost", rule.lost_examples)):
            for hit in examples:
                span = f"turn {hit.turn_id} [{hit.start}, {hit.end})" if hit.turn_id else "absence"
                stdout.print(
                    f"  {kind} {rule.rule_id} {hit.conversation_id} {span} {hit.state}", highlight=False, markup=False
                )
    for agent in report.agents:
        if agent.changed:
            change = f"{agent.mean_before} → {agent.mean_after}"
            stdout.print(
                f"agent {agent.agent_id}: {change} ({agent.changed} of {agent.conversations} change)",
                highlight=False,
                markup=False,
            )
    both = f"{_shown(report.precision_before)} → {_shown(report.precision_after)}"
    stdout.print(
        f"precision on reviewed hits: {both}{', drops' if report.drops else ''}", highlight=False, markup=False
    )


def _shown(found: Precision) -> str:
    return "–" if found.share is None else f"{found.share:.3f} [{found.low:.3f}, {found.high:.3f}] n={found.reviews}"
