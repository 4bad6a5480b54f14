"""`count`: the speaker's hits add up to a number."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, Answer, Hit, found, join, whole_turn
from qa_service.rule_engine.nodes.base import Node, Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


class Counting(StrEnum):
    """What adds up: every hit, or every turn that has one."""

    HIT = "hit"
    TURN = "turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """With this turn the number is reached (not: was reached before), over the speaker's last `turns` own turns or all."""

    of: Node
    at_least: int
    turns: int | None
    per: Counting

    @property
    def triggers(self) -> Triggers:
        """The turn that completes the number has a hit of its own."""
        return self.of.triggers

    def evaluate(self, place: Place) -> Answer:
        """The hits of this turn as one, with the count so far."""
        here = self.of.evaluate(place)
        mine = _counted(here, place)
        if not mine:
            return NO if here.is_yes else here
        numbers = self._numbers(place)
        total = _within(numbers, self.turns)
        if total < self.at_least or _within(numbers[:-1], self.turns) >= self.at_least:
            return NO
        details = {"count": total, "at_least": self.at_least}
        return found([join(mine).with_details(details)])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The speaker's hits up to this turn."""
        numbers = self._numbers(place)
        so_far, earlier = (_within(counted, self.turns) for counted in (numbers, numbers[:-1]))
        return (
            Measured(
                name=f"{self.per}s so far",
                value=so_far,
                bound=f"reaches {self.at_least} in this turn"
                + (f" (was {earlier})" if earlier >= self.at_least else ""),
                holds=earlier < self.at_least <= so_far,
            ),
        )

    def _numbers(self, place: Place) -> list[int]:
        """What each own turn up to this one adds; asked once a conversation."""
        own = place.conversation.segment(place.turn)
        key = ("count", id(self), place.language, place.turn.speaker)
        known: list[int] = place.conversation.remembered.setdefault(key, [])
        upto = bisect_right(own, place.turn.index, key=lambda turn: turn.index)
        for turn in own[len(known) : upto]:
            there = place.at(turn)
            hits = len(_counted(self.of.evaluate(there), there))
            known.append(min(hits, 1) if self.per is Counting.TURN else hits)
        return known[:upto]


def _within(numbers: list[int], turns: int | None) -> int:
    return sum(numbers if turns is None else numbers[-turns:])


def _counted(answer: Answer, place: Place) -> list[Hit]:
    """The hits that no exception covers; what holds without words is one, the turn's."""
    if answer.is_yes and not answer.hits:
        return [whole_turn(place.turn.original, answer.details)]
    return [hit for hit in answer.hits if hit.cue is None]


def read_count(field: Field, reader: Reader) -> Count:
    """`count: {of: node, at_least: 3, turns: 5, per: turn}`."""
    fields = field.fields(required=("of", "at_least"), optional=("turns", "per"))
    return Count(
        of=reader.node(fields["of"]),
        at_least=fields["at_least"].integer(minimum=2),
        turns=fields["turns"].integer(minimum=1) if "turns" in fields else None,
        per=fields["per"].choice(Counting) if "per" in fields else Counting.HIT,
    )
