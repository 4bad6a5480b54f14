"""One digest of what a conversation says: same content, same record. Owns no identity (`source`, `external_id`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from qa_service.domain.conversation import Conversation
from qa_service.domain.document import conversation_document

_IDENTITY = ("source", "external_id")


def content_sha256(conversation: Conversation) -> str:
    """Hex sha256 over everything that an inspection reads: all fields but the two that name the conversation.

    Equal conversations have equal digests: times count as instants, whatever their offset. What is not known is left
    out, so that a field added to the format later changes no digest.
    """
    document = conversation_document(_in_utc(conversation))
    content = {name: value for name, value in document.items() if name not in _IDENTITY}
    canonical = json.dumps(_known(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _in_utc(conversation: Conversation) -> Conversation:
    turns = tuple(replace(turn, at=_utc(turn.at)) for turn in conversation.turns)
    return replace(conversation, started_at=_utc(conversation.started_at), turns=turns)


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.astimezone(UTC)


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _known(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return value
