"""What every node of a match tree is, and what a node's reader may ask of its pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Protocol, runtime_checkable

from qa_service.domain.conversation import AgentId
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import Answer
from qa_service.rule_engine.evasion.automaton import depth_of
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.place import AgentAnswer, Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.values.quantity import Unit
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True)
class Needed:
    """What must be there for a node to hold: one of these triggers of the lexicon.

    In the turn itself, or with `turns_back` also in a customer turn at most so many turns before it, where the turn may
    answer that one: it says one of `agreeing`, or is a bare answer.
    """

    ids: frozenset[int]
    turns_back: int = 0
    agreeing: frozenset[int] = frozenset()


Triggers = Needed | None
"""None where a node may hold without any word."""


@runtime_checkable
class Node(Protocol):
    """A condition on a turn."""

    @property
    def triggers(self) -> Triggers:
        """What must be in the turn."""

    def evaluate(self, place: Place) -> Answer:
        """Whether it holds there, and through which words."""


@runtime_checkable
class Check(Protocol):
    """A judgement of each agent's whole segment."""

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer for each agent who spoke; `place.turn` is any turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A node that another one rests on, where it was asked; `label` says what it is to it (`turn 4`, `step 1`)."""

    label: str | None
    node: Node
    place: Place


@runtime_checkable
class Measures(Protocol):
    """A node that compares something with a bound, and can say how far from it a turn is (`rules explain`).

    A node without this is explained by its truth, its evidence and its parts alone.
    """

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """What was compared; also where the node does not hold."""


@runtime_checkable
class Splits(Protocol):
    """A node whose parts are asked elsewhere than in its own turn. Else its parts are the nodes among its fields."""

    def parts(self, place: Place) -> tuple[Part, ...]:
        """The parts with the places where they were asked."""


@runtime_checkable
class MeasuresAgent(Protocol):
    """`Measures` of a check."""

    def measure_agent(self, place: Place, agent_id: AgentId) -> tuple[Measured, ...]:
        """What was compared for this agent."""


@runtime_checkable
class SplitsAgent(Protocol):
    """`Splits` of a check."""

    def agent_parts(self, place: Place, agent_id: AgentId) -> tuple[Part, ...]:
        """The conditions with the turns at which they were asked for this agent."""


class Reader(Protocol):
    """The pack in which a node is read."""

    @property
    def tokenised(self) -> Sequence[str]:
        """The rule's languages that have tokens."""

    def node(self, field: Field) -> Node:
        """Read a child node."""

    def words(self, field: Field) -> frozenset[int]:
        """Read a word, a $group or a list of them: term ids."""

    def alternatives(self, field: Field) -> tuple[frozenset[int], ...]:
        """Read a list of items, each a word, a $group or a list: term ids of each."""

    def pattern(self, field: Field) -> int:
        """Read a regular expression: its pattern id."""

    def compiled(self, field: Field, source: str) -> int:
        """The pattern id of a regular expression that was made of a field."""

    def phrases(self, field: Field) -> frozenset[int]:
        """Read the file name of a word list under `lists/`: term ids of its phrases."""

    def policy(self, field: Field, units: frozenset[Unit] = frozenset()) -> str:
        """Read the key of a policy: of a value in one of `units`, or without them of a permission."""

    def calendar(self, field: Field) -> Calendar:
        """Read opening hours: the name of a calendar of the policies, or one written out."""

    def defer(self) -> None:
        """Say that the node looks at later turns or at what is known only when the conversation is over."""

    def condition(self, field: Field) -> Node:
        """Read the name of one of the rule's conditions: its node."""


class Glance:
    """Whether a node can hold in a turn at all, by its triggers alone: asked of many turns, few of which have any."""

    __slots__ = ("_patterns", "_words")

    def __init__(self, node: Node) -> None:
        needed = node.triggers
        ids = frozenset[int]() if needed is None else needed.ids
        is_asked = needed is not None and not needed.turns_back
        self._words = frozenset(number for number in ids if number >= 0) if is_asked else None
        self._patterns = frozenset(number for number in ids if number < 0)

    def denies(self, place: Place, turn: TurnReading) -> bool:
        """Whether none of the triggers is in a turn: the node would say no there."""
        if self._words is None or not self._words.isdisjoint(turn.said.words(depth_of(place.views))):
            return False
        return not self._patterns or self._patterns.isdisjoint(turn.said.possible_patterns)


def held(part: object) -> Iterator[object]:
    """What stands in the fields of a node, a check, or a part of one."""
    for item in fields(part) if is_dataclass(part) else ():
        value = getattr(part, item.name)
        yield from value if isinstance(value, tuple) else (value,)


def any_trigger(triggers: Iterable[Triggers]) -> Triggers:
    """Of nodes of which one must hold."""
    together = Needed(frozenset())
    for found in triggers:
        if found is None:
            return None
        together = Needed(
            together.ids | found.ids, max(together.turns_back, found.turns_back), together.agreeing | found.agreeing
        )
    return together


def fewest_triggers(triggers: Iterable[Triggers]) -> Triggers:
    """Of nodes which must all hold: the smallest set is enough."""
    known = [found for found in triggers if found is not None]
    return min(known, key=lambda found: (found.turns_back, len(found.ids), sorted(found.ids))) if known else None


def is_of_words(triggers: Iterable[int]) -> bool:
    """Whether all of these triggers are words; those of patterns are below 0."""
    return all(trigger >= 0 for trigger in triggers)
