"""Conditions of other engines, which hold for a whole chat, as a match tree that is asked of turns. Owns no format.

One condition gives the evidence and stays on the turn; the others are wrapped in `somewhere`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

AGENT, CUSTOMER = "agent", "customer"
_PEOPLE = (AGENT, CUSTOMER)
_DEEPEST = 20


class Lost(ValueError):
    """Something that cannot be carried over: where it stands in the source, and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One condition.

    Attributes:
        node: as a pack has it.
        role: whose turns are asked; None is agents and customers.
        is_chat: a figure or a fact, the same at every turn.
        is_trigger: whether its words are to be the evidence.
        absence: the whole `absent` node where "nowhere" can be judged agent by agent.
    """

    node: Node
    role: str | None = AGENT
    is_chat: bool = False
    is_trigger: bool = False
    absence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """The condition holds nowhere."""

    tree: Tree


@dataclass(frozen=True, slots=True)
class All:
    """Each holds somewhere."""

    trees: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One holds somewhere."""

    trees: tuple[Tree, ...]


Tree = Leaf | Not | All | Some


@dataclass(frozen=True, slots=True)
class Asked:
    """A match tree and the speakers that it is asked of."""

    match: Node
    speakers: tuple[str, ...]


def asked(tree: Tree) -> tuple[Asked, ...]:
    """The match trees of a rule: one, or one a role where alternatives have their evidence with different people."""
    roles = {leaf.role for leaf in _evidence(tree)}
    if not roles:
        return (Asked(_judged(tree) or _at_the_end(tree), (AGENT,)),)
    if roles == {None}:
        return (Asked(_standing(tree, None), _PEOPLE),)
    wanted = [role for role in _PEOPLE if role in roles or None in roles]
    return tuple(Asked(_standing(tree, role), (role,)) for role in wanted)


def negated(tree: Tree) -> Tree:
    """The opposite; twice is the tree itself."""
    return tree.tree if isinstance(tree, Not) else Not(tree)


def joined(name: str, nodes: Sequence[Node]) -> Node:
    """`and` or `or` of several, a single one as it is."""
    return nodes[0] if len(nodes) == 1 else {name: list(nodes)}


def anywhere(tree: Tree) -> Node:
    """The node that holds at every turn of a chat in which the tree holds."""
    if isinstance(tree, Not):
        return {"not": anywhere(tree.tree)}
    if isinstance(tree, Leaf):
        if tree.is_chat:
            return tree.node
        roles = _PEOPLE if tree.role is None else (tree.role,)
        return joined("or", [{"somewhere": {"match": tree.node, "role": role}} for role in roles])
    return joined("and" if isinstance(tree, All) else "or", [anywhere(child) for child in tree.trees])


def _evidence(tree: Tree) -> tuple[Leaf, ...]:
    if isinstance(tree, Leaf):
        return () if tree.is_chat else (tree,)
    if isinstance(tree, All):
        at = _bearer(tree)
        return () if at is None else _evidence(tree.trees[at])
    if isinstance(tree, Some):
        return tuple(leaf for child in tree.trees for leaf in _evidence(child))
    return ()


def _bearer(tree: All) -> int | None:
    """Which of the joined conditions gives the evidence: the first trigger, else the first that can."""
    able = [at for at, child in enumerate(tree.trees) if _evidence(child)]
    chosen = [at for at in able if any(leaf.is_trigger for leaf in _evidence(tree.trees[at]))]
    return next(iter((*chosen, *able)), None)


def _standing(tree: Tree, role: str | None) -> Node:
    """The tree asked of a turn of `role`; what has its evidence with somebody else is left to that role's rule."""
    if isinstance(tree, All):
        at = _bearer(tree)
        others = [anywhere(child) for index, child in enumerate(tree.trees) if index != at]
        return anywhere(tree) if at is None else joined("and", [_standing(tree.trees[at], role), *others])
    if isinstance(tree, Some):
        mine = [child for child in tree.trees if _is_mine(child, role)]
        return joined("or", [_standing(child, role) if _evidence(child) else _at_the_end(child) for child in mine])
    return tree.node if isinstance(tree, Leaf) else anywhere(tree)


def _is_mine(tree: Tree, role: str | None) -> bool:
    roles = {leaf.role for leaf in _evidence(tree)}
    return not roles or bool(roles & {role, None})


def _at_the_end(tree: Tree) -> Node:
    """Without evidence: found once, on the last turn."""
    return {"and": [{"position": {"last": 1}}, anywhere(tree)]}


def _judged(tree: Tree) -> Node | None:
    """A judgement of agents, where absences, figures and facts are all there is."""
    if isinstance(tree, Leaf):
        return tree.node if tree.is_chat else None
    if isinstance(tree, Not):
        leaf = tree.tree
        if isinstance(leaf, Leaf) and leaf.absence is not None:
            return {"absent": dict(leaf.absence)}
        inner = _judged(leaf)
        return None if inner is None else {"not": inner}
    found = [_judged(child) for child in tree.trees]
    nodes = [node for node in found if node is not None]
    return joined("and" if isinstance(tree, All) else "or", nodes) if len(nodes) == len(found) else None


_TOKEN = re.compile(r"\s*(&&|\|\||[!()]|[^\s!()&|][^!()&|]*)")


def read_logic(text: str, path: str, leaf: Callable[[str], Tree]) -> Tree:
    """`a && !(b || c)` as a tree; names are whatever stands between the operators.

    Raises:
        Lost: the syntax is wrong; or what `leaf` raises.
    """
    tokens, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise Lost(path, f"cannot be read at character {at + 1}; use names, &&, ||, ! and parentheses")
        tokens.append(match.group(1).rstrip())
        at = match.end()
    logic = _Logic(tokens, path, leaf)
    tree = logic.either(0)
    if logic.tokens:
        raise Lost(path, f"expected && or || before {logic.tokens[0]!r}")
    return tree


class _Logic:
    """Recursive descent; `tokens` is what is left."""

    def __init__(self, tokens: list[str], path: str, leaf: Callable[[str], Tree]) -> None:
        self.tokens = tokens
        self._path = path
        self._leaf = leaf

    def either(self, depth: int) -> Tree:
        trees = [self._both(depth)]
        while self._take("||"):
            trees.append(self._both(depth))
        return trees[0] if len(trees) == 1 else Some(tuple(trees))

    def _both(self, depth: int) -> Tree:
        trees = [self._one(depth)]
        while self._take("&&"):
            trees.append(self._one(depth))
        return trees[0] if len(trees) == 1 else All(tuple(trees))

    def _one(self, depth: int) -> Tree:
        if depth > _DEEPEST:
            raise Lost(self._path, f"is nested more than {_DEEPEST} deep")
        if self._take("!"):
            return negated(self._one(depth + 1))
        if self._take("("):
            tree = self.either(depth + 1)
            if not self._take(")"):
                raise Lost(self._path, "a parenthesis is not closed")
            return tree
        if not self.tokens or self.tokens[0] in ("&&", "||", ")"):
            raise Lost(self._path, "a name is missing beside an operator")
        return self._leaf(self.tokens.pop(0))

    def _take(self, token: str) -> bool:
        if not self.tokens or self.tokens[0] != token:
            return False
        self.tokens.pop(0)
        return True
