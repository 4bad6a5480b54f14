"""Follows a conversation while it goes on. Owns what may be said early; the rules are the engine's, and so is the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from qa_service.domain.conversation import UNKNOWN_AGENT, AgentId, Conversation, Role, Turn
from qa_service.domain.finding import Finding
from qa_service.domain.mood import AgentService, ConversationMood, MoodStatus, TurnTone
from qa_service.domain.text import NormalisedConversation, NormalisedTurn
from qa_service.normalise import language_of, normalise_turn
from qa_service.rule_engine.reading import ConversationReading, TurnReading

_NOT_OVER = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="the conversation is not over")


class Engine(Protocol):
    """What a session asks of the rules that it began with."""

    def read(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> ConversationReading:
        """Begin to read a conversation."""

    def ask(self, reading: ConversationReading, turn: TurnReading) -> tuple[Finding, ...]:
        """What the rules that are not deferred find in one turn."""

    def may_be_doubted(self, findings: Sequence[Finding]) -> bool:
        """Whether the tone of their turn may change one of them."""

    def inspect(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> tuple[Finding, ...]:
        """All outcomes of a whole conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The findings (hits and suppressed ones) so far, in order of turn.

    What is `exact` stays to the close; what is `provisional` may change with what is still to be said.
    """

    exact: tuple[Finding, ...]
    provisional: tuple[Finding, ...]


class LiveSession:
    """One conversation under the rules that were in force when it began. Each turn is read once.

    Exact are the findings of rules that are not `deferred`, as long as four things are known that could else change
    until the close: the language (stated in the header), the time (of the turn, or `started_at`), whose each turn is (an
    agent turn without sender is the one person's whom the whole conversation names), and where one of the turn's findings
    is of a rule with `doubt_below`, the model's tone of that turn.
    """

    def __init__(self, engine: Engine, header: Conversation) -> None:
        self._engine = engine
        self._header = replace(header, turns=())
        self._turns: list[NormalisedTurn] = []
        self._names = {agent.id for agent in header.agents}
        self._is_settled = header.language is not None
        empty = NormalisedConversation(conversation=self._header, turns=(), language=language_of(self._header))
        self._reading = engine.read(empty, _NOT_OVER, ())
        self._exact: list[Finding] = []
        self._provisional: list[Finding] = []

    def feed(self, turn: Turn, tone: TurnTone | None = None) -> Progress:
        """The findings with this turn.

        `tone` is what the model says of it, which no later turn changes (`mood.MoodSession`); None where it is not known.
        """
        normalised = normalise_turn(turn)
        self._turns.append(normalised)
        owner = self._owner(turn)
        is_timed = turn.at is not None or self._header.started_at is not None
        if tone is not None:
            self._reading.tones[tone.turn_id] = tone
        found = self._engine.ask(self._reading, self._reading.add(normalised, owner))
        is_toned = turn.role is not Role.AGENT or tone is not None or not self._engine.may_be_doubted(found)
        (self._exact if self._is_settled and is_timed and is_toned else self._provisional).extend(found)
        return Progress(exact=tuple(self._exact), provisional=tuple(self._provisional))

    def close(self, mood: ConversationMood, agents: Sequence[AgentService]) -> tuple[Finding, ...]:
        """All outcomes, those of deferred rules too: what `inspect` says of the whole conversation."""
        conversation = self.conversation
        whole = NormalisedConversation(
            conversation=conversation, turns=tuple(self._turns), language=language_of(conversation)
        )
        return self._engine.inspect(whole, mood, agents)

    @property
    def conversation(self) -> Conversation:
        """What was said so far."""
        return replace(self._header, turns=tuple(turn.turn for turn in self._turns))

    def _owner(self, turn: Turn) -> AgentId | None:
        """Whose the turn is, as far as it is known (`Conversation.owners`)."""
        if turn.role is not Role.AGENT:
            return None
        if turn.sender_id is not None:
            self._names.add(AgentId(turn.sender_id))
            return AgentId(turn.sender_id)
        if len(self._names) > 1:
            return None
        self._is_settled = False
        return next(iter(self._names), UNKNOWN_AGENT)
