"""Rules that can find nothing, or nothing of their own. Owns no errors of single fields (`rule_reader`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.logic import And
from qa_service.rule_engine.nodes.words import AnyWord
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.unreachable import contradicts, required, unreachable_anchors


def idle_rules(rules: Sequence[Rule]) -> list[ConfigError]:
    """Dead rules, conditions that no turn can meet, and duplicates, each with its place."""
    errors: list[ConfigError] = [
        rule.place.error(f"{rule.id} can never hit: {why}") for rule in rules for why in _why_dead(rule)
    ]
    errors += [error for rule in rules for error in unreachable_anchors(rule)]
    return [*errors, *_duplicates(rules)]


def _why_dead(rule: Rule) -> Iterator[str]:
    if isinstance(rule.node, AnyWord) and rule.node.term_ids <= rule.exceptions.term_ids:
        yield "every word of it is an exception"
    for node in required(rule.node):
        if isinstance(node, And) and contradicts(node):
            yield "it asks for words and for none of them in one turn"


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
