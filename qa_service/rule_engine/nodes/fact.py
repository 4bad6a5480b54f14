"""`fact`: what is known about the conversation beside its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import isfinite

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, not_applicable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field

_FIELDS = ("channel", "shop", "language")
_ATTRIBUTES = "attributes."
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


class Comparison(StrEnum):
    """The eleven comparisons of conversation data."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    BETWEEN = "between"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    EXISTS = "exists"
    MISSING = "missing"


PRESENCE = (Comparison.EXISTS, Comparison.MISSING)
FIELD_PATTERN = rf"^({'|'.join(_FIELDS)}|{re.escape(_ATTRIBUTES)}.+)$"
_NUMERIC = (Comparison.GT, Comparison.GE, Comparison.LT, Comparison.LE, Comparison.BETWEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A field compares so with the values (none for presence, two for `between`, else one)."""

    field: str
    comparison: Comparison
    values: tuple[str, ...]

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits; an unknown field makes all but the presence tests inapplicable."""
        known = self._value(place)
        if self.comparison in PRESENCE:
            return YES if (known is not None) == (self.comparison is Comparison.EXISTS) else NO
        if known is None:
            return not_applicable(f"{self.field} is not known")
        if self.comparison in _NUMERIC:
            number = _number(known)
            if number is None:
                return not_applicable(f"{self.field} is not a number")
            return YES if compare_numbers(self.comparison, number, [float(value) for value in self.values]) else NO
        return YES if _compare_texts(self.comparison, known, self.values[0]) else NO

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The field as it is known."""
        bound = " ".join((self.comparison, *self.values))
        return (Measured(name=self.field, value=self._value(place), bound=bound, holds=self.evaluate(place).is_yes),)

    def _value(self, place: Place) -> str | None:
        """What is known; systems export what they do not know as an empty field."""
        conversation = place.conversation.conversation
        if self.field.startswith(_ATTRIBUTES):
            value = conversation.attributes.get(self.field.removeprefix(_ATTRIBUTES))
        else:
            known = {
                "channel": conversation.channel,
                "shop": conversation.shop,
                "language": place.conversation.language,
            }
            value = known[self.field]
        return value if value and not value.isspace() else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def compare_numbers(comparison: Comparison, number: float, values: Sequence[float]) -> bool:
    """Whether `number` stands so to the value, or the two of `between` (both included)."""
    return {
        Comparison.EQ: number == values[0],
        Comparison.NE: number != values[0],
        Comparison.GT: number > values[0],
        Comparison.GE: number >= values[0],
        Comparison.LT: number < values[0],
        Comparison.LE: number <= values[0],
        Comparison.BETWEEN: values[0] <= number <= values[-1],
    }[comparison]


def _are_equal(one: str, other: str) -> bool:
    """As texts, or as numbers: 100 is 100.0; what begins with a needless zero is an id."""
    if one == other:
        return True
    return bool(_PLAIN_NUMBER.fullmatch(one) and _PLAIN_NUMBER.fullmatch(other)) and Decimal(one) == Decimal(other)


def _compare_texts(comparison: Comparison, known: str, value: str) -> bool:
    return {
        Comparison.EQ: _are_equal(known, value),
        Comparison.NE: not _are_equal(known, value),
        Comparison.CONTAINS: value in known,
        Comparison.NOT_CONTAINS: value not in known,
    }[comparison]


def check_bounds(field: Field, low: float, high: float) -> None:
    """Raise a SourceError if nothing lies between the bounds."""
    if high < low:
        raise field.error(f"the second bound is below the first, so nothing lies between: say [{high:g}, {low:g}]")


def read_fact(field: Field, _reader: Reader) -> Fact:
    """`fact: {field: channel, op: eq, value: taobao}`."""
    fields = field.fields(required=("field", "op"), optional=("value",))
    name, comparison = fields["field"].text(), fields["op"].choice(Comparison)
    if name not in _FIELDS and not (name.startswith(_ATTRIBUTES) and len(name) > len(_ATTRIBUTES)):
        raise fields["field"].error(f"must be one of {', '.join(_FIELDS)} or attributes.NAME")
    if comparison in PRESENCE:
        if "value" in fields:
            raise fields["value"].error(f"{comparison} takes no value")
        return Fact(field=name, comparison=comparison, values=())
    if "value" not in fields:
        raise field.error("value is missing")
    return Fact(field=name, comparison=comparison, values=_read_values(fields["value"], comparison))


def _read_values(field: Field, comparison: Comparison) -> tuple[str, ...]:
    wanted = 2 if comparison is Comparison.BETWEEN else 1
    items = field.one_or_many()
    if len(items) != wanted:
        raise field.error(f"{comparison} takes {wanted} value(s)")
    if comparison in _NUMERIC:
        numbers = [item.number() for item in items]
        check_bounds(field, numbers[0], numbers[-1])
    return tuple(item.text() for item in items)
