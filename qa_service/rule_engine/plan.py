"""Which rules a turn must be asked for: an index from words and patterns to rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from qa_service.domain.conversation import Role
from qa_service.rule_engine.evasion.automaton import Depth, depth_of
from qa_service.rule_engine.nodes.base import Triggers
from qa_service.rule_engine.nodes.elliptic import is_bare_answer
from qa_service.rule_engine.nodes.mood import Suspicion
from qa_service.rule_engine.nodes.needs import ways_of
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.text_reading import TextReading
from qa_service.rule_engine.ways import WayIndex


class Plan:
    """Rules by what can set them off, for one language and role."""

    def __init__(self, rules: Sequence[Rule], language: str, role: Role) -> None:
        self._rules = tuple(
            rule for rule in rules if rule.node is not None and language in rule.languages and role in rule.speakers
        )
        self._by_earlier: dict[int, list[tuple[int, int]]] = {}
        self._agreeing: frozenset[int] = frozenset()
        self._turns_back = 0
        self._depth = max((depth_of(rule.views) for rule in self._rules), default=Depth.PLAIN)
        back = [rule for rule in self._rules if rule.node and rule.node.triggers and rule.node.triggers.turns_back]
        self._depth_back = max((depth_of(rule.views) for rule in back), default=Depth.PLAIN)
        ways = {at: ways_of(rule.node) for at, rule in enumerate(self._rules) if rule.node is not None}
        self._always = frozenset(at for at, found in ways.items() if found is None)
        self._ways = WayIndex({at: found for at, found in ways.items() if found is not None})
        for at, rule in enumerate(self._rules):
            self._index_earlier(at, rule.node.triggers if rule.node is not None else None)

    def _index_earlier(self, at: int, triggers: Triggers) -> None:
        """What the question before a turn may say in place of it."""
        if triggers is None or not triggers.turns_back:
            return
        self._turns_back = max(self._turns_back, triggers.turns_back)
        self._agreeing |= triggers.agreeing
        for trigger in triggers.ids:
            self._by_earlier.setdefault(trigger, []).append((at, triggers.turns_back))

    def candidates(self, turn: TurnReading, turns: Sequence[TurnReading]) -> list[Rule]:
        """The rules that may hold in `turn`, one of `turns`, in order of id."""
        if not self._rules:
            return []
        known = turn.said.candidates
        if self not in known:
            known[self] = self._set_off(turn.said)
        found = known[self]
        if self._by_earlier and self._may_answer(turn):
            found = tuple(sorted({*found, *self._asked_before(turn, turns)}))
        return [self._rules[at] for at in found]

    def _set_off(self, said: TextReading) -> tuple[int, ...]:
        """The rules that a text may set off by itself."""
        there = {*said.words(self._depth), *said.possible_patterns}
        return tuple(sorted(self._always | self._ways.met(there)))

    def _may_answer(self, turn: TurnReading) -> bool:
        return not self._agreeing.isdisjoint(turn.said.words(self._depth)) or is_bare_answer(turn.original)

    def _asked_before(self, turn: TurnReading, turns: Sequence[TurnReading]) -> Iterator[int]:
        """The rules that the customer's words before a turn may set off there."""
        for earlier in turns[max(turn.index - self._turns_back, 0) : turn.index]:
            if earlier.role is Role.CUSTOMER:
                for trigger in self._by_earlier.keys() & earlier.said.words(self._depth_back).keys():
                    reaching = self._by_earlier[trigger]
                    yield from (at for at, turns_back in reaching if turns_back >= turn.index - earlier.index)


class Plans:
    """One plan for each language and role, made when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self.get = lru_cache(maxsize=64)(self._make)

    def _make(self, language: str, main: str, role: Role) -> Plan:
        """The rules of a language; of another than the conversation's only those that do not read both.

        Nor those that are a suspicion and nothing else: they read no words, and the conversation's own tell as much.
        """
        rules = [rule for rule in self._rules if language == main or _adds_to(rule, main)]
        return Plan(rules, language, role)


def _adds_to(rule: Rule, main: str) -> bool:
    return main not in rule.languages and not isinstance(rule.node, Suspicion)
