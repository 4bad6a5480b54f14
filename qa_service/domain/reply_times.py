"""How long customers waited for each agent: the only clock. Owns no judgement of it (rules, rubrics)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from qa_service.domain.conversation import AgentId, Conversation, Role, Turn, TurnId, TurnKind
from qa_service.domain.mood import AgentService
from qa_service.domain.no_reply import letters_of, needs_reply

Elapsed = Callable[[datetime, datetime], float]
"""Seconds from one moment to a later one, as they count."""


_HANDED_ON = re.compile(r"转接|转交|转给|转至|轉接|轉交|轉給|轉至|transferred", re.IGNORECASE)
"""Platforms' notices of a transfer; others stand in chats that stay where they are (an invitation to rate, a card)."""


def _by_the_clock(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds()


def reply_times(conversation: Conversation, *, elapsed: Elapsed = _by_the_clock) -> tuple[AgentService, ...]:
    """The reply times of each agent who spoke, in order of first turn; `tone` None.

    - A wait begins with the first customer turn after the last human answer that needs a reply (text by `no_reply`;
      image, voice, card, file always; a recalled message never) and ends with the next human turn, which may be an
      image but no recalled message. It is the answering agent's; a turn that is nobody's ends it for nobody.
    - A bot's message ends no wait. But before the first human turn only the bot is asked: a customer who writes again
      after its answer begins the wait anew, so that what the bot settled is not waited for.
    - An agent who takes over (another person spoke last, or none yet) is timed from the transfer: the last system turn
      in the wait. Without one, the first person of the chat is timed from the wait's start, and so is one to whom the
      chat was transferred before the wait began; else nobody knows when the chat changed hands and the wait has no
      time. What the customer waited before the transfer counts for the longest wait of the agent who spoke before, if
      it is more than what the next took.
    - A wait without time is left out of average and longest; if it is the agent's first, `first_reply_seconds` is None.
    - `elapsed` may count opening hours alone (`WorkingHours.seconds_between`).
    - Turns that still wait at the end are `unanswered_turns` of the agent who spoke last; of nobody, if that turn is
      nobody's, or if a system turn said before they came that the chat was handed on.
    """
    owners = conversation.owners()
    clock = _run(conversation, owners, elapsed)
    agents = dict.fromkeys(owner for owner in owners if owner is not None)
    return tuple(_service(agent_id, clock) for agent_id in agents)


def waits(conversation: Conversation, *, elapsed: Elapsed = _by_the_clock) -> Mapping[TurnId, float | None]:
    """The seconds that a customer waited for each turn that ended a wait, by the rules of `reply_times`.

    None where a wait has no time.
    """
    return _run(conversation, conversation.owners(), elapsed).by_turn


def _run(conversation: Conversation, owners: Sequence[AgentId | None], elapsed: Elapsed) -> _Clock:
    clock = _Clock(names=_names(conversation), elapsed=elapsed)
    for turn, owner in zip(conversation.turns, owners, strict=True):
        clock.add(turn, owner)
    return clock


@dataclass(slots=True, kw_only=True)
class _Clock:
    """The waits so far, turn by turn; seconds are None where a time is missing."""

    names: frozenset[str]
    elapsed: Elapsed
    by_turn: dict[TurnId, float | None] = field(default_factory=dict)
    waits: dict[AgentId | None, list[float | None]] = field(default_factory=dict)
    left_behind: dict[AgentId | None, list[float]] = field(default_factory=dict)
    waiting: list[Turn] = field(default_factory=list)
    last_agent: AgentId | None = None
    has_human_spoken: bool = False
    has_bot_answered: bool = False
    transfer: Turn | None = None
    is_transfer_in_wait: bool = False

    def add(self, turn: Turn, owner: AgentId | None) -> None:
        if turn.role is Role.CUSTOMER and _is_waiting(turn, self.names):
            if self.has_bot_answered or not self.waiting:
                self.waiting.clear()
                self.has_bot_answered = self.is_transfer_in_wait = False
            self.waiting.append(turn)
        elif turn.role is Role.BOT and not self.has_human_spoken:
            self.has_bot_answered = bool(self.waiting)
        elif turn.role is Role.SYSTEM:
            self.transfer, self.is_transfer_in_wait = turn, bool(self.waiting)
        elif turn.role is Role.AGENT and turn.kind is not TurnKind.RECALL:
            self._answer(turn, owner)

    def _answer(self, turn: Turn, owner: AgentId | None) -> None:
        if self.waiting:
            seconds = self._seconds(turn, owner)
            self.waits.setdefault(owner, []).append(seconds)
            self.by_turn[turn.id] = seconds
        self.waiting.clear()
        self.last_agent, self.has_human_spoken, self.has_bot_answered, self.transfer = owner, True, False, None

    @property
    def is_handed_on(self) -> bool:
        """Whether what waits was asked after the chat had gone to somebody else."""
        if self.transfer is None or self.is_transfer_in_wait:
            return False
        return _HANDED_ON.search(self.transfer.text) is not None

    def _between(self, first: Turn, last: Turn) -> float | None:
        return self.elapsed(first.at, last.at) if first.at and last.at else None

    def _seconds(self, turn: Turn, owner: AgentId | None) -> float | None:
        """How long this agent let the customer wait."""
        asked = self.waiting[0]
        if self.has_human_spoken and owner == self.last_agent:
            return self._between(asked, turn)
        if self.transfer is None:
            return None if self.has_human_spoken else self._between(asked, turn)
        if not self.is_transfer_in_wait:
            return self._between(asked, turn)
        before, own = self._between(asked, self.transfer), self._between(self.transfer, turn)
        if before is not None and own is not None and before > own:
            self.left_behind.setdefault(self.last_agent, []).append(before)
        return own


def _names(conversation: Conversation) -> frozenset[str]:
    declared = (name for agent in conversation.agents for name in (agent.id, agent.name) if name)
    senders = (turn.sender_id for turn in conversation.turns if turn.role is Role.AGENT and turn.sender_id)
    return frozenset(filter(None, (letters_of(name) for name in {*declared, *senders})))


def _is_waiting(turn: Turn, names: frozenset[str]) -> bool:
    if turn.kind is TurnKind.TEXT:
        return turn.is_inspectable and needs_reply(turn.text, names=names)
    return turn.kind is not TurnKind.RECALL


def _service(agent_id: AgentId, clock: _Clock) -> AgentService:
    own = clock.waits.get(agent_id, [])
    known = [seconds for seconds in own if seconds is not None]
    return AgentService(
        agent_id=agent_id,
        first_reply_seconds=own[0] if own else None,
        average_reply_seconds=fmean(known) if known else None,
        longest_reply_seconds=max([*known, *clock.left_behind.get(agent_id, ())], default=None),
        unanswered_turns=len(clock.waiting) if clock.last_agent == agent_id and not clock.is_handed_on else 0,
    )
