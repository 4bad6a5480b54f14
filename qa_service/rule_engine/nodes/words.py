"""`any`, `phrases_from`, `all`, `at_least`, `none`: words in a turn."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, Hit, found, join
from qa_service.rule_engine.nodes.base import Needed, Reader, Triggers, any_trigger, fewest_triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyWord:
    """A word is said; each occurrence is a hit."""

    term_ids: frozenset[int]

    @property
    def triggers(self) -> Triggers:
        """One of the words."""
        return Needed(self.term_ids)

    def evaluate(self, place: Place) -> Answer:
        """One hit an occurrence."""
        return found(place.words(self.term_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWord:
    """None of the words is said."""

    term_ids: frozenset[int]

    @property
    def triggers(self) -> Triggers:
        """It holds best where nothing is said."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits."""
        return NO if place.allowed(self.term_ids) else YES


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralItems:
    """At least `n` of the items are said in one clause, sentence or turn; one hit a piece that has them."""

    n: int
    items: tuple[frozenset[int], ...]
    within: Within

    @property
    def triggers(self) -> Triggers:
        """With `n` of the items there is one of any all but n − 1 of them."""
        each = [Needed(item) for item in self.items]
        return fewest_triggers(each) if self.n == len(each) else any_trigger(each)

    def evaluate(self, place: Place) -> Answer:
        """The nearest occurrence of each item to the first one of the piece; what an exception covers only where it is needed."""
        pieces: dict[int, dict[int, list[Hit]]] = {}
        for at, item in enumerate(self.items):
            for hit in place.words(item):
                start = place.turn.piece(hit.span.start, self.within).start
                pieces.setdefault(start, {}).setdefault(at, []).append(hit)
        return found([_together(items, self.n) for _, items in sorted(pieces.items()) if len(items) >= self.n])

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The most items said in one piece, and in the whole turn."""
        pieces: dict[int, set[int]] = {}
        for at, item in enumerate(self.items):
            for hit in place.words(item):
                pieces.setdefault(place.turn.piece(hit.span.start, self.within).start, set()).add(at)
        most = max((len(items) for items in pieces.values()), default=0)
        in_turn = len({at for items in pieces.values() for at in items})
        bound = f"at least {self.n} of {len(self.items)}"
        return (
            Measured(name=f"items in one {self.within}", value=most, bound=bound, holds=most >= self.n),
            Measured(name="items in the turn", value=in_turn, bound=bound, holds=in_turn >= self.n),
        )


def _together(items: dict[int, list[Hit]], n: int) -> Hit:
    """Join the closest occurrences around the rarest item's first one that no exception covers."""
    # One covered part would take the whole hit back, though it holds without that item.
    standing = {at: hits for at, hits in items.items() if any(hit.cue is None for hit in hits)}
    if len(standing) >= n:
        items = standing
    rarest = min(items.values(), key=lambda hits: (len(hits), hits[0].span))
    anchor = min(rarest, key=lambda hit: hit.cue is not None)
    return join([min(hits, key=lambda hit: _preference(hit, anchor)) for hits in items.values()])


def _preference(hit: Hit, anchor: Hit) -> tuple[bool, int, int]:
    distance = max(hit.span.start - anchor.span.end, anchor.span.start - hit.span.end, 0)
    return hit.cue is not None, distance, hit.span.start


def read_any(field: Field, reader: Reader) -> AnyWord:
    """`any: [word, $group]`."""
    return AnyWord(term_ids=reader.words(field))


def read_phrases_from(field: Field, reader: Reader) -> AnyWord:
    """`phrases_from: brand_words.txt`, a file under `lists/`."""
    return AnyWord(term_ids=reader.phrases(field))


def read_none(field: Field, reader: Reader) -> NoWord:
    """`none: [word, $group]`."""
    return NoWord(term_ids=reader.words(field))


def read_all(field: Field, reader: Reader) -> SeveralItems:
    """`all: [a, $g]` or `all: {of: […], within: clause}`."""
    if field.is_list:
        items = reader.alternatives(field)
        return SeveralItems(n=len(items), items=items, within=Within.SENTENCE)
    fields = field.fields(required=("of",), optional=("within",))
    items = reader.alternatives(fields["of"])
    return SeveralItems(n=len(items), items=items, within=read_within(fields))


def read_at_least(field: Field, reader: Reader) -> SeveralItems:
    """`at_least: {n: 2, of: […], within: turn}`."""
    fields = field.fields(required=("n", "of"), optional=("within",))
    items = reader.alternatives(fields["of"])
    n = fields["n"].integer(minimum=1)
    if n > len(items):
        raise fields["n"].error(f"is more than the {len(items)} items")
    return SeveralItems(n=n, items=items, within=read_within(fields))


def read_within(fields: dict[str, Field]) -> Within:
    """The optional field `within`; default `sentence`."""
    return fields["within"].choice(Within) if "within" in fields else Within.SENTENCE
