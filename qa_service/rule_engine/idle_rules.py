"""Rules that can find nothing, or nothing of their own. Owns no errors of single fields (`rule_reader`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.logic import And, Or
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
        key = _key(rule)
        if not _is_hashable(key):
            continue
        known = seen.setdefault(key, rule)
        if known is not rule:
            yield rule.place.error(f"{rule.id} finds the same as {known.id} ({known.place.file}:{known.place.line})")


def doubled_words(rules: Sequence[Rule]) -> Iterator[ConfigError]:
    """Rules of words alone, some of which another such rule of the category seeks as well: one word, two blames."""
    plain = [(rule, words) for rule in rules if (words := _words(rule.node))]
    for at, (rule, words) in enumerate(plain):
        for other, theirs in plain[:at]:
            both = len(words & theirs)
            if both and rule.category == other.category and _share_turns(rule, other) and _key(rule) != _key(other):
                how_many = f"{both} of its {len(words)} words are" if len(words) > 1 else "its word is"
                place = f"{other.id} ({other.place.file}:{other.place.line})"
                yield rule.place.error(f"{rule.id}: {how_many} also found by {place}, so one word counts twice")


def _key(rule: Rule) -> tuple[object, ...]:
    """What a rule finds."""
    match = (_words(rule.node) or rule.node, rule.check, rule.exceptions, rule.forbidden_by, rule.requires)
    return (*match, rule.speakers, rule.languages, rule.guard, rule.views, rule.unit, rule.effective)


def _share_turns(one: Rule, other: Rule) -> bool:
    return not one.speakers.isdisjoint(other.speakers) and not set(one.languages).isdisjoint(other.languages)


def _words(node: object) -> frozenset[int] | None:
    """The words of a match tree that is nothing but words, however they are grouped."""
    if isinstance(node, AnyWord):
        return node.term_ids
    if not isinstance(node, Or):
        return None
    parts = [_words(child) for child in node.nodes]
    return frozenset().union(*(part for part in parts if part)) if all(parts) else None


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True
