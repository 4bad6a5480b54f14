"""Turns what a rule found into findings. Owns the words and order of explanations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_service.domain.conversation import AgentId
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Cue, Hit, Truth
from qa_service.rule_engine.policies import Policy
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.rule import Rule

OUTCOMES = {
    Truth.YES: Outcome.HIT,
    Truth.NO: Outcome.CLEAR,
    Truth.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
    Truth.UNAVAILABLE: Outcome.UNAVAILABLE,
}


def turn_finding(rule: Rule, turn: TurnReading, hit: Hit, cue: Cue | None, policy: Policy | None) -> Finding:
    """A hit, or with a cue a suppressed one, at its place in a turn."""
    span = hit.span
    explanation = _reasons(rule, policy)
    explanation["view"] = str(hit.view)
    explanation["matched"] = [turn.original[part.start : part.end] for part in hit.parts]
    explanation.update(hit.details)
    if cue is not None:
        explanation["cue"] = cue.as_json()
    return _finding(rule, Outcome.SUPPRESSED if cue else Outcome.HIT, turn.agent_id, explanation, turn=turn, span=span)


def agent_finding(rule: Rule, agent_id: AgentId | None, answer: Answer, policy: Policy | None) -> Finding:
    """A rule's outcome for an agent as a whole: no turn, no span."""
    outcome = OUTCOMES[answer.truth]
    if outcome is Outcome.HIT:
        return _finding(rule, outcome, agent_id, {**_reasons(rule, policy), **answer.details})
    explanation: dict[str, Any] = {"title": rule.title}
    if answer.reason is not None:
        explanation["reason"] = answer.reason
    return _finding(rule, outcome, agent_id, explanation)


def _reasons(rule: Rule, policy: Policy | None) -> dict[str, Any]:
    reasons: dict[str, Any] = {"title": rule.title, "rationale": rule.rationale, "reference": rule.reference}
    if policy is not None:
        reasons["policy"] = policy.as_json()
    return reasons


def _finding(
    rule: Rule,
    outcome: Outcome,
    agent_id: AgentId | None,
    explanation: Mapping[str, Any],
    *,
    turn: TurnReading | None = None,
    span: Span | None = None,
) -> Finding:
    return Finding(
        rule_id=rule.id,
        rule_version=rule.version,
        category=rule.category,
        severity=rule.severity,
        outcome=outcome,
        agent_id=agent_id,
        turn_id=turn.turn.turn.id if turn else None,
        start=span.start if span else None,
        end=span.end if span else None,
        text=turn.original[span.start : span.end] if turn and span else None,
        status=rule.status,
        explanation=explanation,
    )
