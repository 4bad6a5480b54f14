"""What every format gives: drafts of rules, what was lost, what to look at; and reading JSON with a path to each value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa_service.domain.finding import Severity
from qa_service.rule_engine.importing.tree import Lost, Tree

_LATIN_EDGE = re.compile(r"^[A-Za-z0-9]|[A-Za-z0-9]$")
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One rule: `key` ends its id, `fields` are further fields of the pack's rule, `path` its place in the source."""

    key: str
    title: str
    path: str
    tree: Tree
    severity: Severity | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Source:
    """A file while it is read."""

    drafts: list[Draft] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    notes: list[Lost] = field(default_factory=list)

    def lose(self, path: str, reason: str) -> None:
        """Part of a rule that the rule goes on without."""
        self.lost.append(Lost(path, reason))

    def note(self, path: str, reason: str) -> None:
        """Carried over, but worth a look."""
        self.notes.append(Lost(path, reason))


def read_json(content: str) -> Any:
    """Raises Lost where it is no JSON."""
    try:
        return json.loads(content)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise Lost(f"line {line}", "is not JSON") from error


def slug(text: str, otherwise: str) -> str:
    """What may stand in a rule id."""
    return _SLUG.sub("_", text.lower()).strip("_") or otherwise


def text_list(value: object, path: str) -> list[str]:
    """A list of texts, or one text alone. Raises Lost."""
    values = value if isinstance(value, list) else [value]
    found = [str(item).strip() for item in values if isinstance(item, str | int | float) and str(item).strip()]
    if not found or len(found) != len(values):
        raise Lost(path, "must be a list of texts")
    return found


def number(value: object, path: str) -> float:
    """A number, or a text that is one. Raises Lost."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise Lost(path, "must be a number")
    return found


def mapping(value: object, path: str) -> Mapping[str, Any]:
    """An object, empty where there is none. Raises Lost."""
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise Lost(path, "must be an object")
    return value


def items(value: object, path: str) -> Sequence[Any]:
    """A list, empty where there is none. Raises Lost."""
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        raise Lost(path, "must be a list")
    return value


def plain(value: float) -> int | float:
    """Whole numbers without a point."""
    return int(value) if value == int(value) else value


def note_edges(words: Sequence[str], path: str, source: Source) -> None:
    """Name the words that stand inside longer ones there (7天 in 17天, vip in svip), and here only with a `*`."""
    latin = [word for word in words if _LATIN_EDGE.search(word)]
    if latin:
        source.note(
            path, f"found as whole words here: {', '.join(latin)}; a * at the edge finds them inside longer ones"
        )
