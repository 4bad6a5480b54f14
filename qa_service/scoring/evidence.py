"""What is known of one agent in one conversation: own findings, own mood segment, own figures. Owns no points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qa_service.domain.conversation import AgentId, Conversation, Role, Turn, TurnId, TurnKind
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import AgentService, Cause, ConversationMood, MoodStatus
from qa_service.domain.mood_curve import could_have_soured, in_runs, with_curve
from qa_service.scoring.rubric import FIGURES, Figure, FigureKind

_FIGURE_DIGITS = Decimal("0.0001")
"""Figures are compared as they are shown: to four digits, so that 0.1 − (−0.4) is not 0.49999999999999994."""

_NOTHING_SOURED = "no cold or suspected words of the agent stand before an unhappy message of the customer"
_TRUSTED = (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure: its value, or why there is none (`not_applicable` or `unavailable`); `reason` too where it is held at 0."""

    value: Decimal | None = None
    outcome: Outcome | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One agent's side of a conversation.

    `findings` are the agent's and, unless they are hits, those of nobody (a rule that failed or did not apply to the
    whole conversation); only of rules trusted enough to move scores. `mood` is of the agent's own segment;
    `could_have_soured` says that the customer was unhappy after cold or suspected words of the agent, in it or in the very
    answer to them.
    """

    service: AgentService
    findings: tuple[Finding, ...]
    mood: ConversationMood
    agent_turns: int
    customer_turns: int
    attributes: Mapping[str, str]
    is_tone_lost: bool
    could_have_soured: bool

    def read(self, figure: Figure) -> Reading:
        """The value of a figure."""
        if figure in FIGURES[FigureKind.MOOD]:
            return self._mood(figure)
        value = getattr(self.service, figure)
        if value is not None:
            return Reading(value=_decimal(value))
        if figure is Figure.TONE and self.is_tone_lost:
            return Reading(outcome=Outcome.UNAVAILABLE, reason="mood unavailable: no tone of the agent's turns")
        return Reading(outcome=Outcome.NOT_APPLICABLE, reason=f"no {figure} is known")

    def _mood(self, figure: Figure) -> Reading:
        value = self._agent_cause() if figure is Figure.AGENT_CAUSE else getattr(self.mood, figure)
        if self.mood.status is MoodStatus.COMPLETE and value is not None:
            return Reading(value=_decimal(value), reason=self._why_nothing(figure))
        if self.mood.status is MoodStatus.UNAVAILABLE:
            reason = self.mood.reason or "no reason given"
            return Reading(outcome=Outcome.UNAVAILABLE, reason=f"mood unavailable: {reason}")
        if self.mood.status is MoodStatus.COMPLETE:
            return Reading(outcome=Outcome.NOT_APPLICABLE, reason=f"no {figure}: {self._why_none(figure)}")
        return Reading(
            outcome=Outcome.NOT_APPLICABLE, reason=f"no customer mood: {self.mood.reason or 'no reason given'}"
        )

    def _agent_cause(self) -> float | None:
        """How sure the model is that the agent caused the trouble; 0 where nothing that the agent said could have."""
        known = self.mood.causes.get(Cause.AGENT)
        return known if known is None or self.could_have_soured else 0.0

    def _why_nothing(self, figure: Figure) -> str:
        """Why the figure is held at 0, or ''."""
        if figure is Figure.AGENT_CAUSE and self.mood.causes.get(Cause.AGENT) and not self.could_have_soured:
            return f"the model's {self.mood.causes[Cause.AGENT]} is left out: {_NOTHING_SOURED}"
        return self.mood.attributable_reason or "" if figure is Figure.ATTRIBUTABLE_CHANGE else ""

    def _why_none(self, figure: Figure) -> str:
        if figure is Figure.RECOVERY:
            is_single = sum(turn.polarity is not None for turn in self.mood.turns) == 1
            return "one scored customer turn shows no change" if is_single else "the customer was never unhappy"
        return self.mood.attributable_reason or "not measured"


def _decimal(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_FIGURE_DIGITS).normalize() + 0


def gather(
    conversation: Conversation, findings: Sequence[Finding], mood: ConversationMood, service: AgentService
) -> Evidence:
    """All that may count for or against the agent of `service`."""
    agent_id = service.agent_id
    own_mood = segment_mood(conversation, mood, agent_id)
    turns = zip(conversation.turns, conversation.owners(), strict=True)
    spoken = [(turn, owner) for turn, owner in turns if turn.is_inspectable]
    return Evidence(
        service=service,
        findings=tuple(finding for finding in findings if _concerns(finding, agent_id)),
        mood=own_mood,
        agent_turns=sum(owner == agent_id for _, owner in spoken),
        customer_turns=sum(turn.role is Role.CUSTOMER for turn, _ in spoken),
        attributes=conversation.attributes,
        is_tone_lost=_is_tone_lost(mood, agent_id),
        could_have_soured=could_have_soured(
            mood, conversation, agent_id, segment={turn.turn_id for turn in own_mood.turns}
        ),
    )


def _concerns(finding: Finding, agent_id: AgentId) -> bool:
    if finding.status not in _TRUSTED:
        return False
    if finding.agent_id is None:
        return finding.outcome is not Outcome.HIT
    return finding.agent_id == agent_id


def _is_tone_lost(mood: ConversationMood, agent_id: AgentId) -> bool:
    lost = any(tone.agent_id == agent_id and tone.status is MoodStatus.UNAVAILABLE for tone in mood.tones)
    return lost or mood.status is MoodStatus.UNAVAILABLE


def segment_mood(conversation: Conversation, mood: ConversationMood, agent_id: AgentId) -> ConversationMood:
    """The customer's mood while this agent served; the whole conversation's where no other agent spoke.

    In a chat of several agents each customer turn belongs to the agent who answers next, those at the end to the agent
    who spoke last; a turn that nobody known answers belongs to nobody. An agent who comes back has the turns of all own
    runs, and what changed within each: nobody answers for the mood that was handed over, nor for what another did in
    between. `satisfaction` and `cause` stay the whole conversation's.
    """
    others = {owner for turn, owner in _said(conversation) if turn.role is Role.AGENT} - {agent_id}
    if not others or mood.status is not MoodStatus.COMPLETE:
        return mood
    runs = [tuple(turn for turn in mood.turns if turn.turn_id in run) for run in _runs(conversation, agent_id)]
    scored = [run for run in runs if any(turn.polarity is not None for turn in run)]
    if not scored:
        unread = [turn.reason for run in runs for turn in run if turn.status is MoodStatus.UNAVAILABLE]
        return ConversationMood(
            status=MoodStatus.UNAVAILABLE if unread else MoodStatus.NOT_APPLICABLE,
            reason=f"customer turns {unread[0]}" if unread else "no scored customer turn in the agent's own segment",
        )
    curves = [with_curve(replace(mood, turns=run), run, conversation, agent_id=agent_id) for run in scored]
    return replace(in_runs(curves), turns=tuple(turn for run in runs for turn in run))


def _runs(conversation: Conversation, agent_id: AgentId) -> list[frozenset[TurnId]]:
    """The customer turns of each of the agent's own runs: another's turn ends one."""
    runs: list[list[TurnId]] = [[]]
    waiting: list[TurnId] = []
    last_agent: AgentId | None = None
    for turn, owner in _said(conversation):
        if turn.role is Role.CUSTOMER:
            waiting.append(turn.id)
            continue
        if owner == agent_id:
            runs[-1].extend(waiting)
        elif last_agent == agent_id:
            runs.append([])
        waiting.clear()
        last_agent = owner
    runs[-1].extend(waiting if last_agent == agent_id else ())
    return [frozenset(run) for run in runs if run]


def _said(conversation: Conversation) -> Iterator[tuple[Turn, AgentId | None]]:
    """The turns of customer and agents with their owners; a recalled one of an agent answers nothing."""
    for turn, owner in zip(conversation.turns, conversation.owners(), strict=True):
        if turn.role is Role.CUSTOMER or (turn.role is Role.AGENT and turn.kind is not TurnKind.RECALL):
            yield turn, owner
