"""Rules that can find nothing, or nothing of their own. Owns no errors of single fields (`rule_reader`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.logic import And, Not
from qa_service.rule_engine.nodes.words import AnyWord, NoWord
from qa_service.rule_engine.rule import Rule


def idle_rules(rules: Sequence[Rule]) -> list[ConfigError]:
    """Dead rules and duplicates, each with the place of the rule."""
    errors = [rule.place.error(f"{rule.id} can never hit: {why}") for rule in rules for why in _why_dead(rule)]
    return [*errors, *_duplicates(rules)]


def _why_dead(rule: Rule) -> Iterator[str]:
    if isinstance(rule.node, AnyWord) and rule.node.term_ids <= rule.exceptions.term_ids:
        yield "every word of it is an exception"
    for node in _required(rule.node):
        if isinstance(node, And) and _contradicts(node):
            yield "it asks for words and for none of them in one turn"


def _required(node: object) -> Iterator[object]:
    """The nodes that must hold wherever the rule hits: the root and what its `and` joins."""
    yield node
    if isinstance(node, And):
        for child in node.nodes:
            yield from _required(child)


def _contradicts(node: And) -> bool:
    asked = [child.term_ids for child in node.nodes if isinstance(child, AnyWord)]
    refused = [_refused(child) for child in node.nodes]
    return any(words <= none for words in asked for none in refused if none)


def _refused(node: object) -> frozenset[int]:
    if isinstance(node, NoWord):
        return node.term_ids
    return node.node.term_ids if isinstance(node, Not) and isinstance(node.node, AnyWord) else frozenset()


def _duplicates(rules: Sequence[Rule]) -> Iterator[ConfigError]:
    seen: dict[object, Rule] = {}
    for rule in rules:
        key = (rule.node, rule.check, rule.speakers, rule.languages, rule.exceptions, rule.guard, rule.views, rule.unit,
               rule.forbidden_by, rule.requires, rule.effective)  # fmt: skip
        if not _is_hashable(key):
            continue
        known = seen.setdefault(key, rule)
        if known is not rule:
            yield rule.place.error(f"{rule.id} finds the same as {known.id} ({known.place.file}:{known.place.line})")


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True
