"""`qa-service rules live`: a conversation as it would be followed while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli.rules import PolicyFile, RulesFolder, rule_settings
from qa_service.cli.terminal import stdout
from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.ingest import Rejected, read_path
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine
from qa_service.scoring import load_rubric
from qa_service.wiring import build_inspector
from qa_service.workflows.inspect_conversation import Inspector


def live(
    file: Annotated[Path, typer.Argument(help="conversations to follow")],
    rules: RulesFolder = None,
    policy: PolicyFile = None,
) -> None:
    """Follow conversations turn by turn: what is found at which turn, and what only the close can say."""
    settings = rule_settings(rules, policy)
    engine = build_rule_engine(settings)
    inspector = build_inspector(settings, rules=engine, rubric=load_rubric(settings.rubric_path))
    for item in read_path(file, default_zone=settings.zone):
        if isinstance(item, Rejected):
            raise item.error
        _follow(engine, inspector, item)


def _follow(engine: PackRuleEngine, inspector: Inspector, conversation: Conversation) -> None:
    stdout.print(conversation.external_id, style="bold", highlight=False, markup=False)
    session = engine.open(conversation)
    told: set[str] = set()
    for turn in conversation.turns:
        progress = session.feed(turn)
        _tell(f"turn {turn.id}", "exact", progress.exact, told)
        _tell(f"turn {turn.id}", "provisional", progress.provisional, told)
    (mood,) = inspector.mood_model.score([inspector.normaliser.normalise(conversation)])
    closed = session.close(mood, inspector.meter.measure(conversation, mood))
    _tell("close", "exact", [finding for finding in closed if finding.outcome is Outcome.HIT], told)


def _tell(when: str, how: str, findings: Sequence[Finding], told: set[str]) -> None:
    for finding in findings:
        if finding.key not in told and finding.status is not RuleStatus.SHADOW:
            told.add(finding.key)
            line = f"  {when}  {how}  {finding.outcome}  {finding.rule_id}  {finding.text or ''}".rstrip()
            stdout.print(line, highlight=False, markup=False, soft_wrap=True)
