"""A conversation as versioned JSON for the store, and back without loss.

Does not own the format that callers send (`ingest`), nor the public one of results.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer, Role, Turn, TurnId, TurnKind
from qa_service.domain.document import conversation_document
from qa_service.errors import ErrorCode, InvalidInput

CONVERSATION_VERSION = 1


def conversation_to_stored(conversation: Conversation) -> dict[str, Any]:
    """The generic format, every field of it, with the version of this shape; times keep their own offset."""
    return {"version": CONVERSATION_VERSION, **conversation_document(conversation)}


def conversation_from_stored(document: Mapping[str, Any]) -> Conversation:
    """The conversation that `conversation_to_stored` was given.

    Raises:
        InvalidInput: the document has a version that this code does not know.
    """
    if document.get("version") != CONVERSATION_VERSION:
        raise InvalidInput(
            f"a stored conversation has a version other than {CONVERSATION_VERSION}: upgrade the service",
            code=ErrorCode.INVALID_FIELD,
            field="version",
        )
    return Conversation(
        external_id=document["external_id"],
        source=document["source"],
        channel=document["channel"],
        shop=document["shop"],
        language=document["language"],
        started_at=_from_iso(document["started_at"]),
        customer=Customer(id=document["customer"]["id"]),
        agents=tuple(Agent(id=AgentId(a["id"]), name=a["name"], group=a["group"]) for a in document["agents"]),
        attributes=document["attributes"],
        csat=document["csat"],
        turns=tuple(_turn_from_stored(turn) for turn in document["turns"]),
    )


def _turn_from_stored(document: Mapping[str, Any]) -> Turn:
    return Turn(
        id=TurnId(document["id"]),
        role=Role(document["role"]),
        kind=TurnKind(document["kind"]),
        sender_id=document["sender_id"],
        at=_from_iso(document["at"]),
        text=document["text"],
    )


def _from_iso(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
