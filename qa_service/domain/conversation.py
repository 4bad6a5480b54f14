"""What was said: conversations, turns and who spoke. Owns no parsing (`ingest`) and no cleaning (`normalise`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

AgentId = NewType("AgentId", str)
TurnId = NewType("TurnId", str)

UNKNOWN_AGENT = AgentId("unknown")
"""The one agent of a conversation whose source names nobody (e.g. a TXT file with `客服：` lines)."""


class Role(StrEnum):
    """Who a turn comes from. An agent is always a person; software is `bot` or `system`."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class TurnKind(StrEnum):
    """What a turn is; only `text` turns are inspected."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    CARD = "card"
    FILE = "file"
    RECALL = "recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message. `at` is timezone-aware, or None where the source has no time."""

    id: TurnId
    role: Role
    text: str
    kind: TurnKind = TurnKind.TEXT
    sender_id: str | None = None
    at: datetime | None = None

    @property
    def is_inspectable(self) -> bool:
        """Whether there is text to inspect."""
        return self.kind is TurnKind.TEXT and bool(self.text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person who answers customers."""

    id: AgentId
    name: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The person who asks."""

    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One chat as its source gave it; turns in the order in which they were said.

    `(shop, source, external_id)` names it for ever. `csat` is the customer's own rating 1…5 where there is one.
    """

    external_id: str
    turns: tuple[Turn, ...]
    source: str = "default"
    channel: str | None = None
    shop: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    customer: Customer = field(default_factory=Customer)
    agents: tuple[Agent, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    csat: float | None = None

    @property
    def time(self) -> datetime | None:
        """When it began: `started_at`, else the first known time of a turn."""
        return self.started_at or next((turn.at for turn in self.turns if turn.at), None)

    def owners(self) -> tuple[AgentId | None, ...]:
        """Whose each turn is, turn by turn: an agent's id, or None for turns that no known person said.

        A turn without sender belongs to the one person whom agents and senders together name, or to `unknown` if they
        name nobody; with several it belongs to nobody, since nobody may be blamed by a guess.
        """
        senders = (turn.sender_id for turn in self.turns if turn.role is Role.AGENT and turn.sender_id is not None)
        named = {agent.id for agent in self.agents} | {AgentId(sender) for sender in senders} or {UNKNOWN_AGENT}
        unnamed = next(iter(named)) if len(named) == 1 else None
        return tuple(
            None if turn.role is not Role.AGENT else unnamed if turn.sender_id is None else AgentId(turn.sender_id)
            for turn in self.turns
        )

    @property
    def agent_ids(self) -> tuple[AgentId, ...]:
        """Every agent who is known to have said something, in order of first turn."""
        return tuple(dict.fromkeys(owner for owner in self.owners() if owner is not None))
