"""`repeat`: the speaker says the same thing again and again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from qa_service.domain.rule_explanation import Measured
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import NO, Answer, found, whole_turn
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """This turn is the `times`-th like it of its speaker, within the last `turns` turns of anybody."""

    times: int
    turns: int
    min_chars: int
    similarity: float
    except_ids: frozenset[int]

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """A hit over the whole turn; an exception of the rule anywhere in it takes it back, as a word of `except` does."""
        turn = place.turn
        said = turn.turn.compact.text
        if len(said) < self.min_chars or place.words(self.except_ids):
            return NO
        first = turn.index - self.turns
        like = sum(self._is_like(said, other) for other in self._earlier(place, first)) + 1
        if like < self.times:
            return NO
        cue = place.exceptions.covering(turn, Span(0, len(turn.original)), of_any_length=True)
        return found([whole_turn(turn.original, {"times": like}, cue=cue)])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """How often it was said within the window, and the most alike of the earlier turns."""
        said = place.turn.turn.compact.text
        earlier = self._earlier(place, place.turn.index - self.turns)
        alike = [round(similarity(said, other.turn.compact.text), 4) for other in earlier]
        times = sum(self._is_like(said, other) for other in earlier) + 1
        most = max(alike, default=None)
        return (
            Measured(name="times", value=times, bound=f"at least {self.times}", holds=times >= self.times),
            Measured(
                name="similarity",
                value=most,
                bound=f"at least {self.similarity:g}",
                holds=most is not None and most >= self.similarity,
            ),
            Measured(
                name="characters",
                value=len(said),
                bound=f"at least {self.min_chars}",
                holds=len(said) >= self.min_chars,
            ),
        )

    def _earlier(self, place: Place, first: int) -> list[TurnReading]:
        turn = place.turn
        window = place.conversation.turns[max(first, 0) : turn.index]
        return [other for other in window if other.speaker == turn.speaker and other.is_inspectable]

    def _is_like(self, said: str, other: TurnReading) -> bool:
        return similarity(said, other.turn.compact.text) >= self.similarity


def similarity(one: str, other: str) -> float:
    """Dice coefficient 0…1 over character pairs; equal texts are 1."""
    if one == other:
        return 1.0
    pairs, others = (Counter(pairwise(text)) for text in (one, other))
    size = pairs.total() + others.total()
    return 2 * (pairs & others).total() / size if size else 0.0


def read_repeat(field: Field, reader: Reader) -> Repeat:
    """`repeat: {times: 3, turns: 10, min_chars: 4, similarity: 1.0, except: [word]}`."""
    fields = field.fields(required=("times",), optional=("turns", "min_chars", "similarity", "except"))
    return Repeat(
        times=fields["times"].integer(minimum=2),
        turns=fields["turns"].integer(minimum=1) if "turns" in fields else 10,
        min_chars=fields["min_chars"].integer(minimum=1) if "min_chars" in fields else 4,
        similarity=fields["similarity"].number(minimum=0.1, maximum=1.0) if "similarity" in fields else 1.0,
        except_ids=reader.words(fields["except"]) if "except" in fields else frozenset(),
    )
