"""Each agent's service: reply times and mean tone. Owns no clock (`domain.reply_times`) and no judgement (rubrics)."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

from qa_service.domain.conversation import AgentId, Conversation
from qa_service.domain.mood import AgentService, ConversationMood, MoodStatus
from qa_service.domain.reply_times import reply_times


class ReplyMeter:
    """Measures service: `reply_times`, and as `tone` the mean over the agent's turns whose tone is complete."""

    def measure(self, conversation: Conversation, mood: ConversationMood) -> tuple[AgentService, ...]:
        """One entry for each agent who spoke, in order of first turn."""
        tones: dict[AgentId | None, list[float]] = {}
        for tone in mood.tones:
            if tone.status is MoodStatus.COMPLETE and tone.tone is not None:
                tones.setdefault(tone.agent_id, []).append(tone.tone)
        return tuple(
            replace(service, tone=fmean(tones[service.agent_id]) if service.agent_id in tones else None)
            for service in reply_times(conversation)
        )
