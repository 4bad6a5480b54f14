"""Requests to erase one customer's data. What is answered never names the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Name, Schema
from qa_service.domain.erasure import ErasureState

ERASURE_EXAMPLE: dict[str, Any] = {
    "id": ID_EXAMPLE,
    "state": "done",
    "source": None,
    "shop": "demo",
    "requested_by": "privacy desk",
    "requested_at": "2026-11-02T02:00:00Z",
    "erased": 3,
    "waiting": 0,
    "finished_at": "2026-11-02T02:00:01Z",
}


class ErasureRequest(Schema):
    """Whose data, and where."""

    customer_id: Name = Field(
        description="`customer.id` of the conversations, or the `sender_id` of turns that the customer sent."
    )
    source: Name | None = Field(default=None, description="In this system only; null: in all.")
    shop: Name | None = Field(default=None, description="In this shop only; null: in all.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": "u-9", "source": None, "shop": "demo"}]})


class ErasureDocument(Schema):
    """Where a request stands."""

    id: str
    state: ErasureState = Field(description="`pending` until no text of the customer is left, then `done`.")
    source: str | None
    shop: str | None
    requested_by: str
    requested_at: datetime
    erased: int = Field(ge=0, description="Conversations whose text was erased so far.")
    waiting: int = Field(
        ge=0, description="Conversations left; each waits for its turn, its inspection or the end of an appeal."
    )
    finished_at: datetime | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                ERASURE_EXAMPLE,
            ]
        }
    )


class ErasureList(Schema):
    """The newest requests first."""

    erasures: list[ErasureDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"erasures": [ERASURE_EXAMPLE]}]})
