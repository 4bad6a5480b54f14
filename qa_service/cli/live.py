"""`qa-service rules live`: a conversation as it would be followed while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_service.cli.rules import PolicyFile, RulesFolder, rule_settings
from qa_service.cli.terminal import stdout
from qa_service.domain.conversation import Conversation, Role, Turn
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import SUSPECTED_AT_LEAST, ConversationMood, MoodStatus, TurnTone
from qa_service.ingest import Rejected, read_path
from qa_service.normalise import language_of, normalise_turn
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.scoring import ReplyMeter

if TYPE_CHECKING:  # importing it loads onnxruntime
    from qa_service.mood import OnnxMoodModel

_NOTHING_SAID = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="nothing was said")


def live(
    file: Annotated[Path, typer.Argument(help="conversations to follow")],
    rules: RulesFolder = None,
    policy: PolicyFile = None,
) -> None:
    """Follow conversations turn by turn: the mood and the findings at each turn, and what only the close can say."""
    settings = rule_settings(rules, policy)
    engine = build_rule_engine(settings)
    model = mood_model(settings)
    for item in read_path(file, default_zone=settings.zone):
        if isinstance(item, Rejected):
            raise item.error
        _follow(engine, model, item)


def _follow(engine: PackRuleEngine, model: OnnxMoodModel, conversation: Conversation) -> None:
    stdout.print(conversation.external_id, style="bold", highlight=False, markup=False)
    session = engine.open(conversation)
    moods = model.open(conversation, language=language_of(conversation))
    mood = _NOTHING_SAID
    told: dict[str, Finding] = {}
    for turn in conversation.turns:
        mood = moods.feed(normalise_turn(turn))
        progress = session.feed(turn, next((tone for tone in mood.tones[-1:] if tone.turn_id == turn.id), None))
        _tell_mood(turn, mood)
        _tell(f"turn {turn.id}", "exact", progress.exact, told)
        _tell(f"turn {turn.id}", "provisional", progress.provisional, told)
    closed = session.close(mood, ReplyMeter().measure(conversation, mood))
    hits = [finding for finding in closed if finding.is_shown_hit]
    _tell("close", "exact", hits, told)
    kept = {finding.key for finding in hits}
    for finding in told.values():
        if finding.outcome is Outcome.HIT and finding.key not in kept:
            _print("close", "withdrawn", finding)


def _tell_mood(turn: Turn, mood: ConversationMood) -> None:
    """What the model says of this turn, or why it says nothing; of bots and system lines nothing is said."""
    said = None
    if mood.turns and mood.turns[-1].turn_id == turn.id:
        said = f"mood  {_read_mood(mood)}"
    elif mood.tones and mood.tones[-1].turn_id == turn.id:
        said = f"tone  {_read_tone(mood.tones[-1])}"
    elif turn.role in (Role.CUSTOMER, Role.AGENT):
        said = f"mood  {mood.status}: {mood.reason}"
    if said is not None:
        stdout.print(f"  turn {turn.id}  {said}", highlight=False, markup=False, soft_wrap=True)


def _read_mood(mood: ConversationMood) -> str:
    now = mood.turns[-1]
    if now.polarity is None:
        return f"{now.status}: {now.reason}"
    satisfaction = "" if mood.satisfaction is None else f"  satisfaction so far {mood.satisfaction:.1f}"
    return f"{now.emotion}  {now.polarity:+.2f}{satisfaction}"


def _read_tone(now: TurnTone) -> str:
    if now.tone is None:
        return f"{now.status}: {now.reason}"
    suspicions = [f"  {name} {value:.2f}" for name, value in now.suspicions.items() if value >= SUSPECTED_AT_LEAST]
    return f"{now.tone:.2f}{''.join(suspicions)}"


def _tell(when: str, how: str, findings: Sequence[Finding], told: dict[str, Finding]) -> None:
    for finding in findings:
        if finding.key not in told and finding.status is not RuleStatus.SHADOW:
            told[finding.key] = finding
            _print(when, how, finding)


def _print(when: str, how: str, finding: Finding) -> None:
    line = f"  {when}  {how}  {finding.outcome}  {finding.rule_id}  {finding.text or ''}".rstrip()
    stdout.print(line, highlight=False, markup=False, soft_wrap=True)
