"""The figures of a run of customer moods: curve, recovery, what the agent's turns changed. Arithmetic only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from qa_service.domain.conversation import AgentId, Conversation, Role, TurnId, TurnKind
from qa_service.domain.mood import COLD_AT_MOST, SUSPECTED_AT_LEAST, ConversationMood, Sentiment, TurnMood, TurnTone

UNHAPPY_AT_MOST = -0.25
"""From half-way between neutral and the mildest negative label (−0.5) on, there is something to recover from."""
SOURING = ("abuse", "dismissive")
NOT_THE_AGENT = "nothing that the agent said between is cold or suspected: the loss is not put on the agent"
LOST_OTHERWISE = "what was lost was lost before the first cold or suspected words, or after they were made good"
DIGITS = 4
"""Figures are rounded here, once, so that what is compared is what is shown."""


def with_curve(
    mood: ConversationMood, moods: Sequence[TurnMood], conversation: Conversation, *, agent_id: AgentId | None = None
) -> ConversationMood:
    """`mood` with the figures of `moods`, at least one of which has a polarity; one alone shows no recovery.

    With `agent_id` the change is held against that agent's turns alone, else against those of all agents.
    """
    scored = [turn for turn in moods if turn.polarity is not None]
    polarities = [turn.polarity for turn in scored if turn.polarity is not None]
    start, end, lowest = polarities[0], polarities[-1], min(polarities)
    negative = sum(turn.sentiment is Sentiment.NEGATIVE for turn in scored)
    curved = replace(
        mood,
        start=start,
        end=end,
        lowest=lowest,
        shift=round(end - start, DIGITS),
        negative_share=round(negative / len(scored), DIGITS),
        recovery=recovery(lowest, end) if len(scored) > 1 else None,
        expected_change=None,
        attributable_change=None,
        attributable_reason=None,
    )
    said = _said_between(scored, conversation, agent_id)
    reason = _incomparable(scored, said, mood.expected_changes)
    if reason is not None:
        return replace(curved, attributable_reason=reason)
    expected = mood.expected_changes[str(scored[0].sentiment)]
    change = round(end - start - expected, DIGITS)
    if change >= 0:
        return replace(curved, expected_change=expected, attributable_change=change)
    soured = {tone.turn_id for tone in mood.tones if tone.turn_id in said and sours(tone)}
    before = _before_souring(scored, soured, conversation)
    change = 0.0 if before is None else min(0.0, round(end - min(start, before) - expected, DIGITS))
    reason = (LOST_OTHERWISE if soured else NOT_THE_AGENT) if not change else None
    return replace(curved, expected_change=expected, attributable_change=change, attributable_reason=reason)


def in_runs(curves: Sequence[ConversationMood]) -> ConversationMood:
    """One curve of several that another agent's turns stand between, in time order: changes add up, each run's own.

    `start`, `end` and `lowest` are those of all runs, `recovery` that of the run with the lowest mood.
    """
    if len(curves) == 1:
        return curves[0]
    worst = min(curves, key=lambda curve: curve.lowest or 0.0)
    scored = [turn for curve in curves for turn in curve.turns if turn.polarity is not None]
    negative = sum(turn.sentiment is Sentiment.NEGATIVE for turn in scored)
    held = [curve for curve in curves if curve.attributable_change is not None]
    changes = [curve.attributable_change or 0.0 for curve in held]
    told = [curve.attributable_reason for curve in held or curves]
    return replace(
        curves[0],
        end=curves[-1].end,
        lowest=worst.lowest,
        shift=round(sum(curve.shift or 0.0 for curve in curves), DIGITS),
        negative_share=round(negative / len(scored), DIGITS),
        recovery=worst.recovery,
        expected_change=round(sum(curve.expected_change or 0.0 for curve in held), DIGITS) if held else None,
        attributable_change=round(sum(changes), DIGITS) if held else None,
        attributable_reason=None if any(changes) else next(filter(None, told), None),
    )


def _before_souring(scored: Sequence[TurnMood], soured: Set[TurnId], conversation: Conversation) -> float | None:
    """The polarity before the first of the soured turns after which the customer was never content again; None if none is left."""
    before: float | None = None
    last: float | None = None
    moods = {mood.turn_id: mood for mood in scored}
    for turn in conversation.turns:
        if turn.id in soured and before is None:
            before = last
        elif mood := moods.get(turn.id):
            last = mood.polarity
            before = None if mood.sentiment is Sentiment.POSITIVE else before
    return before


def could_have_soured(
    mood: ConversationMood, conversation: Conversation, agent_id: AgentId, *, segment: Set[TurnId]
) -> bool:
    """Whether an own turn of the agent is cold or suspected and the customer was unhappy after it.

    After it is later in the same run of the agent's own `segment`, or next of all: whoever insults and hands over has the
    answer taken by another. What follows another's turn is not put on the agent who comes back.
    """
    unhappy = {turn.turn_id for turn in mood.turns if turn.sentiment is Sentiment.NEGATIVE}
    own = {tone.turn_id for tone in mood.tones if tone.agent_id == agent_id and sours(tone)}
    has_soured = is_next = has_answered = False
    for turn, owner in zip(conversation.turns, conversation.owners(), strict=True):
        if turn.id in own:
            has_soured, is_next, has_answered = True, True, False
        elif turn.role is Role.CUSTOMER:
            has_answered = True
            if turn.id in unhappy and (is_next or (has_soured and turn.id in segment)):
                return True
        elif turn.role is Role.AGENT and turn.kind is not TurnKind.RECALL:
            is_next = is_next and not has_answered
            has_soured = has_soured and owner == agent_id
    return False


def recovery(lowest: float, end: float) -> float | None:
    """The share 0…1 of the way from the lowest polarity back to neutral (0) or better; None if never unhappy."""
    return None if lowest > UNHAPPY_AT_MOST else round(min(1.0, (end - lowest) / -lowest), DIGITS)


def _said_between(scored: Sequence[TurnMood], conversation: Conversation, agent_id: AgentId | None) -> set[TurnId]:
    """What the agent (None: any) said between the first and the last of these customer turns."""
    places = {turn.id: at for at, turn in enumerate(conversation.turns)}
    first, last = places[scored[0].turn_id], places[scored[-1].turn_id]
    between = zip(conversation.turns[first:last], conversation.owners()[first:last], strict=True)
    return {
        turn.id
        for turn, owner in between
        if turn.role is Role.AGENT and turn.is_inspectable and agent_id in (None, owner)
    }


def sours(tone: TurnTone) -> bool:
    """Whether a turn could have made somebody unhappy: it is cold, or suspected of an offence against the customer."""
    if tone.tone is not None and tone.tone <= COLD_AT_MOST:
        return True
    return any(tone.suspicions.get(category, 0.0) >= SUSPECTED_AT_LEAST for category in SOURING)


def _incomparable(scored: Sequence[TurnMood], said: Set[TurnId], expected: Mapping[str, float]) -> str | None:
    """Why the change can be held against nothing, or None."""
    beginning = scored[0].sentiment
    if str(beginning) not in expected:
        return f"the model brings no expectations{f' for a {beginning} beginning' if expected else ''}"
    if len(scored) < 2:
        return "one scored customer turn shows no change"
    return None if said else "no agent turn stands between the customer's first and last one"
