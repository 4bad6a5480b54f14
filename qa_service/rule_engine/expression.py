"""Reads `a && !(b || c)` into a tree of logic nodes. Owns the syntax, not what a named condition is."""

from __future__ import annotations

import re
from collections.abc import Callable

from qa_service.rule_engine.nodes.base import Node
from qa_service.rule_engine.nodes.logic import And, Not, Or
from qa_service.rule_engine.yaml_field import Field

_TOKEN = re.compile(r"\s*(&&|\|\||[!()]|[A-Za-z0-9_]+)")
_NAME = re.compile(r"[A-Za-z0-9_]+")
# Far above what a person writes, far below the depth at which reading it would exhaust the stack.
_DEEPEST = 20
_MOST_CHARS = 2_000


def is_condition_name(name: str) -> bool:
    """Whether an expression can call a condition so: ASCII letters, digits and _."""
    return _NAME.fullmatch(name) is not None


def read_expression(field: Field, condition: Callable[[str, Field], Node]) -> Node:
    """Compile an expression: `!` binds before `&&`, `&&` before `||`; parentheses as usual.

    Args:
        field: the scalar that holds it.
        condition: the node of a name; raises `SourceError` for an unknown one.

    Raises:
        SourceError: bad syntax, an unknown name, more than 20 levels or 2,000 characters.
    """
    return _Expression(field, condition).read()


class _Expression:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, field: Field, condition: Callable[[str, Field], Node]) -> None:
        self._field = field
        self._condition = condition
        self._tokens = self._split(field.text())
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._either()
        if self._next is not None:
            raise self._field.error(f"expected && or || before {self._next!r}")
        return node

    def _split(self, text: str) -> list[str]:
        if len(text) > _MOST_CHARS:
            raise self._field.error(f"must have at most {_MOST_CHARS} characters")
        tokens, at = [], 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._field.error(
                    f"cannot read {text[at:].split(maxsplit=1)[0]!r}; use names, &&, ||, ! and parentheses"
                )
            tokens.append(match.group(1))
            at = match.end()
        return tokens

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        if self._next != token:
            return False
        self._at += 1
        return True

    def _either(self) -> Node:
        nodes = [self._both()]
        while self._take("||"):
            nodes.append(self._both())
        return Or(nodes=tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _both(self) -> Node:
        nodes = [self._single()]
        while self._take("&&"):
            nodes.append(self._single())
        return And(nodes=tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _single(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._field.error(f"is nested more than {_DEEPEST} deep")
        node = self._operand()
        self._depth -= 1
        return node

    def _operand(self) -> Node:
        if self._take("!"):
            return Not(node=self._single())
        if self._take("("):
            node = self._either()
            if not self._take(")"):
                raise self._field.error("a parenthesis is not closed")
            return node
        name = self._next
        if name is None or not is_condition_name(name):
            raise self._field.error(f"expected a condition {'at the end' if name is None else f'before {name!r}'}")
        self._at += 1
        return self._condition(name, self._field)
