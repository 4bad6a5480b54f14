"""YAML whose every value knows its line, so that an error can name it. Knows nothing of rubrics (`load`)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from qa_service.errors import ConfigError, ErrorCode

_Choice = TypeVar("_Choice", bound=StrEnum)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One value of a YAML file. Every reader raises ConfigError (`invalid_rubric`) naming file and line."""

    path: Path
    node: yaml.Node

    def error(self, problem: str) -> ConfigError:
        """The error to raise about this value."""
        line = self.node.start_mark.line + 1
        return ConfigError(
            f"{self.path}:{line}: {problem}", code=ErrorCode.INVALID_RUBRIC, field=f"{self.path.name}:{line}"
        )

    def fields(self, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Located]:
        """The values of a mapping by key; no other keys, none twice, all `required` there."""
        found: dict[str, Located] = {}
        for key, value in self.entries():
            name = key.text()
            if name not in required and name not in optional:
                raise key.error(f"unknown field `{name}`; known are {', '.join(sorted({*required, *optional}))}")
            if name in found:
                raise key.error(f"field `{name}` stands twice; keep one")
            found[name] = value
        for name in required:
            if name not in found:
                raise self.error(f"missing field `{name}`; add it")
        return found

    @property
    def is_mapping(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    def entries(self) -> list[tuple[Located, Located]]:
        """Keys and values of a mapping, in file order."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping (`key: value`)")
        return [(self._at(key), self._at(value)) for key, value in self.node.value]

    def items(self) -> list[Located]:
        """The items of a list that holds at least one."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.error("must be a list with at least one item")
        return [self._at(item) for item in self.node.value]

    def text(self) -> str:
        """A text that is not blank."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _TEXT_TAG or not self.node.value.strip():
            raise self.error("must be a text; quote it if it looks like a number")
        return str(self.node.value).strip()

    def texts(self) -> frozenset[str]:
        """A list of texts."""
        return frozenset(item.text() for item in self.items())

    def decimal(self, *, minimum: int | None = None, maximum: int | None = None) -> Decimal:
        """An exact decimal number within `[minimum, maximum]`."""
        if not self._is_plain() or not _NUMBER.fullmatch(self.node.value):
            raise self.error("must be a plain number such as 5 or 0.25")
        number = Decimal(self.node.value)
        if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
            raise self.error(f"{number} is out of range; it must be {_range(minimum, maximum)}")
        return number

    def integer(self, *, minimum: int) -> int:
        """A whole number from `minimum` on."""
        number = self.decimal(minimum=minimum)
        if number != int(number):
            raise self.error(f"{number} must be a whole number")
        return int(number)

    def choice(self, options: type[_Choice], *, among: Collection[_Choice] | None = None) -> _Choice:
        """A member of an enum, by its value; of `among` where given."""
        allowed = list(options) if among is None else [option for option in options if option in among]
        name = self.text()
        for option in allowed:
            if option.value == name:
                return option
        raise self.error(f"unknown value `{name}`; use one of {', '.join(allowed)}")

    def _is_plain(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None

    def _at(self, node: yaml.Node) -> Located:
        return Located(path=self.path, node=node)


def _range(minimum: int | None, maximum: int | None) -> str:
    if maximum is None:
        return f"at least {minimum}"
    return f"at most {maximum}" if minimum is None else f"from {minimum} to {maximum}"


def read_yaml(path: Path, content: bytes) -> Located:
    """The one document in `content`, which was read from `path`; raises ConfigError if it is no YAML or empty."""
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise _unreadable(path, 1 + content[: error.start].count(b"\n"), "is not UTF-8; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _unreadable(path, line, f"is not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise _unreadable(path, 1, "is not valid YAML: it holds a character that YAML forbids") from error
    if node is None:
        raise _unreadable(path, 1, "is empty; write a rubric")
    return Located(path=path, node=node)


def _unreadable(path: Path, line: int, problem: str) -> ConfigError:
    return ConfigError(f"{path}:{line}: {problem}", code=ErrorCode.INVALID_RUBRIC, field=f"{path.name}:{line}")
