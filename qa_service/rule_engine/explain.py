"""Turns what a rule found into findings. Owns the words and order of explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qa_service.domain.conversation import AgentId
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Cue, Hit, Truth
from qa_service.rule_engine.evasion.view import Undone
from qa_service.rule_engine.policies import Policy
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.rule import Rule

OUTCOMES = {
    Truth.YES: Outcome.HIT,
    Truth.NO: Outcome.CLEAR,
    Truth.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
    Truth.UNAVAILABLE: Outcome.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where the words of a hit were sent: `turn` and `span` of the last message that holds some, `parts` of all."""

    asked: TurnReading
    turn: TurnReading
    span: Span
    parts: tuple[tuple[TurnReading, Span], ...]

    @classmethod
    def of(cls, asked: TurnReading, hit: Hit) -> Evidence:
        """Take a hit of a turn, which may be joined of several, apart into what was sent."""
        parts = tuple(found for part in hit.parts for found in asked.evidence(part))
        turn = max((turn for turn, _ in parts), key=lambda turn: turn.index)
        spans = [span for other, span in parts if other is turn]
        span = Span(min(span.start for span in spans), max(span.end for span in spans))
        return cls(asked=asked, turn=turn, span=span, parts=parts)

    def as_json(self) -> list[dict[str, Any]]:
        """The `evidence` part of an explanation."""
        return [{"turn_id": turn.turn.turn.id, **_shown(turn, span)} for turn, span in self.parts]


def turn_finding(rule: Rule, evidence: Evidence, hit: Hit, cue: Cue | None, policy: Policy | None) -> Finding:
    """A hit, or with a cue a suppressed one, at its place in a turn."""
    explanation = _reasons(rule, policy)
    explanation["view"] = str(hit.view)
    explanation["matched"] = [turn.original[span.start : span.end] for turn, span in evidence.parts]
    if any(turn is not evidence.turn for turn, _ in evidence.parts):
        explanation["evidence"] = evidence.as_json()
    if hit.undone:
        explanation["undone"] = [shown for item in hit.undone for shown in _shown_undone(evidence.asked, item)]
    explanation.update(hit.details)
    if cue is not None:
        explanation["cue"] = _shown_cue(evidence.asked, cue)
    outcome = Outcome.SUPPRESSED if cue else Outcome.HIT
    return _finding(rule, outcome, evidence.turn.agent_id, explanation, turn=evidence.turn, span=evidence.span)


def _shown_cue(asked: TurnReading, cue: Cue) -> dict[str, Any]:
    """A cue with its place in the message that holds it, named where several were read as one."""
    if len(asked.bubbles) < 2:
        return cue.as_json()
    sent = asked.evidence(cue.span)
    if not sent:
        return {"kind": cue.kind, "text": cue.text}
    turn, span = sent[0]
    return {**replace(cue, span=span).as_json(), "turn_id": turn.turn.turn.id}


def _shown_undone(asked: TurnReading, item: Undone) -> list[dict[str, Any]]:
    """What was undone, in the messages that hold it."""
    if len(asked.bubbles) < 2:
        return [item.as_json()]
    return [
        {"how": str(item.how), "read_as": item.read_as, "turn_id": turn.turn.turn.id, **_shown(turn, span)}
        for turn, span in asked.evidence(item.span)
    ]


def _shown(turn: TurnReading, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": turn.original[span.start : span.end]}


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
        points=rule.points,
        dimension=rule.dimension,
    )
