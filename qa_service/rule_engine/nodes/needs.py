"""In which ways the words and patterns of a turn can make a whole match tree hold. Owns no single node's triggers (`base`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from qa_service.rule_engine.nodes.base import Node
from qa_service.rule_engine.nodes.logic import And, Or
from qa_service.rule_engine.nodes.near import Near
from qa_service.rule_engine.nodes.words import SeveralItems
from qa_service.rule_engine.ways import Way

# Where the ways of two conditions that must both hold would be more, one of them is asked for any of its words.
_MOST_WAYS = 64
# Of conditions that must all hold, the rarest are looked at: more would cost more than they spare.
_MOST_SETS = 4


def ways_of(node: Node) -> tuple[Way, ...] | None:
    """The ways of which one must be met by the triggers of a turn for `node` to hold there; None where it may without any.

    What a node takes from a question before the turn is not asked for here.
    """
    if isinstance(node, Or):
        each = [ways_of(child) for child in node.nodes]
        known = [ways for ways in each if ways is not None]
        return tuple(chain.from_iterable(known)) if len(known) == len(each) else None
    if isinstance(node, And):
        return _of_all(_said_here(node.nodes))
    needed = node.triggers
    if needed is None:
        return None
    if isinstance(node, Near) and not node.is_without:
        return (_way([node.a, node.b]),)
    if isinstance(node, SeveralItems) and node.n == len(node.items):
        return (_way(node.items),)
    return (_way([needed.ids]),)


def _said_here(nodes: Sequence[Node]) -> list[Node]:
    """Those that need words of the turn itself; where a question before it may say them all, one of the fewest."""
    known = [(node, needed) for node in nodes if (needed := node.triggers) is not None]
    here = [node for node, needed in known if not needed.turns_back]
    if here or not known:
        return here
    return [min(known, key=lambda one: (one[1].turns_back, len(one[1].ids), sorted(one[1].ids)))[0]]


def _of_all(nodes: Sequence[Node]) -> tuple[Way, ...] | None:
    each = sorted((found for node in nodes if (found := ways_of(node)) is not None), key=len)
    if not each:
        return None
    together: list[Way] = [()]
    for ways in each:
        further = ways if len(together) * len(ways) <= _MOST_WAYS else (_any_of(ways),)
        together = [_way([*one, *other]) for one in together for other in further]
    return tuple(together)


def _any_of(ways: Sequence[Way]) -> Way:
    """What all of these ask for at least: one number of their first sets."""
    return (frozenset().union(*(way[0] for way in ways)),)


def _way(sets: Sequence[frozenset[int]]) -> Way:
    """The smallest sets first: fewer words are rarer."""
    return tuple(sorted(dict.fromkeys(sets), key=lambda numbers: (len(numbers), sorted(numbers)))[:_MOST_SETS])
