"""Conversations as callers send them and as they get them back. Parsing and checking is `qa_service.ingest`'s."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Schema
from api.schemas.result import FINDING_EXAMPLE, RESULT_EXAMPLE, SCORECARD_EXAMPLE, InspectionResult, ScorecardDocument
from api.schemas.review import (
    FINDING_ID_EXAMPLE,
    VERDICT_EXAMPLE,
    MoodCorrectionDocument,
    SuspicionReviewDocument,
    VerdictDocument,
)
from qa_service.domain.conversation import Role, TurnKind
from qa_service.domain.erasure import ErasureReason
from qa_service.domain.review import ReviewState

CONVERSATION_EXAMPLE: dict[str, Any] = {
    "external_id": "c-1001",
    "channel": "taobao",
    "shop": "demo",
    "language": "zh",
    "started_at": "2026-11-02T09:58:00+08:00",
    "customer": {"id": "u-9"},
    "agents": [{"id": "a-7", "name": "小林", "group": "售后"}],
    "attributes": {"order_id": "T-1", "stage": "after_sales"},
    "csat": None,
    "turns": [
        {
            "id": "1",
            "role": "customer",
            "sender_id": "u-9",
            "at": "2026-11-02T09:58:00+08:00",
            "text": "你好，这个能退吗",
        },
        {
            "id": "2",
            "role": "agent",
            "sender_id": "a-7",
            "at": "2026-11-02T09:58:41+08:00",
            "text": "亲，七天内不满意都可以退的哦",
        },
    ],
}


class CustomerDocument(Schema):
    """The person who asks."""

    id: str | None = None


class AgentDocument(Schema):
    """A person who answers customers."""

    id: str
    name: str | None = None
    group: str | None = None


class TurnDocument(Schema):
    """One message."""

    id: str | None = Field(default=None, description="Unique in the conversation; default: its number, from 1.")
    role: Role
    text: str
    kind: TurnKind = Field(default=TurnKind.TEXT, description="Only `text` turns are inspected.")
    sender_id: str | None = Field(default=None, description="Who said it, e.g. the id of one of `agents`.")
    at: datetime | None = Field(default=None, description="RFC 3339 with offset.")


class ConversationDocument(Schema):
    """The generic conversation: one line of a JSON Lines file is the same object."""

    external_id: str = Field(
        description="The id in the system it comes from; with `shop` and `source` it names the conversation."
    )
    turns: list[TurnDocument] = Field(min_length=1, description="In the order in which they were said.")
    source: str = Field(default="default", description="The system it comes from.")
    channel: str | None = None
    shop: str | None = None
    language: str | None = Field(default=None, description="`zh`, `en`, …; detected where it is missing.")
    started_at: datetime | None = Field(default=None, description="RFC 3339 with offset.")
    customer: CustomerDocument | None = None
    agents: list[AgentDocument] | None = None
    attributes: dict[str, str | float | bool | None] | None = Field(
        default=None, description="Kept as text; null is left out."
    )
    csat: float | None = Field(default=None, description="The customer's own rating, 1 to 5.", ge=1, le=5)

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATION_EXAMPLE]})


class ErasedDocument(Schema):
    """When the text of a conversation was erased, and why."""

    at: datetime
    reason: ErasureReason = Field(description="`retention`: its time was over; `request`: the customer asked for it.")


class SubmissionDocument(Schema):
    """What came of handing a conversation in."""

    id: str
    external_id: str
    revision: int = Field(ge=1, description="Goes up when the content changes.")
    state: str = Field(description="`pending`, `processing`, `complete` or `failed`.")
    created: bool = Field(description="False when the same content was there already.")
    erased: ErasedDocument | None = Field(
        default=None, description="The same content was there, and its text was erased since: it is not kept again."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": ID_EXAMPLE,
                    "external_id": "c-1001",
                    "revision": 1,
                    "state": "pending",
                    "created": True,
                    "erased": None,
                }
            ]
        }
    )


class StoredConversationDocument(Schema):
    """A conversation and what is known about it."""

    id: str
    source: str
    external_id: str
    revision: int
    state: str = Field(description="`pending`, `processing`, `complete` or `failed`.")
    error: str | None = Field(description="The error code of a failed inspection.")
    received_at: datetime
    review_state: ReviewState
    assignee: str | None = Field(description="Who reviews it; null: nobody yet.")
    conversation: ConversationDocument
    result: InspectionResult | None = Field(description="The newest result; null until there is one.")
    finding_ids: dict[str, str] = Field(description="`result.findings[].key` → the id for `GET /v1/findings/{id}`.")
    final_scorecards: list[ScorecardDocument] = Field(
        description="After the verdicts; `result.scorecards` stay what the machine said."
    )
    verdicts: list[VerdictDocument]
    suspicion_reviews: list[SuspicionReviewDocument] = Field(description="Who cleared this revision.")
    mood_corrections: list[MoodCorrectionDocument] = Field(description="Emotions that people heard, newest last.")
    erased: ErasedDocument | None = Field(
        description="Null while the text is held. Without it figures, places of findings and decisions are left."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": ID_EXAMPLE,
                    "source": "default",
                    "external_id": "c-1001",
                    "revision": 1,
                    "state": "complete",
                    "error": None,
                    "received_at": "2026-11-02T02:00:00Z",
                    "review_state": "confirmed",
                    "assignee": None,
                    "conversation": CONVERSATION_EXAMPLE,
                    "result": RESULT_EXAMPLE,
                    "finding_ids": {FINDING_EXAMPLE["key"]: FINDING_ID_EXAMPLE},
                    "final_scorecards": [SCORECARD_EXAMPLE],
                    "verdicts": [VERDICT_EXAMPLE],
                    "suspicion_reviews": [],
                    "mood_corrections": [],
                    "erased": None,
                }
            ]
        }
    )
