"""Reply times and mean tone of each agent. Owns no judgement of them (rubrics) and no word list (`no_reply`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from qa_service.domain.conversation import AgentId, Conversation, Role, Turn, TurnKind
from qa_service.domain.mood import AgentService, ConversationMood, MoodStatus
from qa_service.scoring.no_reply import needs_reply

_MESSAGES = (TurnKind.IMAGE, TurnKind.AUDIO)
"""What a customer sends without text that is still a message; cards and files go with the words about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
    """One wait of the customer and the agent who ended it; `seconds` None where a time is missing."""

    agent_id: AgentId | None
    seconds: float | None


class ReplyMeter:
    """Measures service by these rules.

    - A wait begins with the first customer message (text, image, voice) after the last human answer that needs a reply
      (`no_reply`), and ends with the next human turn. It is the answering agent's, so nobody is timed on a colleague's
      silence; a human turn whose sender is unknown ends it and is nobody's.
    - Until a human has spoken, a bot may answer: after a bot turn the next customer message begins the wait anew. The
      message that the human finally answers therefore counts even if the bot said "transferring you" in between.
      Once a human has spoken, bot turns neither end nor restart a wait.
    - Messages still waiting at the end are `unanswered_turns` of the agent who spoke last; if that agent is unknown,
      of nobody.
    - A wait with a missing time is left out of average and longest; if it is the agent's first, `first_reply_seconds`
      is None.
    - `tone` is the mean over the agent's turns whose tone is complete.
    """

    def measure(self, conversation: Conversation, mood: ConversationMood) -> tuple[AgentService, ...]:
        """One entry for each agent who spoke, in order of first turn."""
        ledger = _Ledger()
        for turn in conversation.turns:
            ledger.add(turn, conversation.agent_of(turn))
        return tuple(_service(agent_id, ledger, mood) for agent_id in conversation.agent_ids)


@dataclass(slots=True, kw_only=True)
class _Ledger:
    """The waits so far, turn by turn."""

    waits: list[_Wait] = field(default_factory=list)
    waiting: list[Turn] = field(default_factory=list)
    last_agent: AgentId | None = None
    has_human_spoken: bool = False
    has_bot_answered: bool = False

    def add(self, turn: Turn, agent_id: AgentId | None) -> None:
        if turn.role is Role.CUSTOMER and _is_message(turn):
            if self.has_bot_answered:
                self.waiting.clear()
                self.has_bot_answered = False
            self.waiting.append(turn)
        elif turn.role is Role.BOT and not self.has_human_spoken:
            self.has_bot_answered = bool(self.waiting)
        elif turn.role is Role.AGENT and turn.kind is not TurnKind.RECALL:
            self._answer(turn, agent_id)

    def _answer(self, turn: Turn, agent_id: AgentId | None) -> None:
        if self.waiting:
            self.waits.append(_Wait(agent_id=agent_id, seconds=_seconds(self.waiting[0].at, turn.at)))
        self.waiting.clear()
        self.last_agent, self.has_human_spoken, self.has_bot_answered = agent_id, True, False


def _is_message(turn: Turn) -> bool:
    return turn.kind in _MESSAGES or (turn.is_inspectable and needs_reply(turn.text))


def _seconds(asked: datetime | None, answered: datetime | None) -> float | None:
    return (answered - asked).total_seconds() if asked and answered else None


def _service(agent_id: AgentId, ledger: _Ledger, mood: ConversationMood) -> AgentService:
    own = [wait.seconds for wait in ledger.waits if wait.agent_id == agent_id]
    known = [seconds for seconds in own if seconds is not None]
    return AgentService(
        agent_id=agent_id,
        tone=_mean(list(_tones(agent_id, mood))),
        first_reply_seconds=own[0] if own else None,
        average_reply_seconds=_mean(known),
        longest_reply_seconds=max(known, default=None),
        unanswered_turns=len(ledger.waiting) if ledger.last_agent == agent_id else 0,
    )


def _tones(agent_id: AgentId, mood: ConversationMood) -> Iterator[float]:
    for tone in mood.tones:
        if tone.agent_id == agent_id and tone.status is MoodStatus.COMPLETE and tone.tone is not None:
            yield tone.tone


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
