"""What a text must hold for a pattern to match it. Reads as much of RE2's syntax as it needs; of the rest it demands nothing.

The idea is that of RE2's FilteredRE2: run a pattern only where its literals are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Factor = frozenset[str]
"""Strings of which one must be in the text."""

# A product of alternatives beyond this is cut in two: longer strings would be rarer, but too many.
_MOST_STRINGS = 64
_MOST_ALTERNATIVES = 512
_MOST_FACTORS = 3
_MOST_REPEATS = 4
_DEEPEST = 50
# A Chinese character tells about as much as two letters; beyond eight letters nothing is won.
_HAN_WEIGHT = 2.0
_ENOUGH_WEIGHT = 8.0
_REPEAT = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}")
_GROUP = re.compile(r"\(\?(?::|P?<\w+>)|\((?!\?)")
_HEX = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})")
_ZERO_WIDTH = "AbBz"
# Of white space a folded text holds blanks alone, so \\s is one.
_CLASSES = "dDsSwW"


@dataclass(frozen=True, slots=True)
class _Info:
    """Of a piece: all strings that it matches, if few are; else one of each factor is inside."""

    exact: frozenset[str] | None
    factors: tuple[Factor, ...] = ()

    def must(self) -> tuple[Factor, ...]:
        """The factors; the exact strings are one."""
        return self.factors if self.exact is None else _factor(self.exact)


_EMPTY = _Info(frozenset(("",)))
_ANYTHING = _Info(None)


class _UnknownSyntaxError(Exception):
    """A construct that is not read here."""


def required_literals(source: str) -> tuple[tuple[Factor, ...], ...]:
    """For each way in which a folded pattern can match: its factors, the most telling first; () where nothing is known.

    In each folded text in which the pattern matches without regard to case, there is for one of the ways a string of
    every factor.
    """
    try:
        reader = _Reader(source)
        branches = reader.branches()
        reader.end()
    except _UnknownSyntaxError:
        return ()
    if all(branch.exact is not None for branch in branches):
        branches = [_either(branches)]
    ways = tuple(tuple(sorted(set(branch.must()), key=_rank)[:_MOST_FACTORS]) for branch in branches)
    return ways if all(ways) else ()


class _Reader:
    """Recursive descent over a pattern that RE2 has accepted."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0

    def end(self) -> None:
        if self._at < len(self._source):
            raise _UnknownSyntaxError

    def branches(self) -> list[_Info]:
        found = [self._sequence()]
        while self._take("|"):
            found.append(self._sequence())
        return found

    def _sequence(self) -> _Info:
        pieces = []
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            pieces.append(self._repeated(self._piece()))
        return _in_order(pieces)

    def _piece(self) -> _Info:
        group = _GROUP.match(self._source, self._at)
        if group is not None:
            return self._group(group.end())
        char = self._next()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char in "^$":
            return _EMPTY
        if char == ".":
            return _ANYTHING
        if char in "(*+?":
            raise _UnknownSyntaxError
        return _literal(char)

    def _group(self, start: int) -> _Info:
        self._at, self._depth = start, self._depth + 1
        if self._depth > _DEEPEST:
            raise _UnknownSyntaxError
        branches = self.branches()
        if not self._take(")"):
            raise _UnknownSyntaxError
        self._depth -= 1
        return branches[0] if len(branches) == 1 else _either(branches)

    def _repeated(self, piece: _Info) -> _Info:
        found = _REPEAT.match(self._source, self._at)
        if found is None:
            return piece
        self._at = found.end()
        self._take("?")
        if _REPEAT.match(self._source, self._at):
            raise _UnknownSyntaxError
        if found.group() == "?":
            return _either([piece, _EMPTY])
        fewest = 1 if found.group() == "+" else int(found.group(1) or 0)
        if not fewest:
            return _ANYTHING
        least = _in_order([piece] * min(fewest, _MOST_REPEATS))
        is_counted = found.group(1) is not None and found.group(2) == "" and fewest <= _MOST_REPEATS
        return least if is_counted else _Info(None, least.must())

    def _escape(self) -> _Info:
        char = self._next()
        if char in _ZERO_WIDTH:
            return _EMPTY
        if char in _CLASSES:
            return _literal(" ") if char == "s" else _ANYTHING
        return _literal(self._escaped(char))

    def _escaped(self, char: str) -> str:
        """The character that stands behind a backslash, or is written there as a number."""
        if char == "x":
            number = _HEX.match(self._source, self._at)
            if number is None:
                raise _UnknownSyntaxError
            self._at = number.end()
            return chr(int(number.group(1) or number.group(2), 16))
        if char.isalnum():
            raise _UnknownSyntaxError
        return char

    def _class(self) -> _Info:
        """`[abc]` is one of three strings; ranges, complements and named classes may be anything."""
        is_open = self._take("^")
        chars: list[str] = []
        is_first = True
        while is_first or not self._source.startswith("]", self._at):
            is_first = False
            char = self._next()
            if char == "[" and self._source.startswith(":", self._at):
                raise _UnknownSyntaxError
            if char == "\\":
                char = self._next()
                is_open = is_open or char in _CLASSES.replace("s", "")
                char = " " if char in _CLASSES else self._escaped(char)
            elif char == "-" and chars and not self._source.startswith("]", self._at):
                is_open = True
            chars.append(char)
        self._at += 1
        return _ANYTHING if is_open else _either([_literal(char) for char in chars])

    def _next(self) -> str:
        if self._at >= len(self._source):
            raise _UnknownSyntaxError
        self._at += 1
        return self._source[self._at - 1]

    def _take(self, char: str) -> bool:
        is_there = self._source.startswith(char, self._at)
        self._at += is_there
        return is_there


