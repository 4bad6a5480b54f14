"""`and`, `or`, `not`: three-valued logic over nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qa_service.rule_engine.answer import NO, YES, Answer, Hit, Truth, both, join, whole_turn, worse
from qa_service.rule_engine.nodes.base import Node, Reader, Triggers, any_trigger, fewest_triggers, is_of_words
from qa_service.rule_engine.nodes.mood import Suspicion
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All hold. One no is enough for no, whatever else is unknown."""

    nodes: tuple[Node, ...]
    _suspicions: tuple[Suspicion, ...] = field(init=False, compare=False, repr=False)
    _words: tuple[frozenset[int], ...] = field(init=False, compare=False, repr=False)
    _needed: tuple[frozenset[int], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        here = [needed.ids for needed in (node.triggers for node in self.nodes) if needed and not needed.turns_back]
        words = [ids for ids in here if is_of_words(ids)]
        object.__setattr__(self, "_suspicions", tuple(node for node in self.nodes if isinstance(node, Suspicion)))
        object.__setattr__(self, "_words", tuple(sorted(words, key=len)))
        object.__setattr__(self, "_needed", tuple(sorted((ids for ids in here if ids not in words), key=len)))

    @property
    def triggers(self) -> Triggers:
        """Of the child with the fewest."""
        return fewest_triggers(node.triggers for node in self.nodes)

    def evaluate(self, place: Place) -> Answer:
        """The hits of all children joined; those of a single child stay apart.

        What is cheap to deny is asked first: the model's figures are there, words are found, patterns have to be sought.
        """
        for suspicion in self._suspicions:
            if suspicion.evaluate(place).truth is Truth.NO:
                return NO
        for needed in self._words:
            if needed.isdisjoint(place.said):
                return NO
        for needed in self._needed:
            if needed.isdisjoint(place.said) and needed.isdisjoint(place.possible_patterns):
                return NO
        return all_hold(node.evaluate(place) for node in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """One holds. Asks only those of which a word or pattern may be in the turn."""

    nodes: tuple[Node, ...]
    _always: frozenset[int] = field(init=False, compare=False, repr=False)
    _by_word: Mapping[int, tuple[int, ...]] = field(init=False, compare=False, repr=False)
    _by_pattern: Mapping[int, tuple[int, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        always: set[int] = set()
        by_trigger: dict[int, list[int]] = {}
        for at, node in enumerate(self.nodes):
            needed = node.triggers
            if needed is None or needed.turns_back:
                always.add(at)
                continue
            for trigger in needed.ids:
                by_trigger.setdefault(trigger, []).append(at)
        object.__setattr__(self, "_always", frozenset(always))
        found = {trigger: tuple(asked) for trigger, asked in by_trigger.items()}
        object.__setattr__(self, "_by_word", {at: asked for at, asked in found.items() if is_of_words((at,))})
        object.__setattr__(self, "_by_pattern", {at: asked for at, asked in found.items() if not is_of_words((at,))})

    @property
    def triggers(self) -> Triggers:
        """Any of the children's."""
        return any_trigger(node.triggers for node in self.nodes)

    def evaluate(self, place: Place) -> Answer:
        """The hits of every child that holds."""
        asked = set(self._always)
        for trigger in self._by_word.keys() & place.said.keys():
            asked.update(self._by_word[trigger])
        if self._by_pattern:
            for trigger in self._by_pattern.keys() & place.possible_patterns:
                asked.update(self._by_pattern[trigger])
        return _with_turn(place, [self.nodes[at].evaluate(place) for at in sorted(asked)]) if asked else NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """It does not hold."""

    node: Node

    @property
    def triggers(self) -> Triggers:
        """It holds best where nothing is said."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits; what is unknown stays unknown."""
        return opposite(self.node.evaluate(place))


def _with_turn(place: Place, answers: list[Answer]) -> Answer:
    """Whether one holds; what holds without words counts for the turn, whatever takes back the words of the others."""
    answer = one_holds(answers)
    wordless = next((found for found in answers if found.is_yes and not found.hits), None)
    if wordless is None or not answer.hits:
        return answer
    return replace(answer, hits=(*answer.hits, whole_turn(place.turn.original, wordless.details)))


def all_hold(answers: Iterable[Answer]) -> Answer:
    """YES if all are, with the hits of all joined; asks no further after a NO."""
    unknown: Answer | None = None
    groups: list[tuple[Hit, ...]] = []
    details: dict[str, Any] = {}
    for answer in answers:
        if answer.truth is Truth.NO:
            return NO
        if not answer.is_yes:
            unknown = worse(unknown, answer)
            continue
        details = both(details, answer.details)
        if answer.hits:
            groups.append(answer.hits)
    if unknown is not None:
        return unknown
    return Answer(Truth.YES, tuple(hit.with_details(details) for hit in _joined(groups)), details)


def one_holds(answers: Iterable[Answer]) -> Answer:
    """YES if one is, with the hits of each that is."""
    unknown: Answer | None = None
    hits: list[Hit] = []
    details: dict[str, Any] = {}
    is_yes = False
    for answer in answers:
        if answer.is_yes:
            is_yes = True
            hits.extend(hit.with_details(answer.details) for hit in answer.hits)
            details = both(details, answer.details)
        elif answer.truth is not Truth.NO:
            unknown = worse(unknown, answer)
    if is_yes:
        return Answer(Truth.YES, tuple(hits), {} if hits else details)
    return unknown or NO


def opposite(answer: Answer) -> Answer:
    """YES for what does not stand; what is unknown stays unknown."""
    if answer.truth in (Truth.UNAVAILABLE, Truth.NOT_APPLICABLE):
        return answer
    return NO if answer.stands else YES


def _joined(groups: list[tuple[Hit, ...]]) -> tuple[Hit, ...]:
    if len(groups) < 2:
        return groups[0] if groups else ()
    lead = min(groups[0], key=lambda hit: (hit.cue is not None, hit.is_turn, -_shared(hit, groups), hit.span))
    others = (
        min(hits, key=lambda hit: (hit.cue is not None, hit.is_turn, not hit.span.overlaps(lead.span), hit.span))
        for hits in groups[1:]
    )
    return (join([lead, *others]),)


def _shared(hit: Hit, groups: list[tuple[Hit, ...]]) -> int:
    """In how many groups words stand that share a character with this hit: a value belongs to the pattern around it."""
    return sum(any(hit.span.overlaps(other.span) for other in hits) for hits in groups)


def read_and(field: Field, reader: Reader) -> And:
    """`and: [node, node]`."""
    return And(nodes=tuple(reader.node(item) for item in field.items()))


def read_or(field: Field, reader: Reader) -> Or:
    """`or: [node, node]`."""
    return Or(nodes=tuple(reader.node(item) for item in field.items()))


def read_not(field: Field, reader: Reader) -> Not:
    """`not: node`."""
    return Not(node=reader.node(field))


def read_ref(field: Field, reader: Reader) -> Node:
    """`ref: name` of one of the rule's `conditions`."""
    return reader.condition(field)
