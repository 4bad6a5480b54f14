"""What a value of a pack may look like: checked while loading, and written out as JSON Schema for editors. Owns no meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from qa_service.rule_engine.yaml_field import Field, SourceError

Schema = dict[str, Any]


class Shape(Protocol):
    """The form of one value."""

    def check(self, value: Field) -> None:
        """Raise SourceError, with file, line and field, where `value` has another form."""

    def schema(self) -> Schema:
        """The same as JSON Schema (2020-12)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A single value, read as text: `no` and `7` are words too."""

    pattern: str | None = None

    def check(self, value: Field) -> None:
        """Not empty; what the text must be, its reader says."""
        value.text()

    def schema(self) -> Schema:
        """Numbers and booleans are words to the loader."""
        schema: Schema = {"type": ["string", "number", "boolean"]}
        return {**schema, "pattern": self.pattern} if self.pattern else schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number within bounds, both inclusive."""

    minimum: float | None = None
    maximum: float | None = None

    def check(self, value: Field) -> None:
        """In bounds."""
        value.number(minimum=self.minimum, maximum=self.maximum)

    def schema(self) -> Schema:
        """`number`."""
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number, at least `minimum` (None: any); what else it must be, its reader says."""

    minimum: int | None = 0
    maximum: int | None = None
    is_not_zero: bool = False

    def check(self, value: Field) -> None:
        """Whole and large enough."""
        value.integer(minimum=self.minimum)

    def schema(self) -> Schema:
        """`integer`."""
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        schema = {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
        return {**schema, "not": {"const": 0}} if self.is_not_zero else schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """`true` or `false`."""

    def check(self, value: Field) -> None:
        """One of the two."""
        value.boolean()

    def schema(self) -> Schema:
        """`boolean`."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of an enumeration."""

    kind: type[StrEnum]

    def check(self, value: Field) -> None:
        """A member."""
        value.choice(self.kind)

    def schema(self) -> Schema:
        """`enum`."""
        return {"enum": [str(member) for member in self.kind]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list that is not empty."""

    item: Shape
    at_least: int = 1

    def check(self, value: Field) -> None:
        """Every item."""
        for item in value.items():
            self.item.check(item)

    def schema(self) -> Schema:
        """`array`."""
        return {"type": "array", "items": self.item.schema(), "minItems": self.at_least}


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """One value, or a list of such."""

    item: Shape

    def check(self, value: Field) -> None:
        """Each."""
        for item in value.one_or_many():
            self.item.check(item)

    def schema(self) -> Schema:
        """Either form."""
        return {"anyOf": [self.item.schema(), ListOf(self.item).schema()]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Named fields; any other name is an error.

    `also` is what the reader asks of the names together, for the schema: that one of two is there, and the like.
    """

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    also: tuple[Schema, ...] = ()

    def check(self, value: Field) -> None:
        """Names first, then each value."""
        known = {**self.required, **self.optional}
        for name, found in value.fields(required=self.required, optional=self.optional).items():
            known[name].check(found)

    def problems(self, value: Field) -> list[SourceError]:
        """Every unknown name, every missing one, and the first problem of each value."""
        known = {**self.required, **self.optional}
        try:
            entries = value.entries()
        except SourceError as error:
            return [error]
        found: list[SourceError] = []
        for name, item in entries.items():
            if name not in known:
                found.append(item.unknown(known))
                continue
            try:
                known[name].check(item)
            except SourceError as error:
                found.append(error)
        return [*found, *(value.error(f"{name} is missing") for name in self.required if name not in entries)]

    def schema(self) -> Schema:
        """`object` without further properties."""
        known = {**self.required, **self.optional}
        properties = {name: shape.schema() for name, shape in known.items()}
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if self.required:
            schema["required"] = list(self.required)
        return {**schema, "allOf": list(self.also)} if self.also else schema


def having(*names: str) -> Schema:
    """All of these names are there."""
    return {"required": list(names)}


def exactly_one(*names: str) -> Schema:
    """One of these names is there."""
    return {"oneOf": [having(name) for name in names]}


def some_of(*names: str) -> Schema:
    """At least one of these names is there."""
    return {"anyOf": [having(name) for name in names]}


def without(*names: str) -> Schema:
    """None of these names is there."""
    return {"not": some_of(*names)}


def where(name: str, values: Iterable[str], then: Schema, otherwise: Schema) -> Schema:
    """`then` holds where the field has one of these values, else `otherwise`."""
    asked = {"properties": {name: {"enum": [str(value) for value in values]}}, **having(name)}
    return {"if": asked, "then": then, "else": otherwise}


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping with names of the writer's choice, or of a pattern that its reader checks."""

    item: Shape
    names: str | None = None

    def check(self, value: Field) -> None:
        """Every value."""
        for found in value.entries().values():
            self.item.check(found)

    def schema(self) -> Schema:
        """`object` of such values."""
        schema: Schema = {"type": "object", "additionalProperties": self.item.schema()}
        return {**schema, "propertyNames": {"pattern": self.names}} if self.names else schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A mapping of one form, or something else (a single value or a list)."""

    mapping: Shape
    other: Shape

    def check(self, value: Field) -> None:
        """By what stands there."""
        (self.mapping if value.is_mapping else self.other).check(value)

    def schema(self) -> Schema:
        """Either form."""
        return {"anyOf": [self.mapping.schema(), self.other.schema()]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One of a few words, or a list or number."""

    names: tuple[str, ...]
    other: Shape

    def check(self, value: Field) -> None:
        """The list's items; which words there are and which numbers, the reader says."""
        if value.is_list:
            self.other.check(value)

    def schema(self) -> Schema:
        """`enum` or the other form."""
        return {"anyOf": [{"enum": list(self.names)}, self.other.schema()]}


@dataclass(frozen=True, slots=True)
class Reference:
    """A form with a name of its own, checked where it is read: match trees hold themselves."""

    name: str

    def check(self, value: Field) -> None:
        """Its reader checks it."""

    def schema(self) -> Schema:
        """`$ref`."""
        return {"$ref": f"#/$defs/{self.name}"}


NODE = Reference("node")
"""A node of a match tree."""

WORDS = OneOrMany(Text())
"""A word, a `$group`, or a list of them."""
