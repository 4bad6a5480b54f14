"""`qa-service rules`: check, list, show and test the rule packs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.table import Table
from rich.text import Text

from qa_service.cli.terminal import DONE, SOME_REJECTED, id_column, stderr, stdout
from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.inspection import Inspection
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest import Rejected, read_path
from qa_service.rule_engine import (
    PackRuleEngine,
    check_folder,
    cue_schema,
    over_rules,
    pack_schema,
    policy_schema,
    run_examples,
)
from qa_service.rule_wiring import build_rule_engine, costless_rules, misplaced_rules, sentence_encoder
from qa_service.scoring import load_rubric
from qa_service.settings import Settings, load_settings
from qa_service.stage_wiring import build_inspector

rules_app = typer.Typer(help="Rule packs.", no_args_is_help=True)

RulesFolder = Annotated[Path | None, typer.Option("--rules", help="folder of rule packs")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="policy file")]
RuleId = Annotated[str | None, typer.Argument(help="one rule")]


_SHOWN = ("stated", "policy", "cue", "verdict", "undone", "doubt")


class Language(StrEnum):
    """The languages that packs are written in."""

    ZH = "zh"
    EN = "en"


class SchemaOf(StrEnum):
    """Which file a schema describes."""

    PACK = "pack"
    POLICY = "policy"
    CUES = "cues"


def rule_settings(rules: Path | None, policy: Path | None) -> Settings:
    """The settings with the folder and file that were given."""
    given = {"rules_dir": rules, "policy": policy}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@rules_app.command()
def check(rules: RulesFolder = None, policy: PolicyFile = None) -> None:
    """Read all packs and policies and run every example; each problem with file and line.

    Exit code 1 if there is any; a warning is none.
    """
    settings = rule_settings(rules, policy)
    problems = check_folder(
        settings.rules_dir,
        settings.policy_path,
        encoder=sentence_encoder(settings),
        also=[partial(misplaced_rules, settings=settings)],
        warn=[
            partial(costless_rules, settings=settings),
            partial(over_rules, today=datetime.now(settings.zone).date()),
        ],
    )
    for problem in problems:
        kind = "warning: " if problem.is_warning else ""
        line = f"{problem.file}:{problem.line}: {kind}{problem.message}"
        stdout.print(line, highlight=False, markup=False, soft_wrap=True)
    wrong = sum(not problem.is_warning for problem in problems)
    stderr.print(_problems(wrong), highlight=False)
    raise typer.Exit(SOME_REJECTED if wrong else DONE)


def _problems(number: int) -> str:
    return {0: "no problems", 1: "1 problem"}.get(number, f"{number} problems")


@rules_app.command("list")
def list_rules(rules: RulesFolder = None, policy: PolicyFile = None) -> None:
    """One line a rule."""
    table = Table(id_column("rule"), "version", "severity", "status", "live", "languages", "title")
    for rule in build_rule_engine(rule_settings(rules, policy)).rules:
        table.add_row(
            rule.id,
            str(rule.version),
            rule.severity,
            rule.status,
            rule.capability,
            " ".join(rule.languages),
            Text(rule.title),
        )
    stdout.print(table)


@rules_app.command()
def show(
    rule_id: Annotated[str, typer.Argument(help="the rule's id")],
    rules: RulesFolder = None,
    policy: PolicyFile = None,
) -> None:
    """All that is known of one rule, as written in its pack."""
    settings = rule_settings(rules, policy)
    _check_known(build_rule_engine(settings), rule_id)
    for path, document in _packs(settings.rules_dir):
        for rule in document.get("rules", ()):
            if rule["id"] == rule_id:
                stderr.print(str(path.relative_to(settings.rules_dir)), highlight=False)
                sys.stdout.write(yaml.safe_dump(rule, allow_unicode=True, sort_keys=False))


def _check_known(engine: PackRuleEngine, rule_id: str | None) -> None:
    if rule_id is not None and all(rule.id != rule_id for rule in engine.rules):
        raise InvalidInput(f"there is no rule {rule_id}; `rules list` names them", code=ErrorCode.NOT_FOUND, field="id")


def _packs(folder: Path) -> Iterator[tuple[Path, dict[str, list[dict[str, object]]]]]:
    for path in sorted(folder.glob("*/*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(document, dict) and "pack" in document:
            yield path, document


@rules_app.command("test")
def try_rules(
    rule_id: RuleId = None,
    text: Annotated[str | None, typer.Option(help="an agent's turn to try")] = None,
    file: Annotated[Path | None, typer.Option(help="conversations to try")] = None,
    rules: RulesFolder = None,
    policy: PolicyFile = None,
    language: Annotated[Language | None, typer.Option(help="of the text; else its script tells")] = None,
) -> None:
    """Try a text or a file and show what is found and why; without either, run the examples. Exit code 1 if any fails."""
    settings = rule_settings(rules, policy)
    engine = build_rule_engine(settings)
    _check_known(engine, rule_id)
    if text is None and file is None:
        raise typer.Exit(_run_examples(engine, rule_id))
    conversations = [_single(text, language)] if text is not None else []
    if file is not None:
        conversations += [_accepted(item) for item in read_path(file, default_zone=settings.zone)]
    inspector = build_inspector(settings, rules=engine, rubric=load_rubric(settings.rubric_path))
    for inspection in inspector.inspect(conversations):
        _show_findings(inspection, rule_id)


def _run_examples(engine: PackRuleEngine, rule_id: str | None) -> int:
    failures = run_examples(engine, rule_id=rule_id)
    for failure in failures:
        stdout.print(
            f"{failure.file}:{failure.line}: {failure.rule_id}: {failure.message}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    stderr.print(f"{len(failures)} examples fail" if failures else "all examples pass", highlight=False)
    return SOME_REJECTED if failures else DONE


def _single(text: str, language: Language | None) -> Conversation:
    return Conversation(
        external_id="text", language=language, turns=(Turn(id=TurnId("1"), role=Role.AGENT, text=text),)
    )


def _accepted(item: Conversation | Rejected) -> Conversation:
    if isinstance(item, Rejected):
        raise item.error
    return item


def _show_findings(inspection: Inspection, rule_id: str | None) -> None:
    stdout.print(inspection.external_id, style="bold", highlight=False, markup=False)
    shown = [
        f
        for f in inspection.findings
        if f.outcome in (Outcome.HIT, Outcome.SUPPRESSED) and rule_id in (None, f.rule_id)
    ]
    for finding in shown:
        stdout.print(_line(finding), highlight=False, markup=False, soft_wrap=True)
    if not shown:
        stdout.print("  nothing found", highlight=False)


def _line(finding: Finding) -> str:
    place = f"turn {finding.turn_id} [{finding.start}, {finding.end})" if finding.turn_id else "whole conversation"
    why = {key: finding.explanation[key] for key in _SHOWN if key in finding.explanation}
    return (
        f"  {finding.outcome}  {finding.status}  {finding.rule_id}  {place}  {finding.text or ''}  {why or ''}".rstrip()
    )


@rules_app.command("schema")
def print_schema(of: Annotated[SchemaOf, typer.Option(help="which file it describes")] = SchemaOf.PACK) -> None:
    """Print the JSON Schema of a pack, a policy file or a cue file, for editors (`rules/*schema.json`)."""
    make = {SchemaOf.PACK: pack_schema, SchemaOf.POLICY: policy_schema, SchemaOf.CUES: cue_schema}[of]
    sys.stdout.write(json.dumps(make(), ensure_ascii=False, indent=1) + "\n")
