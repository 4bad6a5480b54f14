"""Conversations whose inspection was given up. Rows hold no transcript text."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Schema
from qa_service.domain.work import Lane
from qa_service.errors import ErrorCode


class DeadLetterRow(Schema):
    """One conversation in the state `failed`."""

    id: str
    source: str
    external_id: str
    shop: str | None
    revision: int
    lane: Lane = Field(description="`realtime` for single posts, `bulk` for batches and files.")
    error: str = Field(description="Code of the last failure.")
    attempts: int = Field(description="How often it was tried.")
    failed_at: datetime


class DeadLetterPage(Schema):
    """One page, newest first."""

    dead_letters: list[DeadLetterRow]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dead_letters": [
                        {
                            "id": ID_EXAMPLE,
                            "source": "default",
                            "external_id": "c-1001",
                            "shop": "demo",
                            "revision": 1,
                            "lane": "realtime",
                            "error": "worker_lost",
                            "attempts": 5,
                            "failed_at": "2026-11-02T02:10:00Z",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )


class RequeueRequest(Schema):
    """Which of them to inspect again."""

    error: ErrorCode | None = Field(default=None, description="Only those with this code; null: all.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"error": "worker_lost"}]})


class RequeueAnswer(Schema):
    """How many are pending again."""

    requeued: int = Field(ge=0)

    model_config = ConfigDict(json_schema_extra={"examples": [{"requeued": 3}]})
