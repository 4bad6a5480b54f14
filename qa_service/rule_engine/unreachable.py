"""Conditions on other turns that can never be met there. Owns no rule that is dead as a whole (`idle_rules`)."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.domain.conversation import Role
from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.anchors import Anchor, Sequence
from qa_service.rule_engine.nodes.base import held
from qa_service.rule_engine.nodes.logic import And, Not, Or
from qa_service.rule_engine.nodes.scope import Anchor as ScopeAnchor
from qa_service.rule_engine.nodes.scope import Scope, Sender, Somewhere
from qa_service.rule_engine.nodes.turn_range import Location
from qa_service.rule_engine.nodes.words import AnyWord, NoWord
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.yaml_field import Origin

_ANYBODY = frozenset(Role)
# Beside an anchor: its own turn and no other.
_ITSELF = 0

Roles = frozenset[Role]


def unreachable_anchors(rule: Rule) -> list[ConfigError]:
    """Each condition that no turn can meet, by its place: words that are all exceptions, a role that is shut out."""
    found = _of(rule.node, rule.speakers, rule) if rule.node is not None else _of(rule.check, _ANYBODY, rule)
    return [place_of(rule, part).error(f"{rule.id}: {why}") for part, why in found]


def contradicts(node: And) -> bool:
    """Whether it asks for words and for none of them in one turn."""
    asked = [child.term_ids for child in node.nodes if isinstance(child, AnyWord)]
    refused = [_refused(child) for child in node.nodes]
    return any(words <= none for words in asked for none in refused if none)


def required(node: object) -> Iterator[object]:
    """The nodes that must hold wherever this one does: itself and what its `and` joins."""
    yield node
    if isinstance(node, And):
        for child in node.nodes:
            yield from required(child)


def _refused(node: object) -> frozenset[int]:
    if isinstance(node, NoWord):
        return node.term_ids
    return node.node.term_ids if isinstance(node, Not) and isinstance(node.node, AnyWord) else frozenset()


def _of(part: object, roles: Roles, rule: Rule) -> Iterator[tuple[object, str]]:
    """The parts that cannot be met, with why; `roles` are those whose turns are asked."""
    if isinstance(part, Anchor):
        yield from _elsewhere(part, part.node, frozenset((part.role,)), rule)
    elif isinstance(part, Sequence):
        yield from _of_sequence(part, roles, rule)
    elif isinstance(part, Scope):
        yield from _of(part.node, roles, rule)
        if part.anchor is not None:
            yield from _of_scope(part, part.anchor, roles, rule)
    elif isinstance(part, Somewhere):
        yield from _elsewhere(part, part.node, _role_or(part.role, roles), rule)
    elif isinstance(part, Sender):
        if not part.ids and Role.AGENT not in roles:
            yield part, f"only agents have a group, and the turns asked are of the {_named(roles)}"
    else:
        is_same_turn = isinstance(part, And | Or | Not)
        for child in held(part):
            yield from _of(child, roles if is_same_turn else _ANYBODY, rule)


def _of_sequence(part: Sequence, roles: Roles, rule: Rule) -> Iterator[tuple[object, str]]:
    last = part.steps[-1]
    if last.role is not None and last.role not in roles:
        yield part, f"the last step is of the {last.role}, and the turns asked are of the {_named(roles)}"
    for step in part.steps[:-1]:
        yield from _elsewhere(part, step.node, _role_or(step.role, _ANYBODY), rule)
    yield from _of(last.node, _role_or(last.role, roles), rule)


def _of_scope(part: Scope, anchor: ScopeAnchor, roles: Roles, rule: Rule) -> Iterator[tuple[object, str]]:
    is_itself = anchor.location is Location.AT or part.turns.start == part.turns.stop == _ITSELF
    if is_itself and anchor.role is not None and anchor.role not in roles:
        yield part, f"the anchor's own turn is of the {anchor.role}, and the turns asked are of the {_named(roles)}"
    yield from _elsewhere(part, anchor.node, _role_or(anchor.role, _ANYBODY), rule)


def _elsewhere(part: object, node: object, roles: Roles, rule: Rule) -> Iterator[tuple[object, str]]:
    """A condition that is asked of other turns."""
    if isinstance(node, AnyWord) and node.term_ids <= rule.exceptions.term_ids:
        yield part, "can never be met: every word of its condition is an exception of the rule"
    elif any(isinstance(inner, And) and contradicts(inner) for inner in required(node)):
        yield part, "can never be met: its condition asks for words and for none of them in one turn"
    yield from _of(node, roles, rule)


def _role_or(role: Role | None, otherwise: Roles) -> Roles:
    return otherwise if role is None else frozenset((role,))


def _named(roles: Roles) -> str:
    return ", ".join(sorted(roles))


def place_of(rule: Rule, part: object) -> Origin:
    """Where a part of the rule's match tree is written, as far as it is known."""
    line = next((known.line for known in rule.conditions if known.node is part), rule.place.line)
    return Origin(file=rule.place.file, line=line, name=rule.place.name, code=rule.place.code)
