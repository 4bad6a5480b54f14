"""In which turns a node stands or is not known. Each turn is asked once a conversation, however often that is needed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from qa_service.domain.conversation import Role
from qa_service.rule_engine.answer import Answer
from qa_service.rule_engine.nodes.base import Glance, Node
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading


@dataclass(slots=True)
class Noted:
    """The turns of a role where a node does not say no, in order, as far as they have been asked.

    Asked again for each turn that looks back on them, nested conditions would take time that grows with a power of the
    turns.
    """

    upto: int = 0
    turns: list[tuple[TurnReading, Answer]] = field(default_factory=list)

    def before(self, index: int) -> Iterator[tuple[TurnReading, Answer]]:
        """Those before a turn, the nearest first."""
        return (self.turns[at] for at in range(self._first(index) - 1, -1, -1))

    def behind(self, index: int) -> Iterator[tuple[TurnReading, Answer]]:
        """Those behind a turn, the nearest first."""
        return (self.turns[at] for at in range(self._first(index + 1), len(self.turns)))

    def _first(self, index: int) -> int:
        return bisect_left(self.turns, index, key=lambda noted: noted[0].index)


def noted(node: Node, glance: Glance, place: Place, role: Role, *, end: int) -> Noted:
    """The turns of a role in front of number `end` where the node stands or is not known."""
    key = ("noted", id(node), place.language, role)
    known: Noted = place.conversation.remembered.setdefault(key, Noted())
    for turn in place.conversation.turns[known.upto : end]:
        if turn.role is role and turn.is_inspectable and not glance.denies(place, turn):
            answer = node.evaluate(place.at(turn))
            if answer.stands or answer.is_unknown:
                known.turns.append((turn, answer))
    known.upto = max(known.upto, end)
    return known
