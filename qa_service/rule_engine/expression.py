"""Reads `a && !(b || c)`. Owns the syntax, neither what a named condition is nor what joins them (`Parts`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from qa_service.rule_engine.yaml_field import Field

Made = TypeVar("Made")

_TOKEN = re.compile(r"\s*(&&|\|\||[!()]|\w+)")
_NAME = re.compile(r"\w+")
# What a Chinese keyboard types for the marks.
_ASCII_MARKS = str.maketrans("＆｜！（）\u3000", "&|!() ")
# Far above what a person writes, far below the depth at which reading it would exhaust the stack.
_DEEPEST = 20
_MOST_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Generic[Made]):
    """What an expression is compiled to; `name` raises `SourceError` for an unknown one."""

    name: Callable[[str, Field], Made]
    every: Callable[[tuple[Made, ...]], Made]
    some: Callable[[tuple[Made, ...]], Made]
    opposite: Callable[[Made], Made]


def is_condition_name(name: str) -> bool:
    """Whether an expression can call a condition so: letters of any script, digits and _."""
    return _NAME.fullmatch(name) is not None


def expression_names(field: Field) -> frozenset[str]:
    """The names in an expression, known or not; raises SourceError for what is no token of one."""
    return frozenset(token for token in _tokens(field) if is_condition_name(token))


def read_expression(field: Field, parts: Parts[Made]) -> Made:
    """Compile an expression: `!` binds before `&&`, `&&` before `||`; parentheses as usual, full-width marks as ASCII ones.

    Raises:
        SourceError: bad syntax, an unknown name, more than 20 levels or 2,000 characters.
    """
    return _Expression(field, parts).read()


def _tokens(field: Field) -> list[str]:
    text = field.text()
    if len(text) > _MOST_CHARS:
        raise field.error(f"must have at most {_MOST_CHARS} characters")
    text, tokens, at = text.translate(_ASCII_MARKS), [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise field.error(f"cannot read {text[at:].split(maxsplit=1)[0]!r}; use names, &&, ||, ! and parentheses")
        tokens.append(match.group(1))
        at = match.end()
    return tokens


class _Expression(Generic[Made]):
    """Recursive descent over the tokens of one expression."""

    def __init__(self, field: Field, parts: Parts[Made]) -> None:
        self._field = field
        self._parts = parts
        self._tokens = _tokens(field)
        self._at = 0
        self._depth = 0

    def read(self) -> Made:
        node = self._either()
        if self._next is not None:
            raise self._field.error(f"expected && or || before {self._next!r}")
        return node

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        if self._next != token:
            return False
        self._at += 1
        return True

    def _either(self) -> Made:
        nodes = [self._both()]
        while self._take("||"):
            nodes.append(self._both())
        return self._parts.some(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _both(self) -> Made:
        nodes = [self._single()]
        while self._take("&&"):
            nodes.append(self._single())
        return self._parts.every(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _single(self) -> Made:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._field.error(f"is nested more than {_DEEPEST} deep")
        node = self._operand()
        self._depth -= 1
        return node

    def _operand(self) -> Made:
        if self._take("!"):
            return self._parts.opposite(self._single())
        if self._take("("):
            node = self._either()
            if not self._take(")"):
                raise self._field.error("a parenthesis is not closed")
            return node
        name = self._next
        if name is None or not is_condition_name(name):
            raise self._field.error(f"expected a condition {'at the end' if name is None else f'before {name!r}'}")
        self._at += 1
        return self._parts.name(name, self._field)
