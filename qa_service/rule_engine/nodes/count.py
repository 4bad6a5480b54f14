"""`count`: the speaker's hits add up to a number."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, Answer, Hit, Truth
from qa_service.rule_engine.nodes.base import Node, Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """With this turn the number is reached (not: was reached before)."""

    of: Node
    at_least: int

    @property
    def triggers(self) -> Triggers:
        """The turn that completes the number has a hit of its own."""
        return self.of.triggers

    def evaluate(self, place: Place) -> Answer:
        """The hits of this turn, with the count so far."""
        here = self.of.evaluate(place)
        mine = _counted(here)
        if not mine:
            return NO if here.is_yes else here
        earlier = [turn for turn in place.conversation.segment(place.turn) if turn.index < place.turn.index]
        before = sum(len(_counted(self.of.evaluate(place.at(turn)))) for turn in earlier)
        if not before < self.at_least <= before + len(mine):
            return NO
        details = {"count": before + len(mine), "at_least": self.at_least}
        return Answer(Truth.YES, tuple(hit.with_details(details) for hit in mine))

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The speaker's hits up to this turn."""
        upto = [turn for turn in place.conversation.segment(place.turn) if turn.index <= place.turn.index]
        so_far = sum(len(_counted(self.of.evaluate(place.at(turn)))) for turn in upto)
        bound = f"reaches {self.at_least} in this turn"
        return (Measured(name="hits so far", value=so_far, bound=bound, holds=so_far >= self.at_least),)


def _counted(answer: Answer) -> list[Hit]:
    return [hit for hit in answer.hits if hit.cue is None]


def read_count(field: Field, reader: Reader) -> Count:
    """`count: {of: node, at_least: 3}`."""
    fields = field.fields(required=("of", "at_least"))
    return Count(of=reader.node(fields["of"]), at_least=fields["at_least"].integer(minimum=2))