def _literal(char: str) -> _Info:
    """Outside ASCII, letters with a case may have more than two forms (σ, ς), and are left open."""
    lower = char.lower()
    if len(lower) != 1 or (not char.isascii() and char.upper() != lower):
        return _ANYTHING
    return _Info(frozenset((lower,)))


def _either(infos: Sequence[_Info]) -> _Info:
    exact: set[str] = set()
    for info in infos:
        if info.exact is None:
            break
        exact |= info.exact
    else:
        if len(exact) <= _MOST_ALTERNATIVES:
            return _Info(frozenset(exact))
    together: set[str] = set()
    for info in infos:
        needed = info.must()
        if not needed:
            return _ANYTHING
        best: Factor = min(needed, key=_rank)
        together |= best
    return _Info(None, _factor(together))


def _in_order(infos: Iterable[_Info]) -> _Info:
    run: frozenset[str] = _EMPTY.exact or frozenset()
    factors: list[Factor] = []
    is_exact = True
    for info in infos:
        if info.exact is not None and len(run) * len(info.exact) <= max(_MOST_STRINGS, len(run), len(info.exact)):
            run = frozenset(before + behind for before in run for behind in info.exact)
            continue
        is_exact = False
        factors.extend(_factor(run))
        factors.extend(info.factors)
        run = info.exact if info.exact is not None else frozenset(("",))
    if is_exact:
        return _Info(run)
    return _Info(None, (*factors, *_factor(run)))


def _factor(strings: Iterable[str]) -> tuple[Factor, ...]:
    """As a factor, if it demands anything; what holds another string of the set adds nothing."""
    kept: list[str] = []
    for string in sorted(strings, key=lambda string: (len(string), string)):
        if not string:
            return ()
        if not any(other in string for other in kept):
            kept.append(string)
    return (frozenset(kept),) if kept else ()


def _rank(factor: Factor) -> tuple[float, int, list[str]]:
    """The lower the better: rare strings, then few."""
    weight = min(sum(1.0 if char.isascii() else _HAN_WEIGHT for char in string) for string in factor)
    return -min(weight, _ENOUGH_WEIGHT), len(factor), sorted(factor)
