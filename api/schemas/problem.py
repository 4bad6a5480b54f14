"""The problem document of all errors (RFC 9457)."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.schemas.base import Schema
from qa_service.errors import ErrorCode


class FieldError(Schema):
    """One field that is wrong."""

    field: str = Field(examples=["limit"])
    message: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(Schema):
    """What went wrong and what to do about it; never holds transcript text."""

    type: str = Field(description="Always `about:blank`; tell errors apart by `code`.")
    title: str = Field(description="The phrase of the status.")
    status: int
    code: ErrorCode = Field(description="Stable: never renamed or re-used.")
    detail: str
    request_id: str = Field(description="Also in the header `X-Request-ID`, and in the service's log.")
    field: str | None = Field(default=None, description="The field or place that is wrong.")
    errors: list[FieldError] | None = Field(default=None, description="Every wrong parameter or field, where checked.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Entity",
                    "status": 422,
                    "code": "invalid_field",
                    "detail": "turns[3].role: must be one of customer, agent, bot, system",
                    "request_id": "0f8b6d0e5c9a4f2f8f3f0c5c1c7c2a11",
                    "field": "turns[3].role",
                }
            ]
        }
    )
