"""`qa-service rules explain`: why a rule hits a conversation, and why not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from qa_service.cli.terminal import stdout
from qa_service.domain.rule_explanation import ConditionExplanation, Measured, RuleExplanation, TurnExplanation
from qa_service.errors import NotFound
from qa_service.ingest import Rejected, read_path
from qa_service.rule_wiring import build_rule_engine
from qa_service.scoring import load_rubric
from qa_service.settings import Settings, load_settings
from qa_service.stage_wiring import build_inspector
from qa_service.wiring import build_services
from qa_service.workflows.explain_rule import RuleExplainer

NEAREST = 5
"""Turns shown in full; the others are in --json."""

_MARKS = {"yes": "✓", "no": "✗"}


def explain(
    rule_id: Annotated[str, typer.Argument(help="the rule's id")],
    conversation: Annotated[str, typer.Option(help="file of conversations, or the id of a stored one")],
    rules: Annotated[Path | None, typer.Option(help="folder of rule packs")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file")] = None,
    json: Annotated[bool, typer.Option(help="everything, one JSON object a conversation")] = False,
) -> None:
    """Each condition with its verdict, its evidence and how far it is from its threshold; the nearest turns first."""
    given = {"rules_dir": rules, "policy": policy}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    path = Path(conversation)
    found = (
        _of_file(settings, rule_id, path)
        if path.exists()
        else _of_store(settings, rule_id, conversation, uses_published=rules is None)
    )
    for explained in found:
        if json:
            sys.stdout.buffer.write(orjson.dumps(asdict(explained), option=orjson.OPT_APPEND_NEWLINE))
        else:
            _print(explained)


def _of_store(settings: Settings, rule_id: str, identity: str, *, uses_published: bool) -> Iterator[RuleExplanation]:
    """Under the rules that the service runs: what is published, and demotions."""
    with closing(build_services(settings, uses_published=uses_published)) as services:
        with services.unit_of_work(is_read_only=True) as repository:
            try:
                repository.get(identity)
            except NotFound:
                problem = (
                    f"{identity} is no file, and no stored conversation has this id (that of `id`, not `external_id`)"
                )
                raise NotFound(problem, field="--conversation") from None
        yield services.explainer().explain_stored(identity, rule_id, services.unit_of_work)


def _of_file(settings: Settings, rule_id: str, path: Path) -> Iterator[RuleExplanation]:
    engine = build_rule_engine(settings)
    explainer = RuleExplainer(
        inspector=build_inspector(settings, rules=engine, rubric=load_rubric(settings.rubric_path))
    )
    for item in read_path(path, default_zone=settings.zone):
        if isinstance(item, Rejected):
            raise item.error
        stdout.print(item.external_id, style="bold", highlight=False, markup=False)
        yield explainer.explain(item, rule_id)


def _print(explained: RuleExplanation) -> None:
    _line(f"{explained.outcome}  {explained.rule_id} v{explained.rule_version}  {explained.file}:{explained.line}")
    if explained.points is not None:
        _line(f"deducts {explained.points} points of its own a hit")
    if explained.dimension is not None:
        _line(f"counts in {explained.dimension}")
    if explained.is_of_result is False:
        _line("the stored result was made with other rules or policies; this is what those of today say")
    for reason in explained.reasons:
        _line(f"because {reason}")
    for agent in explained.agents:
        _line(f"agent {agent.agent_id or '–'}: {agent.outcome}{f', {agent.reason}' if agent.reason else ''}")
        _print_measured(agent.measured, "  ")
        for part in agent.parts:
            _print_condition(part, "  ")
    for turn in explained.nearest[:NEAREST]:
        _print_turn(turn)
    left_out = [f"turn {turn.turn_id} ({turn.left_out})" for turn in explained.turns if turn.left_out]
    if left_out:
        _line(f"not read: {', '.join(left_out)}")
    if len(explained.nearest) > NEAREST:
        _line(f"{len(explained.nearest) - NEAREST} turns further from a hit are in --json")


def _print_turn(turn: TurnExplanation) -> None:
    _line(f"turn {turn.turn_id}: {turn.outcome}")
    for finding in turn.findings:
        cue = finding.explanation.get("cue")
        why = f", held back by {cue['kind']} {cue['text']!r} at [{cue['start']}, {cue['end']})" if cue else ""
        _line(f"  {finding.outcome} {finding.text!r} at [{finding.start}, {finding.end}){why}")
    if turn.condition is not None:
        _print_condition(turn.condition, "  ")


def _print_condition(condition: ConditionExplanation, indent: str) -> None:
    label = f"{condition.label}: " if condition.label else ""
    reason = f" ({condition.reason})" if condition.reason else ""
    _line(f"{indent}{_MARKS.get(condition.truth, '?')} {label}{condition.name}, line {condition.line}{reason}")
    for seen in condition.evidence:
        cue = f", but {seen.cue['kind']} {seen.cue['text']!r}" if seen.cue else ""
        _line(f"{indent}    {seen.text!r} at [{seen.start}, {seen.end}) as {seen.view}{cue}")
    _print_measured(condition.measured, indent + "    ")
    for part in condition.parts:
        _print_condition(part, indent + "  ")


def _print_measured(measured: tuple[Measured, ...], indent: str) -> None:
    for item in measured:
        _line(f"{indent}{'✓' if item.holds else '✗'} {item.name} {_shown(item.value)}, asked: {item.bound}")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return str(value["text"])
    return "none" if value is None else str(value)


def _line(text: str) -> None:
    stdout.print(text, highlight=False, markup=False, soft_wrap=True)
