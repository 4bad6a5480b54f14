"""For which conversations a policy holds. Owns no values and no dates (`policies`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa_service.domain.conversation import Conversation
from qa_service.rule_engine.shape import Named, OneOrMany, Text
from qa_service.rule_engine.yaml_field import Field

_ATTRIBUTES = "attributes."
# What shops tell apart most often has a short name; both are attributes of the conversation.
_SHORT = ("category", "campaign")
_FIELDS = ("shop", "channel", *_SHORT)

SCOPE = Named(OneOrMany(Text()), names=rf"^({'|'.join(_FIELDS)}|attributes\..+)$")
"""`when: {shop: [A店, B店], category: 生鲜, attributes.tier: vip}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Field → values, one of which the conversation must have; the more fields, the more specific."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many fields it names."""
        return len(self.wanted)

    def holds(self, conversation: Conversation) -> bool:
        """Whether the conversation has all of it; what is not known is not had."""
        return all(_value(conversation, name) in values for name, values in self.wanted.items())

    def with_other(self, other: Scope) -> Scope | None:
        """The conversations of both; None if there can be none."""
        both = dict(self.wanted)
        for name, values in other.wanted.items():
            both[name] = both[name] & values if name in both else values
        return Scope(wanted=both) if all(both.values()) else None

    def covers(self, other: Scope) -> bool:
        """Whether it holds for every conversation of the other."""
        return all(name in other.wanted and other.wanted[name] <= values for name, values in self.wanted.items())

    def as_json(self) -> dict[str, Any]:
        """The `when` part of an explanation; nothing for everywhere."""
        return {"when": {name: sorted(values) for name, values in self.wanted.items()}} if self.wanted else {}


EVERYWHERE = Scope()


def read_scope(field: Field) -> Scope:
    """`when: {shop: [A店, B店], category: 生鲜, attributes.tier: vip}`.

    Raises:
        SourceError: an unknown field, or no value.
    """
    wanted = {}
    for name, values in field.entries().items():
        if name not in _FIELDS and not (name.startswith(_ATTRIBUTES) and len(name) > len(_ATTRIBUTES)):
            raise values.error(f"unknown field; known are: {', '.join(_FIELDS)} and attributes.NAME")
        wanted[name.removeprefix(_ATTRIBUTES) if name.removeprefix(_ATTRIBUTES) in _SHORT else name] = frozenset(
            item.text() for item in values.one_or_many()
        )
    if not wanted:
        raise field.error("must name at least one field")
    return Scope(wanted=wanted)


def _value(conversation: Conversation, name: str) -> str | None:
    if name in ("shop", "channel"):
        return conversation.shop if name == "shop" else conversation.channel
    return conversation.attributes.get(name.removeprefix(_ATTRIBUTES))
