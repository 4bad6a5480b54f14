"""`regex`: a linear-time pattern with an exclusion."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, found
from qa_service.rule_engine.lexicon import Occurrence
from qa_service.rule_engine.nodes.base import Needed, Reader, Triggers
from qa_service.rule_engine.pattern import pattern_trigger
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex:
    """A pattern matches where its exclusion does not."""

    pattern_id: int
    unless_id: int | None

    @property
    def triggers(self) -> Triggers:
        """The pattern itself; all patterns are sought at once."""
        return Needed(frozenset((pattern_trigger(self.pattern_id),)))

    def evaluate(self, place: Place) -> Answer:
        """One hit a match that touches no exclusion."""
        hits = place.pattern(self.pattern_id)
        if self.unless_id is not None:
            excluded = place.turn.pattern(self.unless_id)
            hits = [hit for hit in hits if not _touches(excluded, hit.span)]
        return found(hits)


def _touches(excluded: Sequence[Occurrence], span: Span) -> bool:
    """Whether one of these matches, in order and none within another, shares a character with a span."""
    behind = bisect_right(excluded, span.start, key=_end)
    return behind < len(excluded) and excluded[behind].span.overlaps(span)


def _end(found: Occurrence) -> int:
    return found.span.end


def read_regex(field: Field, reader: Reader) -> Regex:
    """`regex: 'a.b'` or `regex: {pattern: 'a.b', unless: 'acb'}`."""
    if field.is_scalar:
        return Regex(pattern_id=reader.pattern(field), unless_id=None)
    fields = field.fields(required=("pattern",), optional=("unless",))
    unless_id = reader.pattern(fields["unless"]) if "unless" in fields else None
    return Regex(pattern_id=reader.pattern(fields["pattern"]), unless_id=unless_id)
