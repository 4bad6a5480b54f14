"""Agents over a period: their scorecards, their performance, exports of it and deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, StrictBool

from api.schemas.base import ID_EXAMPLE, Name, Period, Points, Schema, Share
from api.schemas.result import SCORECARD_EXAMPLE, ScorecardDocument

_MEAN_EXAMPLE: dict[str, Any] = {"n": 41, "mean": 86.3, "low": 83.9, "high": 88.7}


class MeanDocument(Schema):
    """A mean over `n` scorecards with its 95 % interval; null at n = 0, the interval also at n = 1."""

    n: int = Field(ge=0)
    mean: Points | None
    low: float | None
    high: float | None


class AgentPerformanceDocument(Schema):
    """One agent's month. Means are of final scores (after verdicts); `machine_total` is before them."""

    agent_id: str
    agent_name: str | None
    group: str | None
    shop: str | None
    period: str
    conversations: int
    unscored: int = Field(description="Conversations whose total is null; they are in no mean.")
    dimensions: dict[str, MeanDocument]
    total: MeanDocument
    machine_total: MeanDocument
    band: str | None
    findings_by_category: dict[str, int]
    verdicts: dict[str, int] = Field(description="Findings by the decision that holds.")


class PerformanceDocument(Schema):
    """All agents of a period."""

    period: str
    shop: str | None
    agents: list[AgentPerformanceDocument]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "period": "2026-11",
                    "shop": None,
                    "agents": [
                        {
                            "agent_id": "a-7",
                            "agent_name": "小林",
                            "group": "售后",
                            "shop": "demo",
                            "period": "2026-11",
                            "conversations": 42,
                            "unscored": 1,
                            "dimensions": {"service_attitude": _MEAN_EXAMPLE, "compliance": _MEAN_EXAMPLE},
                            "total": _MEAN_EXAMPLE,
                            "machine_total": _MEAN_EXAMPLE,
                            "band": "pass",
                            "findings_by_category": {"unauthorized_promise": 3},
                            "verdicts": {"confirm": 2, "overturn": 1},
                        }
                    ],
                }
            ]
        }
    )


class ScoredConversationDocument(Schema):
    """One conversation of an agent: the scorecard before (`machine`) and after (`final`) verdicts."""

    conversation_id: str
    external_id: str
    shop: str | None
    channel: str | None
    at: datetime
    machine: ScorecardDocument
    final: ScorecardDocument
    findings_by_category: dict[str, int]
    verdicts: dict[str, int] = Field(description="Findings by the decision that holds.")
    negative_share: Share | None = Field(description="Of the conversation's customer turns.")


class AgentScorecards(Schema):
    """An agent's scorecards, by time."""

    agent_id: str
    period: str | None
    scorecards: list[ScoredConversationDocument]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "agent_id": "a-7",
                    "period": "2026-11",
                    "scorecards": [
                        {
                            "conversation_id": ID_EXAMPLE,
                            "external_id": "c-1001",
                            "shop": "demo",
                            "channel": "taobao",
                            "at": "2026-11-02T01:58:00Z",
                            "machine": SCORECARD_EXAMPLE,
                            "final": SCORECARD_EXAMPLE,
                            "findings_by_category": {"unauthorized_promise": 1},
                            "verdicts": {"confirm": 1},
                            "negative_share": 0.0,
                        }
                    ],
                }
            ]
        }
    )


class ExportRequest(Schema):
    """A file (`format`), or with `push` a delivery to the URL in the service's settings."""

    period: Period
    shop: Name | None = Field(default=None, description="Of a file: only this shop's agents; not with `push`.")
    format: Literal["csv", "xlsx", "json"] = Field(default="csv", description="Of a file; not with `push`.")
    push: StrictBool = Field(
        default=False, description="Deliver to `QA_PUSH_URL` instead; a request cannot name a URL."
    )

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"period": "2026-11", "format": "csv"}, {"period": "2026-11", "push": True}]}
    )


_DELIVERY_EXAMPLE: dict[str, Any] = {
    "idempotency_key": "0d8f2f0e-8f0b-4a55-9d0e-3c5a3f0a9a11",
    "period": "2026-11",
    "attempt": 1,
    "at": "2026-12-01T02:00:00Z",
    "status": 204,
    "error": None,
    "delivered": True,
    "bytes": 18230,
}


class DeliveryDocument(Schema):
    """One attempt to push."""

    idempotency_key: str = Field(description="The same for all attempts of one push.")
    period: str
    attempt: int = Field(ge=1)
    at: datetime
    status: int | None = Field(description="HTTP status of the receiver; null if none came.")
    error: str | None
    delivered: bool
    bytes: int

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY_EXAMPLE]})


class DeliveryList(Schema):
    """The newest attempts first."""

    deliveries: list[DeliveryDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"deliveries": [_DELIVERY_EXAMPLE]}]})
