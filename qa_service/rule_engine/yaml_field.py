"""YAML values that know their file and line. Owns types and unknown fields, not what a field means.

Scalars are read as their text, so that a word list may hold `no` or `7` without quotes.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import yaml

from qa_service.errors import ConfigError, ErrorCode

Choice = TypeVar("Choice", bound=StrEnum)


class SourceError(ConfigError):
    """A `ConfigError` that knows `file`, `line` (from 1) and the bare `detail`."""

    def __init__(self, detail: str, *, code: ErrorCode, file: str, line: int, field: str | None = None) -> None:
        place = f"{file}:{line}: {field}: " if field else f"{file}:{line}: "
        super().__init__(place + detail, code=code, field=field)
        self.detail = detail
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where something was read, without the YAML itself; lines count from 1."""

    file: str
    line: int
    name: str
    code: ErrorCode

    def error(self, detail: str) -> SourceError:
        """The error to raise about what stands there."""
        return SourceError(detail, code=self.code, file=self.file, line=self.line, field=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One YAML node with the name that errors call it by."""

    node: yaml.Node
    file: str
    name: str
    code: ErrorCode

    def error(self, detail: str) -> SourceError:
        """The error to raise about this field."""
        return self.origin.error(detail)

    @property
    def origin(self) -> Origin:
        """The place of this field."""
        return Origin(file=self.file, line=int(self.node.start_mark.line) + 1, name=self.name, code=self.code)

    @property
    def is_scalar(self) -> bool:
        """Whether this is a single value."""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether this has named fields."""
        return isinstance(self.node, yaml.MappingNode)

    def text(self) -> str:
        """The non-empty text of a scalar."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("must be a single value")
        value = str(self.node.value).strip()
        if not value:
            raise self.error("must not be empty")
        return value

    def number(self, *, minimum: float | None = None, maximum: float | None = None) -> float:
        """A number within the bounds."""
        try:
            value = float(self.text())
        except ValueError:
            raise self.error("must be a number") from None
        if math.isnan(value) or (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise self.error(f"must be a number{_bounds(minimum, maximum)}")
        return value

    def points(self) -> Decimal:
        """0 to 100, two digits at most."""
        self.number(minimum=0, maximum=100)
        value = Decimal(self.text())
        if value != value.quantize(Decimal("0.01")):
            raise self.error("must have at most two digits after the point")
        return value

    def exact(self) -> Fraction:
        """A number without rounding."""
        self.number()
        try:
            return Fraction(self.text())
        except ValueError:
            raise self.error("must be a finite number") from None

    def integer(self, *, minimum: int | None = 0) -> int:
        """A whole number, at least `minimum` (None: below zero, too)."""
        value = self.number(minimum=minimum)
        if math.isinf(value) or value != int(value):
            raise self.error("must be a whole number")
        return int(value)

    def boolean(self) -> bool:
        """`true` or `false`."""
        value = self.text()
        if value not in ("true", "false"):
            raise self.error("must be true or false")
        return value == "true"

    def day(self) -> date:
        """A date, YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            raise self.error("must be a date like 2026-01-31") from None

    def moment(self) -> datetime:
        """A date and time with its offset from UTC."""
        try:
            value = datetime.fromisoformat(self.text())
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            raise self.error("must be a time with its offset, like 2026-01-31T09:00+08:00")
        return value

    def choice(self, kind: type[Choice]) -> Choice:
        """A member of an enumeration."""
        value = self.text()
        try:
            return kind(value)
        except ValueError:
            raise self.error(f"must be one of: {', '.join(kind)}") from None

    def items(self) -> tuple[Field, ...]:
        """The items of a non-empty list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("must be a list")
        if not self.node.value:
            raise self.error("must not be empty")
        return tuple(self._child(node, f"{self.name}[{at}]") for at, node in enumerate(self.node.value))

    def quoteless_items(self) -> tuple[Field, ...]:
        """Of a list in brackets, `[a, b]`, the items that stand there without quotes."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.flow_style:
            return ()
        return tuple(item for item in self.items() if isinstance(item.node, yaml.ScalarNode) and not item.node.style)

    def one_or_many(self) -> tuple[Field, ...]:
        """A list's items, or the single value alone."""
        return self.items() if self.is_list else (self,)

    def entries(self) -> dict[str, Field]:
        """The fields of a mapping with free names; a name given twice is an error."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping of named fields")
        found: dict[str, Field] = {}
        for key, value in self.node.value:
            name = self._child(key, self.name).text()
            if name in found:
                raise self._child(key, self.name).error(f"{name} is given twice")
            found[name] = self._child(value, f"{self.name}.{name}" if self.name else name)
        return found

    def fields(self, *, required: Collection[str] = (), optional: Collection[str] = ()) -> dict[str, Field]:
        """The fields of a mapping; missing and unknown ones are errors."""
        found = self.entries()
        for name, field in found.items():
            if name not in required and name not in optional:
                raise field.unknown({*required, *optional})
        for name in required:
            if name not in found:
                raise self.error(f"{name} is missing")
        return found

    def unknown(self, known: Collection[str]) -> SourceError:
        """The error to raise about a field that nobody knows."""
        return self.error(f"unknown field; known are: {', '.join(sorted(known))}")

    def _child(self, node: yaml.Node, name: str) -> Field:
        return Field(node=node, file=self.file, name=name, code=self.code)


def _bounds(minimum: float | None, maximum: float | None) -> str:
    if minimum is None:
        return "" if maximum is None else f" up to {maximum}"
    return f" from {minimum} up" if maximum is None else f" from {minimum} to {maximum}"


def read_yaml(path: Path, *, label: str, code: ErrorCode) -> Field:
    """Parse one file (UTF-8).

    Args:
        path: the file.
        label: what errors call it.
        code: `invalid_pack` or `invalid_policy`.

    Raises:
        SourceError: unreadable, not YAML, empty, or not a mapping.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read ({type(error).__name__})", code=code, file=label, line=1) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SourceError(f"is not YAML: {error.problem}", code=code, file=label, line=line) from error
    except yaml.YAMLError as error:
        raise SourceError("is not YAML: a character that YAML forbids", code=code, file=label, line=1) from error
    if not isinstance(node, yaml.MappingNode):
        raise SourceError("must hold a mapping of named fields", code=code, file=label, line=1)
    return Field(node=node, file=label, name="", code=code)
