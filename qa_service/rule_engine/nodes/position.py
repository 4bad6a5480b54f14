"""`position`: among the speaker's first or last turns."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.rule_engine.answer import NO, YES, Answer
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Within the first or the last n; 0 stands for neither."""

    first: int
    last: int

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits."""
        segment = place.conversation.segment(place.turn)
        at = segment.index(place.turn)
        return YES if at < self.first or at >= len(segment) - self.last else NO


def read_position(field: Field, reader: Reader) -> Position:
    """`position: {first: 2}` or `{last: 3}`."""
    fields = field.fields(optional=("first", "last"))
    if len(fields) != 1:
        raise field.error("give first or last")
    if "last" in fields:
        reader.defer()
    sizes = {name: value.integer(minimum=1) for name, value in fields.items()}
    return Position(first=sizes.get("first", 0), last=sizes.get("last", 0))
