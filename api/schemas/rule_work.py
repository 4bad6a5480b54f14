"""Precision of rules, and backtests of packs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, StrictBool

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


class ProposedExceptionDocument(Schema):
    """A phrase to add under `exceptions` of the rule."""

    phrase: str
    overturned_removed: int = Field(description="Overturned hits that it would have held back.")
    overturned: int = Field(description="Overturned hits of the rule.")
    confirmed_lost: int = Field(description="Confirmed hits that it would have held back, too.")
    confirmed: int = Field(description="Confirmed hits of the rule.")


class ProposedExceptionList(Schema):
    """The best ones first; empty where overturned hits have no phrase in common."""

    exceptions: list[ProposedExceptionDocument]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "exceptions": [
                        {
                            "phrase": "垃圾袋",
                            "overturned_removed": 4,
                            "overturned": 5,
                            "confirmed_lost": 0,
                            "confirmed": 31,
                        }
                    ]
                }
            ]
        }
    )


class PublishRequest(Schema):
    """Packs to put into force: the files of a backtest, unchanged."""

    files: dict[str, str] = Field(description="Path within a rules folder (`zh/abuse.yaml`, `lists/words.txt`) → text.")
    reviewer: Name = Field(description="Who publishes.")
    force: StrictBool = Field(default=False, description="Although backtests speak against it.")
    reason: Comment = Field(default="", description="Why it is forced; kept with the publication.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": {"zh/abuse.yaml": "pack: {…}"}, "reviewer": "王敏"}]}
    )


class WithdrawRequest(Schema):
    """Go back to the rules folder."""

    reviewer: Name = Field(description="Who withdraws.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reviewer": "王敏"}]})


class ReloadRequest(Schema):
    """Read packs and policies anew."""

    reviewer: Name = Field(description="Who asks for it; kept in the rule log.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reviewer": "王敏"}]})


class ReloadDocument(Schema):
    """The rules that are in force now."""

    rules_digest: str

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules_digest": "60303ae22b99"}]})


class PublicationDocument(Schema):
    """What is published; all null where the packs of the rules folder are in force."""

    digest: str | None = Field(description="Of the packs, without what is demoted.")
    published_at: datetime | None
    by: str | None
    reason: str | None = Field(description="Why it was forced, if it was.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"digest": None, "published_at": None, "by": None, "reason": None}]}
    )


class BacktestRequest(Schema):
    """Packs to compare with those in force."""

    files: dict[str, str] = Field(description="Path within a rules folder (`zh/abuse.yaml`, `lists/words.txt`) → text.")
    days: int = Field(
        default=30, ge=1, le=3650, description="How far back conversations are taken; reviewed ones are taken all."
    )

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
