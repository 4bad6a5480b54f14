"""What is known of one agent in one conversation: own findings, own mood segment, own figures. Owns no points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qa_service.domain.conversation import AgentId, Conversation, Role, Turn
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import AgentService, ConversationMood, MoodStatus, Sentiment
from qa_service.scoring.rubric import FIGURES, Figure, FigureKind

_FIGURE_DIGITS = Decimal("0.0001")
"""Figures are compared as they are shown: to four digits, so that 0.1 − (−0.4) is not 0.49999999999999994."""

_TRUSTED = (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure: its value, or why there is none (`not_applicable` or `unavailable`)."""

    value: Decimal | None = None
    outcome: Outcome | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One agent's side of a conversation.

    `findings` are the agent's and, unless they are hits, those of nobody (a rule that failed or did not apply to the
    whole conversation); only of rules trusted enough to move scores. `mood` is of the agent's own segment.
    """

    service: AgentService
    findings: tuple[Finding, ...]
    mood: ConversationMood
    agent_turns: int
    customer_turns: int
    attributes: Mapping[str, str]
    is_tone_lost: bool

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
        value = getattr(self.mood, figure)
        if self.mood.status is MoodStatus.COMPLETE and value is not None:
            return Reading(value=_decimal(value))
        reason = self.mood.reason or "no reason given"
        if self.mood.status is MoodStatus.UNAVAILABLE:
            return Reading(outcome=Outcome.UNAVAILABLE, reason=f"mood unavailable: {reason}")
        return Reading(outcome=Outcome.NOT_APPLICABLE, reason=f"no customer mood: {reason}")


def _decimal(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_FIGURE_DIGITS).normalize() + 0


def gather(
    conversation: Conversation, findings: Sequence[Finding], mood: ConversationMood, service: AgentService
) -> Evidence:
    """All that may count for or against the agent of `service`."""
    agent_id = service.agent_id
    spoken = [turn for turn in conversation.turns if turn.is_inspectable]
    return Evidence(
        service=service,
        findings=tuple(finding for finding in findings if _concerns(finding, agent_id)),
        mood=segment_mood(conversation, mood, agent_id),
        agent_turns=sum(conversation.agent_of(turn) == agent_id for turn in spoken),
        customer_turns=sum(turn.role is Role.CUSTOMER for turn in spoken),
        attributes=conversation.attributes,
        is_tone_lost=_is_tone_lost(mood, agent_id),
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
    """The customer's mood while this agent served; the whole conversation's where the agent was alone.

    In a transferred chat the segment lies between the colleague who spoke last before the agent's first turn and the
    one who spoke first after the agent's last turn: what the agent was handed and what the agent left behind. Its
    `start` and `end` are the first and last scored customer turn in it.
    """
    if len(conversation.agent_ids) < 2 or mood.status is not MoodStatus.COMPLETE:
        return mood
    inside = {turn.id for turn in _segment(conversation, agent_id)}
    turns = tuple(turn for turn in mood.turns if turn.turn_id in inside)
    scored = [(turn.polarity, turn.sentiment) for turn in turns if turn.polarity is not None]
    if not scored:
        return ConversationMood(
            status=MoodStatus.NOT_APPLICABLE, reason="no scored customer turn in the agent's own segment"
        )
    polarities = [polarity for polarity, _ in scored]
    return replace(
        mood,
        turns=turns,
        start=polarities[0],
        end=polarities[-1],
        lowest=min(polarities),
        shift=polarities[-1] - polarities[0],
        negative_share=sum(sentiment is Sentiment.NEGATIVE for _, sentiment in scored) / len(scored),
    )


def _segment(conversation: Conversation, agent_id: AgentId) -> Sequence[Turn]:
    speakers = [conversation.agent_of(turn) if turn.role is Role.AGENT else None for turn in conversation.turns]
    own = [index for index, speaker in enumerate(speakers) if speaker == agent_id]
    if not own:
        return ()
    others = [index for index, speaker in enumerate(speakers) if speaker not in (None, agent_id)]
    begin = max((index for index in others if index < own[0]), default=-1) + 1
    end = min((index for index in others if index > own[-1]), default=len(speakers))
    return conversation.turns[begin:end]
