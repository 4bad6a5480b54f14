"""Reads the match tree of a rule. Owns how nodes and checks hang together, not the fields of either (`nodes`) or of the rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from qa_service.rule_engine.calendars import read_calendar
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.expression import Parts, expression_names, is_condition_name, read_expression
from qa_service.rule_engine.groups import Groups
from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.nodes.agents import Every, Opposite, Said, Some
from qa_service.rule_engine.nodes.base import Check, Node
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.nodes.logic import And, Not, Or
from qa_service.rule_engine.nodes.registry import CHECKS, CONVERSATION_NODES, NODES
from qa_service.rule_engine.nodes.shapes import SHAPES
from qa_service.rule_engine.pattern import read_pattern
from qa_service.rule_engine.phrase_list import PhraseListReading, PhraseLists
from qa_service.rule_engine.rule import Condition, PolicyUse
from qa_service.rule_engine.values.quantity import Unit
from qa_service.rule_engine.yaml_field import Field, Origin

_DEEPEST_MATCH = 20
_CONNECTIVES = ("and", "or", "not")
_ROOT_NAMES = tuple(dict.fromkeys((*NODES, *CHECKS)))
# What judges agents cannot be asked of one turn: what can, by its name.
_OF_ONE_TURN = {
    "absent": "`not: {somewhere: {match: …}}` (in none of the speaker's turns), `none` or `not` (not in this turn)",
    "response_time": "`waited` or `silence` (before this turn), or `figure` (of the agent)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContext:
    """What a rule shares with the others of its pack."""

    language: str
    category: str
    groups: Groups
    lexicon: Lexicon
    lists: PhraseLists
    views: frozenset[View]
    tokenised: frozenset[str]
    """The languages with `cues.yaml`, which alone have tokens."""
    doubt_below: float | None


class MatchReader:
    """Reads the match tree of one rule (`nodes.base.Reader`) and remembers what the rule must be checked for."""

    def __init__(self, pack: PackContext, languages: Sequence[str]) -> None:
        self._pack = pack
        self.tokenised = tuple(language for language in languages if language in pack.tokenised)
        self._depth = 0
        self._conditions: dict[str, Field] = {}
        self._read_conditions: dict[str, Node | None] = {}
        self.policies: list[PolicyUse] = []
        self._read_checks: dict[str, Check] = {}
        self._condition_leaves: dict[str, frozenset[str] | None] = {}
        self.calendars: list[tuple[str, Origin]] = []
        self.is_deferred = False
        self.conditions: list[Condition] = []
        self.lists: list[tuple[str, PhraseListReading]] = []
        self.term_ids: set[int] = set()

    def root(self, rule: Field, fields: dict[str, Field]) -> tuple[Node | None, Check | None]:
        """The root node, or the root check, of a rule's `match` or `when`, with the `conditions` that it names."""
        if ("match" in fields) == ("when" in fields):
            raise rule.error("give one of match and when")
        self._conditions = _read_conditions(fields["conditions"]) if "conditions" in fields else {}
        root = self._when(fields["when"]) if "when" in fields else self._match(fields["match"])
        for name, field in self._conditions.items():
            if name not in self._read_conditions and name not in self._read_checks:
                raise field.error(f"condition {name} is used nowhere")
        return root

    def condition(self, field: Field) -> Node:
        """The named condition of the rule."""
        return self._named(field.text(), field)

    def _written(self, name: str, field: Field) -> Field:
        """What stands under `conditions` by that name."""
        if name not in self._conditions:
            known = ", ".join(sorted(self._conditions)) or "none"
            raise field.error(f"there is no condition {name}; known are: {known}")
        return self._conditions[name]

    def _named(self, name: str, field: Field) -> Node:
        condition = self._written(name, field)
        if name not in self._read_conditions:
            self._read_conditions[name] = None
            self._read_conditions[name] = self.node(condition)
        node = self._read_conditions[name]
        if node is None:
            raise field.error(f"condition {name} holds itself")
        return node

    def _named_check(self, name: str, field: Field) -> Check:
        """A condition as a judgement of agents; one that holds none is asked, as a whole, of each of their turns."""
        if name not in self._read_checks:
            judges = not self._leaves_of(name, field, 1).isdisjoint(CHECKS)
            self._read_checks[name] = (
                self._check(self._written(name, field)) if judges else Said(node=self._named(name, field))
            )
        return self._read_checks[name]

    def _when(self, field: Field) -> tuple[Node | None, Check | None]:
        names = sorted(expression_names(field))
        if _judge_agents({leaf for name in names for leaf in self._leaves_of(name, field, 1)}):
            self.defer()
            checks: Parts[Check] = Parts(
                name=self._named_check,
                every=lambda checks: Every(checks=checks),
                some=lambda checks: Some(checks=checks),
                opposite=lambda check: Opposite(check=check),
            )
            return None, read_expression(field, checks)
        nodes: Parts[Node] = Parts(
            name=self._named,
            every=lambda nodes: And(nodes=nodes),
            some=lambda nodes: Or(nodes=nodes),
            opposite=lambda node: Not(node=node),
        )
        return read_expression(field, nodes), None

    def _match(self, field: Field) -> tuple[Node | None, Check | None]:
        if _judge_agents(set(self._leaves(field, 1))):
            self.defer()
            return None, self._check(field)
        return self.node(field), None

    def _leaves(self, field: Field, depth: int) -> Iterator[str]:
        """The names under `and`, `or`, `not` and `ref` at the root."""
        name, value = self._single(field, _ROOT_NAMES)
        if depth > _DEEPEST_MATCH:
            raise field.error(f"is nested more than {_DEEPEST_MATCH} deep")
        if name == "ref":
            yield from self._leaves_of(value.text(), value, depth + 1)
        elif name not in _CONNECTIVES:
            yield name
        else:
            for child in (value,) if name == "not" else value.items():
                yield from self._leaves(child, depth + 1)

    def _leaves_of(self, name: str, field: Field, depth: int) -> frozenset[str]:
        """`_leaves` of a named condition."""
        condition = self._written(name, field)
        if name not in self._condition_leaves:
            self._condition_leaves[name] = None
            self._condition_leaves[name] = frozenset(self._leaves(condition, depth))
        leaves = self._condition_leaves[name]
        if leaves is None:
            raise field.error(f"condition {name} holds itself")
        return leaves

    def _check(self, field: Field) -> Check:
        """A judgement of agents: of a check, of several together, or of what they said."""
        name, value = self._single(field, _ROOT_NAMES)
        if name == "ref":
            return self._named_check(value.text(), value)
        if name in CHECKS:
            SHAPES[name].check(value)
            return CHECKS[name](value, self)
        if name == "not":
            return Opposite(check=self._check(value))
        if name in _CONNECTIVES:
            checks = tuple(self._check(item) for item in value.items())
            return Every(checks=checks) if name == "and" else Some(checks=checks)
        return Said(node=self.node(field))

    def node(self, field: Field) -> Node:
        """A node by the one name that the mapping has."""
        _refuse_judgement(field)
        name, value = self._single(field, tuple(NODES))
        self._depth += 1
        if self._depth > _DEEPEST_MATCH:
            raise field.error(f"is nested more than {_DEEPEST_MATCH} deep")
        SHAPES[name].check(value)
        node = NODES[name](value, self)
        self.conditions.append(Condition(node=node, name=name, line=field.origin.line))
        self._depth -= 1
        return node

    def words(self, field: Field) -> frozenset[int]:
        """Term ids of a word, a $group or a list."""
        found = self._pack.groups.words(field)
        self.term_ids.update(found)
        return found

    def alternatives(self, field: Field) -> tuple[frozenset[int], ...]:
        """Term ids of each item of a list."""
        return tuple(self.words(item) for item in field.items())

    def pattern(self, field: Field) -> int:
        """The id of an RE2 pattern."""
        return self.compiled(field, field.text())

    def allowed_pattern(self, field: Field) -> int:
        """The id of an RE2 pattern of exceptions."""
        return self._pack.lexicon.add_pattern(read_pattern(field, field.text()), is_exception=True)

    def compiled(self, field: Field, source: str) -> int:
        """The id of an RE2 pattern made of a field."""
        return self._pack.lexicon.add_pattern(read_pattern(field, source))

    def phrases(self, field: Field) -> frozenset[int]:
        """Term ids of a word list, which the match tree seeks."""
        reading = self._pack.lists.get(field)
        self.lists.append((field.text(), reading))
        found = self._add(reading)
        self.term_ids.update(found)
        return found

    def allowed_phrases(self, field: Field) -> frozenset[int]:
        """Term ids of a word list of exceptions."""
        return self._add(self._pack.lists.get(field))

    def _add(self, reading: PhraseListReading) -> frozenset[int]:
        return frozenset(self._pack.lexicon.add_term(phrase.term) for phrase in reading.phrases)

    def policy(self, field: Field, units: frozenset[Unit] = frozenset()) -> str:
        """A policy key; whether there is such a policy in such a unit is checked when rules and policies meet."""
        key = field.text()
        self.policies.append(PolicyUse(key, field.origin, units))
        return key

    def calendar(self, field: Field) -> Calendar:
        """Opening hours; whether the policies know the name is checked when rules and policies meet."""
        if field.is_mapping:
            return Calendar(name=None, hours=read_calendar(field))
        self.calendars.append((field.text(), field.origin))
        return Calendar(name=field.text())

    def defer(self) -> None:
        """Say that the node needs turns after its own, or what is known only at the end of a conversation."""
        self.is_deferred = True

    def _single(self, field: Field, known: tuple[str, ...]) -> tuple[str, Field]:
        entries = field.entries()
        name = next(iter(entries), "")
        if len(entries) != 1 or name not in known:
            raise field.error(f"must have exactly one of: {', '.join(known)}")
        return name, entries[name]


def _read_conditions(field: Field) -> dict[str, Field]:
    conditions = field.entries()
    for name, condition in conditions.items():
        if not is_condition_name(name):
            raise condition.error("a condition's name has letters (of any script), digits and _ only")
    return conditions


def _judge_agents(leaves: Set[str]) -> bool:
    """Whether conditions joined at the root judge agents, rather than turns."""
    return bool(leaves - NODES.keys()) or ("figure" in leaves and leaves <= CONVERSATION_NODES)


def _refuse_judgement(field: Field) -> None:
    for name, instead in _OF_ONE_TURN.items():
        if field.is_mapping and name in field.entries():
            raise field.error(
                f"{name} judges an agent's whole part of a chat: it stands at the root of match or of a condition that"
                f" when names, there also under and, or, not and ref, and inside nothing else. Here write {instead}, or"
                f" make it a rule of its own that this one requires"
            )
