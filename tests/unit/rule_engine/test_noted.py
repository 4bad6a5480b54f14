"""A condition on other turns asks each of them once a conversation, however deep it stands and whoever looks back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qa_service.domain.conversation import Role
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine.answer import NO, YES, Answer
from qa_service.rule_engine.nodes.anchors import Anchor, Distance, Sequence, Step
from qa_service.rule_engine.nodes.base import Node, Triggers
from qa_service.rule_engine.nodes.scope import Among, AnyOrEvery, Scope
from qa_service.rule_engine.nodes.scope import Anchor as ScopeAnchor
from qa_service.rule_engine.nodes.turn_range import Location, TurnRange
from qa_service.rule_engine.place import Place
from tests.builders import conversation
from tests.unit.rule_engine.packs import NO_MOOD, engine, rule

_TURNS = 40
_ANYWHERE = Distance(turns=None, seconds=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Holds in the last turn, or in the first, and counts how often it is asked of each turn."""

    is_last: bool
    asked: Counter[int] = field(default_factory=Counter)

    @property
    def triggers(self) -> Triggers:
        return None

    def evaluate(self, place: Place) -> Answer:
        self.asked[place.turn.index] += 1
        return YES if place.turn.index == (_TURNS - 1 if self.is_last else 0) else NO


def _anchor(node: Node, *, is_earlier: bool) -> Anchor:
    return Anchor(node=node, role=Role.AGENT, distance=_ANYWHERE, is_earlier=is_earlier)


def _after(node: Node) -> Node:
    return _anchor(node, is_earlier=True)


def _before(node: Node) -> Node:
    return _anchor(node, is_earlier=False)


def _sequence(node: Node) -> Node:
    last = Step(node=_always(), role=None)
    return Sequence(steps=(Step(node=node, role=Role.AGENT), last), distance=_ANYWHERE)


def _always() -> Node:
    return Scope(node=_Always(), turns=TurnRange(1, -1), anchor=None, among=Among.OWN, is_every_turn=False)


def _scope(node: Node) -> Node:
    anchor = ScopeAnchor(node=node, role=None, location=Location.AFTER, hit=AnyOrEvery.ANY)
    return Scope(node=_Always(), turns=TurnRange(1, -1), anchor=anchor, among=Among.OWN, is_every_turn=False)


class _Always:
    @property
    def triggers(self) -> Triggers:
        return None

    def evaluate(self, place: Place) -> Answer:
        return YES


@pytest.mark.parametrize("around", [_after, _before, _sequence, _scope])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_each_turn_is_asked_once(tmp_path: Path, around: Callable[[Node], Node], depth: int) -> None:
    innermost = Counting(is_last=around is not _before)
    node: Node = innermost
    for _ in range(depth):
        node = around(node)
    chat = conversation(*["agent: 在"] * _TURNS, language="zh")
    subject = engine(tmp_path, rule({"any": ["退"]}))
    reading = subject.read(ConversationNormaliser().normalise(chat), NO_MOOD, ())

    for turn in reading.turns:
        node.evaluate(Place(reading, turn, "zh"))

    assert set(innermost.asked.values()) == {1}
