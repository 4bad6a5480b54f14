"""Why a rule hits a conversation, and why not; as `qa_service.domain.rule_explanation` holds it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import Schema
from api.schemas.result import FindingDocument
from qa_service.domain.finding import Outcome

_EXAMPLE: dict[str, Any] = {
    "rule_id": "promise.return_window",
    "rule_version": 1,
    "title": "承诺的退货期限长于规定",
    "status": "scored",
    "file": "zh/unauthorized_promise.yaml",
    "line": 12,
    "outcome": "clear",
    "reasons": [],
    "turns": [
        {
            "turn_id": "2",
            "role": "agent",
            "text": "亲，3天内可以退的",
            "outcome": "clear",
            "findings": [],
            "left_out": None,
            "condition": {
                "name": "quantity",
                "file": "zh/unauthorized_promise.yaml",
                "line": 19,
                "truth": "no",
                "label": None,
                "reason": None,
                "evidence": [],
                "measured": [
                    {"name": "stated", "value": {"value": 3, "unit": "day"}, "bound": "better than return_days, 3 day",
                     "holds": False}
                ],
                "parts": [],
            },
        }
    ],
    "agents": [],
    "points": None,
    "dimension": None,
    "is_of_result": True,
}  # fmt: skip


class MeasuredDocument(Schema):
    """What a condition held against a bound."""

    name: str
    value: Any = Field(description="Null where there was nothing to measure.")
    bound: str = Field(description="What was asked of it, in words.")
    holds: bool


class EvidenceDocument(Schema):
    """Words that a condition found."""

    turn_id: str
    start: int
    end: int
    text: str
    view: str = Field(description="The reading that showed them: what was undone to see them.")
    cue: dict[str, Any] | None = Field(description="The exception that takes them back.")


class ConditionDocument(Schema):
    """One condition of the match tree at one turn."""

    name: str
    file: str
    line: int
    truth: str = Field(description="yes, no, not_applicable or unavailable.")
    label: str | None
    reason: str | None
    evidence: list[EvidenceDocument]
    measured: list[MeasuredDocument]
    parts: list[ConditionDocument]


class TurnExplanationDocument(Schema):
    """One turn; `left_out` says why the rule does not read it."""

    turn_id: str
    role: str
    text: str
    outcome: Outcome
    findings: list[FindingDocument]
    left_out: str | None
    condition: ConditionDocument | None


class AgentExplanationDocument(Schema):
    """One agent, for rules about whole segments."""

    agent_id: str | None
    outcome: Outcome
    reason: str | None
    measured: list[MeasuredDocument]
    parts: list[ConditionDocument]


class RuleExplanationDocument(Schema):
    """The whole answer."""

    rule_id: str
    rule_version: int
    title: str
    status: str
    file: str
    line: int
    outcome: Outcome
    reasons: list[str]
    turns: list[TurnExplanationDocument]
    agents: list[AgentExplanationDocument]
    points: float | None = Field(description="What a hit deducts; null: what the rubric has for the severity.")
    dimension: str | None = Field(description="Where a hit counts; null: where the rubric puts its category.")
    is_of_result: bool | None = Field(
        description="Whether the stored result was made with the rules and policies of today; null without a result."
    )

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
