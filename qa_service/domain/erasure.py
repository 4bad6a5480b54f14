"""Erased text: why, when, and what of a chat is left. Owns no search for what is to be erased (`storage`, `workflows`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from qa_service.domain.conversation import Conversation, Customer, Role, Turn
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection

KEPT_OF_EXPLANATIONS = ("title", "rationale", "reference", "policy", "view")
"""What the pack and the policy say. All else may quote the chat."""


class ErasureReason(StrEnum):
    """Why the text of a chat is gone. Values stand in stored rows."""

    RETENTION = "retention"
    REQUEST = "request"


class ErasureState(StrEnum):
    """Where a request to erase a customer's data stands."""

    PENDING = "pending"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """When the text of a chat was erased, and why."""

    at: datetime
    reason: ErasureReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Chats whose time is over: `ready` to be erased now, `waiting` for an inspection or for the end of an appeal."""

    ready: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerQuery:
    """One customer's chats: the digest of the id, in one source and shop, or in any where None."""

    customer_digest: str
    source: str | None = None
    shop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A request to erase one customer's data. `erased` chats so far; `waiting` ones as last looked at."""

    id: str
    query: CustomerQuery
    requested_by: str
    requested_at: datetime
    state: ErasureState = ErasureState.PENDING
    erased: int = 0
    waiting: int = 0
    finished_at: datetime | None = None


def customer_digest(customer_id: str) -> str:
    """What chats are found by: 64 hexadecimal characters."""
    return hashlib.sha256(b"qa_service.customer\0" + customer_id.encode()).hexdigest()


def customer_digests(conversation: Conversation) -> tuple[str, ...]:
    """Of everybody who asks in a conversation: the customer it names and the senders of customer turns."""
    return tuple(sorted({customer_digest(name) for name in _customers(conversation)}))


def _customers(conversation: Conversation) -> Iterator[str]:
    if conversation.customer.id is not None:
        yield conversation.customer.id
    yield from (
        turn.sender_id for turn in conversation.turns if turn.role is Role.CUSTOMER and turn.sender_id is not None
    )


def conversation_without_text(conversation: Conversation) -> Conversation:
    """Who spoke when, without a word, without the customer's id and without attributes."""
    return replace(
        conversation,
        customer=Customer(),
        attributes={},
        turns=tuple(_without_text(turn) for turn in conversation.turns),
    )


def _without_text(turn: Turn) -> Turn:
    return replace(turn, text="", sender_id=turn.sender_id if turn.role is Role.AGENT else None)


def inspection_without_text(inspection: Inspection) -> Inspection:
    """All figures, scores and findings with their places, without the words that they quote."""
    return replace(inspection, findings=tuple(_finding_without_text(finding) for finding in inspection.findings))


def _finding_without_text(finding: Finding) -> Finding:
    return replace(finding, text=None, explanation=_kept(finding.explanation))


def _kept(explanation: Mapping[str, object]) -> dict[str, object]:
    return {name: explanation[name] for name in KEPT_OF_EXPLANATIONS if name in explanation}
