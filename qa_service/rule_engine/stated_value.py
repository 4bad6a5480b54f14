"""A stated value with its place in the original text. Owns no grammar (`values`) and no comparison (`nodes.quantity`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.evasion.joined import Joined
from qa_service.rule_engine.evasion.view import Undone, View
from qa_service.rule_engine.values.dates import settled
from qa_service.rule_engine.values.extract import extract_quantities
from qa_service.rule_engine.values.quantity import Quantity


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A quantity of a turn with its spans in the original: the value itself, and with its bounding words."""

    quantity: Quantity
    span: Span
    outer: Span
    undone: tuple[Undone, ...] = ()

    @property
    def view(self) -> View:
        """The least literal reading that it took."""
        return max((item.how for item in self.undone), key=lambda how: how.rank, default=View.CASED)


def stated_values(text: NormalisedText, joined: Joined | None) -> tuple[StatedValue, ...]:
    """The values of a text in order, also from `joined` where something was put together; named days are not counted yet.

    Of a value that both show, the one that covers more counts, the literal one if they cover the same: 3-5 of "a 3-5 day".
    """
    literal = [_stated(quantity, text, None) for quantity in extract_quantities(text.text)]
    if joined is None:
        return tuple(literal)
    together = (_stated(quantity, joined.text, joined) for quantity in extract_quantities(joined.text.text))
    taken = bytearray(text.ends[-1])
    kept: list[StatedValue] = []
    for value in sorted((*literal, *together), key=lambda found: found.span.start - found.span.end):
        start, end = value.span.start, value.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append(value)
    return tuple(sorted(kept, key=lambda found: found.span))


def counted_from(values: Sequence[StatedValue], today: date | None) -> tuple[StatedValue, ...]:
    """The same with named days counted from `today`; without those that cannot be, or have passed."""
    dated = [(value, settled(value.quantity, today)) for value in values]
    return tuple(replace(value, quantity=quantity) for value, quantity in dated if quantity is not None)


def _stated(quantity: Quantity, read: NormalisedText, joined: Joined | None) -> StatedValue:
    outer = read.to_original(quantity.outer_start, quantity.outer_end)
    undone = joined.undone_in(outer) if joined is not None else ()
    return StatedValue(quantity, read.to_original(quantity.start, quantity.end), outer, undone)
