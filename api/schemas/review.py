"""Findings with their ids, and people's verdicts on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Comment, Name, Schema
from api.schemas.result import FINDING_EXAMPLE, FindingDocument
from qa_service.domain.mood import Emotion
from qa_service.domain.review import Decision, ReviewState

FINDING_ID_EXAMPLE = "1f0cbb2e6ad15f3f9c3cbf2c8f5e7d90"
VERDICT_EXAMPLE: dict[str, Any] = {
    "finding_id": FINDING_ID_EXAMPLE,
    "decision": "overturn",
    "comment": "活动期间确实支持七天",
    "reviewer": "王敏",
    "created_at": "2026-11-03T02:10:00Z",
}
SUSPICION_REVIEW_EXAMPLE: dict[str, Any] = {
    "revision": 1,
    "comment": "语气正常",
    "reviewer": "王敏",
    "created_at": "2026-11-03T02:10:00Z",
}


class VerdictRequest(Schema):
    """A step on a finding."""

    decision: Decision = Field(description="QA confirms or overturns; the agent's side appeals.")
    comment: Comment = Field(default="", description="Why; needed to overturn and to appeal.")
    reviewer: Name = Field(description="Who decides: a key stands for a system, not for a person.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision": "overturn", "comment": "活动期间确实支持七天", "reviewer": "王敏"}]
        }
    )


class VerdictDocument(Schema):
    """One decision; never changed afterwards."""

    finding_id: str
    decision: Decision
    comment: str
    reviewer: str
    created_at: datetime

    model_config = ConfigDict(json_schema_extra={"examples": [VERDICT_EXAMPLE]})


MOOD_EXAMPLE: dict[str, Any] = {"turn_id": "3", "emotion": "anxious", "reviewer": "王敏"}


class ClearRequest(Schema):
    """A person looked at what the model only suspected, and found nothing."""

    comment: Comment = Field(default="", description="Why.")
    reviewer: Name = Field(description="Who looked.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "语气正常", "reviewer": "王敏"}]})


class SuspicionReviewDocument(Schema):
    """Who cleared a suspected conversation; never changed afterwards."""

    revision: int = Field(ge=1, description="What was looked at: a new revision has to be looked at anew.")
    comment: str
    reviewer: str
    created_at: datetime

    model_config = ConfigDict(json_schema_extra={"examples": [SUSPICION_REVIEW_EXAMPLE]})


class MoodRequest(Schema):
    """Which emotion a person heard in a turn of the customer."""

    turn_id: Name = Field(description="A text turn of the customer.")
    emotion: Emotion
    reviewer: Name = Field(description="Who listened.")

    model_config = ConfigDict(json_schema_extra={"examples": [MOOD_EXAMPLE]})


class MoodCorrectionDocument(Schema):
    """A corrected mood, for training; never changed afterwards, the newest of a turn counts. It moves no score."""

    turn_id: str
    emotion: Emotion
    reviewer: str
    created_at: datetime

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**MOOD_EXAMPLE, "created_at": "2026-11-03T02:00:00+00:00"}]}
    )


class StoredFindingDocument(Schema):
    """A finding, where it stands and all verdicts on it, newest last."""

    id: str
    conversation_id: str
    external_id: str
    state: ReviewState
    finding: FindingDocument
    verdicts: list[VerdictDocument]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": FINDING_ID_EXAMPLE,
                    "conversation_id": ID_EXAMPLE,
                    "external_id": "c-1001",
                    "state": "overturned",
                    "finding": FINDING_EXAMPLE,
                    "verdicts": [VERDICT_EXAMPLE],
                }
            ]
        }
    )
