"""The audit log. Rows hold ids, figures and states, never transcript text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Schema

_EXAMPLE: dict[str, Any] = {
    "number": 17,
    "at": "2026-11-22T09:30:00.250000Z",
    "by": "王",
    "role": "reviewer",
    "event": "verdict",
    "on": {"finding": ID_EXAMPLE, "rule": "promise.return_window", "conversation": ID_EXAMPLE},
    "shop": "demo",
    "before": {"state": "open"},
    "after": {"state": "confirmed", "decision": "confirm", "reviewer": "王"},
    "request_id": "3b0e2f6c9d1a4c57b1f3a1d2c4e5f607",
    "address": "10.0.0.9",
    "previous_sha256": "0" * 64,
    "sha256": "9f" * 32,
}


class AuditRow(Schema):
    """One act in its place of the chain."""

    number: int = Field(ge=1, description="From 1, without gaps.")
    at: datetime
    by: str = Field(description="Who; `system` where nobody asked for it, `unknown` for a refused log-in.")
    role: str | None
    event: str = Field(description="What was done.")
    on: dict[str, Any] = Field(description="Kind of thing → its id.")
    shop: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None = Field(description="Of the client.")
    previous_sha256: str
    sha256: str = Field(description="Of the canonical JSON of all other fields; see docs/adr/0019-audit-log.md.")

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class AuditList(Schema):
    """One page, newest first."""

    rows: list[AuditRow]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"rows": [_EXAMPLE], "next_cursor": None}]})
