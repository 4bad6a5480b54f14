"""Explains a rule at a conversation condition by condition. Owns no matching: every verdict is the node's own answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.rule_explanation import (
    AgentExplanation,
    ConditionExplanation,
    Evidence,
    RuleExplanation,
    TurnExplanation,
)
from qa_service.rule_engine.answer import Answer, Hit
from qa_service.rule_engine.blocks import Unit, as_said
from qa_service.rule_engine.nodes.base import Check, Measures, MeasuresAgent, Node, Part, Splits, SplitsAgent, held
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import ConversationReading, TurnReading
from qa_service.rule_engine.rule import Condition, Rule

_OUTCOME_ORDER = (Outcome.HIT, Outcome.SUPPRESSED, Outcome.UNAVAILABLE, Outcome.CLEAR, Outcome.NOT_APPLICABLE)
_MOST_EVIDENCE = 20


def explain_rule(rule: Rule, reading: ConversationReading, findings: Sequence[Finding]) -> RuleExplanation:
    """Why the rule gave `findings` (all of its outcomes in this conversation) and no others."""
    reading = reading.merged if rule.unit is Unit.MERGED else reading
    mine = [finding for finding in findings if finding.rule_id == rule.id]
    outcomes = {finding.outcome for finding in mine}
    reasons = dict.fromkeys(str(f.explanation["reason"]) for f in mine if f.explanation.get("reason"))
    turns: tuple[TurnExplanation, ...] = ()
    agents: tuple[AgentExplanation, ...] = ()
    if rule.check is not None:
        agents = tuple(_agent(rule, rule.check, reading, finding) for finding in mine)
    else:
        turns = tuple(_turn(rule, reading, turn, mine) for turn in reading.turns)
    return RuleExplanation(
        rule_id=rule.id,
        rule_version=rule.version,
        title=rule.title,
        status=rule.status,
        file=rule.place.file,
        line=rule.place.line,
        outcome=next((outcome for outcome in _OUTCOME_ORDER if outcome in outcomes), Outcome.CLEAR),
        reasons=tuple(reasons),
        turns=turns,
        agents=agents,
        points=rule.points,
        dimension=rule.dimension,
    )


def _turn(rule: Rule, reading: ConversationReading, turn: TurnReading, mine: Sequence[Finding]) -> TurnExplanation:
    identity = turn.turn.turn.id
    messages = {identity, *(sent.turn.turn.id for sent in turn.messages)}
    here = tuple(finding for finding in mine if finding.turn_id in messages)
    shown = TurnExplanation(
        turn_id=identity,
        role=turn.role,
        text=as_said(turn.original),
        outcome=min((finding.outcome for finding in here), key=_OUTCOME_ORDER.index, default=Outcome.CLEAR),
        findings=here,
    )
    left_out, language = _reads(rule, reading, turn)
    if left_out is not None or rule.node is None:
        return replace(shown, left_out=left_out)
    place = Place(reading, turn, language, rule.views, rule.exceptions)
    return replace(shown, condition=_condition(rule, Part(label=None, node=rule.node, place=place)))


def _reads(rule: Rule, reading: ConversationReading, turn: TurnReading) -> tuple[str | None, str]:
    """Why the rule does not read a turn, or None and the language it reads it in."""
    if not turn.is_inspectable:
        return "no_text", ""
    if turn.role not in rule.speakers:
        return f"speaker is {turn.role}", ""
    main = reading.language
    for language in reading.languages(turn):
        if language in rule.languages and (language == main or main not in rule.languages):
            return None, language
    return f"language is {main}", ""


def _condition(rule: Rule, part: Part) -> ConditionExplanation:
    node, place = part.node, part.place
    answer = node.evaluate(place)
    written = _written(rule, node)
    return ConditionExplanation(
        name=written.name,
        file=rule.place.file,
        line=written.line,
        label=part.label,
        truth=answer.truth,
        reason=answer.reason,
        evidence=_evidence(place, answer),
        measured=node.measure(place) if isinstance(node, Measures) else (),
        parts=tuple(_condition(rule, below) for below in _parts(node, place)),
    )


def _parts(node: Node, place: Place) -> tuple[Part, ...]:
    """What the node says its parts are; else the nodes among its fields, asked at the same turn."""
    if isinstance(node, Splits):
        return node.parts(place)
    return tuple(Part(label=None, node=child, place=place) for child in _children(node))


def _children(node: Node) -> Iterator[Node]:
    return (child for child in held(node) if isinstance(child, Node))


def _written(rule: Rule, node: Node) -> Condition:
    known = next((condition for condition in rule.conditions if condition.node is node), None)
    return known or Condition(node=node, name=type(node).__name__.lower(), line=rule.place.line)


def _evidence(place: Place, answer: Answer) -> tuple[Evidence, ...]:
    return tuple(_seen(place, hit) for hit in answer.hits[:_MOST_EVIDENCE])


def _seen(place: Place, hit: Hit) -> Evidence:
    span = hit.span
    return Evidence(
        turn_id=place.turn.turn.turn.id,
        start=span.start,
        end=span.end,
        text=place.turn.original[span.start : span.end],
        view=hit.view,
        cue=hit.cue.as_json() if hit.cue else None,
    )


def _agent(rule: Rule, check: Check, reading: ConversationReading, finding: Finding) -> AgentExplanation:
    explained = AgentExplanation(
        agent_id=finding.agent_id, outcome=finding.outcome, reason=finding.explanation.get("reason")
    )
    if not reading.turns or finding.agent_id is None:
        return explained
    place = Place(reading, reading.turns[0], reading.language, rule.views, rule.exceptions)
    agent_id = finding.agent_id
    checks = list(_judgements(check))
    measured = [item for one in checks if isinstance(one, MeasuresAgent) for item in one.measure_agent(place, agent_id)]
    parts = [part for one in checks if isinstance(one, SplitsAgent) for part in one.agent_parts(place, agent_id)]
    return replace(explained, measured=tuple(measured), parts=tuple(_condition(rule, part) for part in parts))


def _judgements(check: Check) -> Iterator[Check]:
    """The check and those that it joins."""
    yield check
    for child in held(check):
        if isinstance(child, Check):
            yield from _judgements(child)
