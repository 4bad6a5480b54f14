"""The figures of a run of customer moods: curve, recovery, what the agent's turns changed. Arithmetic only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa_service.domain.conversation import AgentId, Conversation, Role
from qa_service.domain.mood import ConversationMood, Sentiment, TurnMood

UNHAPPY_AT_MOST = -0.25
"""From half-way between neutral and the mildest negative label (−0.5) on, there is something to recover from."""
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
    reason = _incomparable(scored, conversation, agent_id, mood.expected_changes)
    if reason is not None:
        return replace(curved, attributable_reason=reason)
    expected = mood.expected_changes[str(scored[0].sentiment)]
    return replace(curved, expected_change=expected, attributable_change=round(end - start - expected, DIGITS))


def recovery(lowest: float, end: float) -> float | None:
    """The share 0…1 of the way from the lowest polarity back to neutral (0) or better; None if never unhappy."""
    return None if lowest > UNHAPPY_AT_MOST else round(min(1.0, (end - lowest) / -lowest), DIGITS)


def _incomparable(
    scored: Sequence[TurnMood], conversation: Conversation, agent_id: AgentId | None, expected: Mapping[str, float]
) -> str | None:
    """Why the change can be held against nothing, or None."""
    if not expected:
        return "the model brings no expectations"
    if len(scored) < 2:
        return "one scored customer turn shows no change"
    places = {turn.id: at for at, turn in enumerate(conversation.turns)}
    between = range(places[scored[0].turn_id], places[scored[-1].turn_id])
    owners = conversation.owners()
    said = any(
        conversation.turns[at].role is Role.AGENT
        and conversation.turns[at].is_inspectable
        and agent_id in (None, owners[at])
        for at in between
    )
    return None if said else "no agent turn stands between the customer's first and last one"
