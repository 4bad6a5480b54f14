"""The rules in force, without what they match."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import Schema
from qa_service.domain.finding import RuleStatus, Severity

_EXAMPLE: dict[str, Any] = {
    "id": "promise.return_window",
    "version": 1,
    "title": "承诺的退货期限超出政策",
    "category": "unauthorized_promise",
    "severity": "major",
    "status": "scored",
    "languages": ["zh"],
    "rationale": "客服承诺的退货天数超过店铺政策，店铺须照承诺履行。",
    "reference": "policy:return_days",
    "points": None,
    "dimension": None,
}


class RuleDocument(Schema):
    """One rule."""

    id: str
    version: int
    title: str
    category: str
    severity: Severity
    status: RuleStatus
    languages: list[str]
    rationale: str | None
    reference: str | None
    points: float | None = Field(description="What a hit deducts; null: what the rubric has for the severity.")
    dimension: str | None = Field(description="Where a hit counts; null: where the rubric puts its category.")

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class RuleList(Schema):
    """All rules, by id."""

    rules: list[RuleDocument]

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": [_EXAMPLE]}]})
