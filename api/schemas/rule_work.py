"""Precision of rules, and backtests of packs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Comment, Name, Schema
from qa_service.domain.finding import RuleStatus

_PRECISION: dict[str, Any] = {"confirmed": 26, "overturned": 4, "share": 0.8667, "low": 0.7032, "high": 0.9469}
_FIGURE: dict[str, Any] = {
    "rule_id": "promise.return_window",
    "version": 1,
    "title": "承诺的退货期限长于规定",
    "status": "scored",
    "bar": 0.7,
    "precision": _PRECISION,
    "demoted_at": None,
}


class PrecisionDocument(Schema):
    """Of the hits decided about, the share confirmed with its 95 % Wilson interval; null without any."""

    confirmed: int
    overturned: int
    share: float | None
    low: float | None
    high: float | None


class RuleFigureDocument(Schema):
    """One rule with what people decided about its hits."""

    rule_id: str
    version: int
    title: str
    status: RuleStatus = Field(description="As it counts now: advisory while it is demoted.")
    bar: float = Field(description="The lower bound under which the rule is demoted.")
    precision: PrecisionDocument
    demoted_at: datetime | None

    model_config = ConfigDict(json_schema_extra={"examples": [_FIGURE]})


class RuleFigureList(Schema):
    """All rules, by id."""

    rules: list[RuleFigureDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": [_FIGURE]}]})


class RestoreRequest(Schema):
    """Let a demoted rule move scores again."""

    reason: Comment = Field(description="Why; kept in the log.")
    reviewer: Name = Field(description="Who decides.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "例外已补", "reviewer": "王敏"}]})


class BacktestRequest(Schema):
    """Packs to compare with those in force."""

    files: dict[str, str] = Field(description="Path within a rules folder (`zh/abuse.yaml`, `lists/words.txt`) → text.")
    days: int = Field(default=30, ge=1, le=3650, description="How far back conversations are taken.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"files": {"zh/abuse.yaml": "pack: {…}"}, "days": 30}]})


class BacktestDocument(Schema):
    """A backtest; `report` is null while it runs."""

    id: str
    state: str = Field(description="running, complete or failed.")
    error: str | None = Field(description="Code of what ended it.")
    report: dict[str, Any] | None = Field(description="Rules, agents, examples by id and offsets, precision.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": ID_EXAMPLE, "state": "running", "error": None, "report": None}]}
    )
