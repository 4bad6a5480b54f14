"""`scope`, `somewhere`, `sender`: in which turns a condition is asked. Owns no counting (`turn_range`)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

from qa_service.domain.conversation import Role
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, Truth
from qa_service.rule_engine.nodes.anchors import shown
from qa_service.rule_engine.nodes.base import Node, Part, Reader, Triggers
from qa_service.rule_engine.nodes.turn_range import Location, TurnRange, first_covering, read_range
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field

# How many turns of an anchor an explanation shows.
_SHOWN_ANCHORS = 3

Speaker = tuple[Role, str | None]
Unknown = tuple[int, Answer]
"""Of the first turn of which it is not known whether a node stands there: its index, and why."""


class Among(StrEnum):
    """Whose turns are counted: the speaker's own, everybody's in the speaker's role, or all people's and bots'."""

    OWN = "own"
    ROLE = "role"
    ALL = "all"


class AnyOrEvery(StrEnum):
    """Beside a number: which hits of an anchor count."""

    ANY = "any"
    EVERY = "every"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A condition on another turn; `hit` is which of its turns count: any, every, or the k-th (−1 is the last)."""

    node: Node
    role: Role | None
    location: Location
    hit: AnyOrEvery | int

    def turns(self, place: Place) -> tuple[Sequence[TurnReading], Answer | None]:
        """The turns on which the anchor stands and that count, and why others are not known that decide about `place`."""
        hits, unknown = _standing(self.node, place, self.role)
        if isinstance(self.hit, AnyOrEvery):
            return hits, self._deciding(unknown, place.turn.index)
        at = self.hit - 1 if self.hit > 0 else len(hits) + self.hit
        mine = hits[at : at + 1] if at >= 0 else ()
        return mine, self._deciding(unknown, min(turn.index for turn in (*mine, place.turn)))

    @property
    def looks_ahead(self) -> bool:
        """Whether turns behind the one that is asked about decide."""
        is_open = self.hit is AnyOrEvery.EVERY or (not isinstance(self.hit, AnyOrEvery) and self.hit < 0)
        return is_open or self.location not in (Location.AFTER, Location.AT)

    def _deciding(self, unknown: Unknown | None, upto: int) -> Answer | None:
        """Why a turn is not known that decides: any, or where it does not look ahead one that is not behind turn `upto`."""
        return unknown[1] if unknown and (self.looks_ahead or unknown[0] <= upto) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`node` holds in this turn, and the turn lies in the range: of the conversation, or beside an anchor.

    With `is_every_turn` the node must hold in all turns of the range; with an anchor's `every` hit, in a turn of
    each of their ranges.
    """

    node: Node
    turns: TurnRange
    anchor: Anchor | None
    among: Among
    is_every_turn: bool

    @property
    def triggers(self) -> Triggers:
        """Those of the node."""
        return self.node.triggers

    def evaluate(self, place: Place) -> Answer:
        """The hits of the node, with the anchor's turn in the explanation."""
        answer = self.node.evaluate(place)
        if not answer.is_yes:
            return answer
        counted = _counted(place, self.among)
        if self.anchor is None:
            part = self.turns.of(len(counted.turns))
            return self._explained(answer, None) if self._fits(place, counted, part) else self._no(place, counted)
        return self._beside(place, self.anchor, counted, answer)

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The number of this turn among those that are counted, and which of them the range takes in."""
        counted = _counted(place, self.among)
        at, size = counted.position(place.turn), len(counted.turns)
        if self.anchor is None:
            ranges = [self.turns.of(size)]
        else:
            anchors, _ = self.anchor.turns(place)
            ranges = [counted.beside(self.turns, found, self.anchor.location) for found in anchors]
        shown_ranges = [f"{part.start + 1} to {part.stop}" for part in ranges if part]
        return (
            Measured(
                name=f"turn number among {size} ({self.among})",
                value=at + 1,
                bound=" or ".join(shown_ranges) or "no turn is in range",
                holds=any(at in part for part in ranges),
            ),
        )

    def parts(self, place: Place) -> tuple[Part, ...]:
        """The condition here, and the anchor at the first turns where it stands."""
        here = Part(label=None, node=self.node, place=place)
        if self.anchor is None:
            return (here,)
        anchor = self.anchor
        turns = anchor.turns(place)[0][:_SHOWN_ANCHORS]
        return (
            here,
            *(Part(label=f"anchor in turn {t.turn.turn.id}", node=anchor.node, place=place.at(t)) for t in turns),
        )

    def _beside(self, place: Place, anchor: Anchor, counted: Counted, answer: Answer) -> Answer:
        anchors, unknown = anchor.turns(place)
        if unknown is not None and anchor.hit is not AnyOrEvery.ANY:
            return unknown
        is_every = anchor.hit is AnyOrEvery.EVERY
        reached = counted.remembered(self, place, lambda: self._reached(place, anchor.location, anchors, counted))
        mine = reached.anchors.get(counted.position(place.turn))
        if mine is None or (is_every and not reached.is_each_met):
            return unknown or self._no(place, counted, is_every=is_every)
        return self._explained(answer, mine)

    def _reached(self, place: Place, location: Location, anchors: Sequence[TurnReading], counted: Counted) -> Reached:
        parts = [(found, counted.beside(self.turns, found, location)) for found in anchors]
        full = parts
        if self.is_every_turn:
            full = [(found, part) for found, part in parts if counted.standing(self.node, place, part) == len(part)]
        is_every = self.anchor is not None and self.anchor.hit is AnyOrEvery.EVERY
        first = first_covering([part for _, part in full], len(counted.turns))
        return Reached(
            anchors={position: full[at][0] for position, at in first.items()},
            is_each_met=is_every and all(counted.standing(self.node, place, part) for _, part in parts),
        )

    def _no(self, place: Place, counted: Counted, *, is_every: bool = False) -> Answer:
        """NO, unless it hangs on other turns of which one is not known."""
        return counted.unknown(self.node, place) or NO if self.is_every_turn or is_every else NO

    def _fits(self, place: Place, counted: Counted, part: range) -> bool:
        if counted.position(place.turn) not in part:
            return False
        return not self.is_every_turn or counted.standing(self.node, place, part) == len(part)

    def _explained(self, answer: Answer, anchor: TurnReading | None) -> Answer:
        scope: dict[str, Any] = {"from": self.turns.start, "to": self.turns.stop}
        if anchor is not None and self.anchor is not None:
            scope = {"location": str(self.anchor.location), **scope, "anchor": shown(anchor)}
        details = {**answer.details, "scope": scope}
        return Answer(Truth.YES, tuple(hit.with_details(details) for hit in answer.hits), details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somewhere:
    """The node holds in some turn: of the role, or without one of the speaker's own."""

    node: Node
    role: Role | None

    @property
    def triggers(self) -> Triggers:
        """The words stand in another turn."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits, with the first such turn in the explanation."""
        hits, unknown = _standing(self.node, place, self.role or place.turn.speaker)
        if not hits:
            return unknown[1] if unknown else NO
        return Answer(Truth.YES, details={"somewhere": [shown(hits[0])]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """This turn was sent by one of these: ids of senders, or groups of agents."""

    ids: frozenset[str]
    groups: frozenset[str]

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits."""
        sender = place.turn.agent_id or place.turn.turn.turn.sender_id
        groups = {agent.group for agent in place.conversation.conversation.agents if agent.id == place.turn.agent_id}
        return YES if sender in self.ids or groups & self.groups else NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What the ranges beside all anchors take in: by position the first anchor whose range holds it.

    `is_each_met`: whether each range holds a turn where the node stands; asked only where an anchor's every hit counts.
    """

    anchors: Mapping[int, TurnReading]
    is_each_met: bool


class Counted:
    """Turns in order, with what is asked of them more than once."""

    def __init__(self, turns: Sequence[TurnReading]) -> None:
        self.turns = turns
        self._reached: dict[tuple[int, str], Reached] = {}
        self._indexes = [turn.index for turn in turns]
        self._asked: dict[tuple[int, str], tuple[list[int], Answer | None]] = {}

    def position(self, turn: TurnReading) -> int:
        """Where a turn, one of these, stands among them."""
        return bisect_left(self._indexes, turn.index)

    def beside(self, turn_range: TurnRange, anchor: TurnReading, location: Location) -> range:
        """The positions that a range means beside an anchor, which may be one of these."""
        earlier = self.position(anchor)
        own = bisect_right(self._indexes, anchor.index) - earlier
        return turn_range.beside(location, earlier=earlier, own=own, size=len(self.turns))

    def remembered(self, scope: Scope, place: Place, reach: Callable[[], Reached]) -> Reached:
        """What a scope's ranges take in, found once a conversation."""
        key = (id(scope), place.language)
        if key not in self._reached:
            self._reached[key] = reach()
        return self._reached[key]

    def standing(self, node: Node, place: Place, part: range) -> int:
        """In how many turns of a part the node stands; sums are kept, since parts overlap."""
        sums, _ = self._ask(node, place)
        return sums[part.stop] - sums[part.start] if part else 0

    def unknown(self, node: Node, place: Place) -> Answer | None:
        """Why the node is not known in one of the turns."""
        return self._ask(node, place)[1]

    def _ask(self, node: Node, place: Place) -> tuple[list[int], Answer | None]:
        key = (id(node), place.language)
        if key not in self._asked:
            answers = [node.evaluate(place.at(turn)) for turn in self.turns]
            unknown = next((answer for answer in answers if answer.is_unknown), None)
            self._asked[key] = [0, *accumulate(answer.stands for answer in answers)], unknown
        return self._asked[key]


def _counted(place: Place, among: Among) -> Counted:
    role = place.turn.role if among is Among.ROLE else None
    key = ("counted", place.turn.speaker if among is Among.OWN else role)
    if key not in place.conversation.remembered:
        turns = (
            place.conversation.segment(place.turn)
            if among is Among.OWN
            else [turn for turn in place.conversation.turns if turn.is_inspectable and _is_of(turn, role)]
        )
        place.conversation.remembered[key] = Counted(turns)
    counted: Counted = place.conversation.remembered[key]
    return counted


def _is_of(turn: TurnReading, whose: Speaker | Role | None) -> bool:
    """System messages are nobody's words unless they are asked for."""
    if whose is None:
        return turn.role is not Role.SYSTEM
    return turn.role is whose if isinstance(whose, Role) else turn.speaker == whose


def _standing(node: Node, place: Place, whose: Speaker | Role | None) -> tuple[Sequence[TurnReading], Unknown | None]:
    """All turns of a speaker, of a role or (None) of anybody in which a node stands; asked once a conversation."""
    key = ("standing", id(node), place.language, whose)
    if key not in place.conversation.remembered:
        turns = [turn for turn in place.conversation.turns if turn.is_inspectable and _is_of(turn, whose)]
        answers = [(turn, node.evaluate(place.at(turn))) for turn in turns]
        hits = tuple(turn for turn, answer in answers if answer.stands)
        unknown = next(((turn.index, answer) for turn, answer in answers if answer.is_unknown), None)
        place.conversation.remembered[key] = hits, unknown
    found: tuple[Sequence[TurnReading], Unknown | None] = place.conversation.remembered[key]
    return found


def read_scope(field: Field, reader: Reader) -> Scope:
    """`scope: {match: node, range: {from: 1, to: 3}, anchor: {match: node, role: customer, location: after, hit: 1}}`."""
    fields = field.fields(required=("match",), optional=("range", "anchor", "among", "every_turn"))
    anchor = _read_anchor(fields["anchor"], reader) if "anchor" in fields else None
    is_at = anchor is not None and anchor.location is Location.AT
    if ("range" in fields) == is_at:
        raise field.error("at means the anchor's turn and takes no range" if is_at else "range is missing")
    scope = Scope(
        node=reader.node(fields["match"]),
        turns=TurnRange(0, 0) if is_at else read_range(fields["range"], has_anchor=anchor is not None),
        anchor=anchor,
        among=fields["among"].choice(Among) if "among" in fields else Among.OWN,
        is_every_turn="every_turn" in fields and fields["every_turn"].boolean(),
    )
    if _looks_ahead(scope):
        reader.defer()
    return scope


def _looks_ahead(scope: Scope) -> bool:
    """Whether what is said later can change the answer: what counts from the end, lies later or asks of every turn."""
    counts_from_end = min(scope.turns.start, scope.turns.stop) < 0
    if scope.anchor is None:
        return counts_from_end or scope.is_every_turn
    return counts_from_end or scope.is_every_turn or scope.anchor.looks_ahead


def _read_anchor(field: Field, reader: Reader) -> Anchor:
    fields = field.fields(required=("match", "location"), optional=("role", "hit"))
    return Anchor(
        node=reader.node(fields["match"]),
        role=fields["role"].choice(Role) if "role" in fields else None,
        location=fields["location"].choice(Location),
        hit=_read_hit(fields["hit"]) if "hit" in fields else AnyOrEvery.ANY,
    )


def _read_hit(field: Field) -> AnyOrEvery | int:
    if field.text() in list(AnyOrEvery):
        return AnyOrEvery(field.text())
    number = field.integer(minimum=None)
    if number == 0:
        raise field.error("must be any, every, or a number: 1 is the first hit, -1 the last")
    return number


def read_somewhere(field: Field, reader: Reader) -> Somewhere:
    """`somewhere: {match: node, role: customer}`."""
    fields = field.fields(required=("match",), optional=("role",))
    role = fields["role"].choice(Role) if "role" in fields else None
    reader.defer()
    return Somewhere(node=reader.node(fields["match"]), role=role)


def read_sender(field: Field, _reader: Reader) -> Sender:
    """`sender: {id: [a-7], group: [售后]}`."""
    fields = field.fields(optional=("id", "group"))
    if not fields:
        raise field.error("give id or group")
    values = {name: frozenset(item.text() for item in value.one_or_many()) for name, value in fields.items()}
    return Sender(ids=values.get("id", frozenset()), groups=values.get("group", frozenset()))
