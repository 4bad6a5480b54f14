"""One answer for each line of a batch."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Schema
from qa_service.errors import ErrorCode


class LineError(Schema):
    """Why a line was rejected."""

    code: ErrorCode
    message: str
    field: str | None


class BatchAnswer(Schema):
    """What came of one line; `id` is null and `error` set where it was rejected."""

    line: int = Field(ge=1, description="Its number, from 1; empty lines count and are not answered.")
    external_id: str | None
    status: Literal["accepted", "unchanged", "rejected"]
    id: str | None
    error: LineError | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "line": 1,
                    "external_id": "c-1001",
                    "status": "accepted",
                    "id": "6f1c0e9a7b1d4c6a9a0f4b3c2d1e0f55",
                    "error": None,
                },
                {
                    "line": 2,
                    "external_id": None,
                    "status": "rejected",
                    "id": None,
                    "error": {"code": "invalid_json", "message": "line 2 is not a JSON object", "field": None},
                },
            ]
        }
    )
