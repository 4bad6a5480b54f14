"""`absent`: a phrase that each agent owes and does not say. Stands at the root of a rule only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any

from qa_service.domain.conversation import AgentId, Role
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, Answer, Truth, not_applicable, worse
from qa_service.rule_engine.nodes.anchors import NO_TIME, Distance, read_distance, seconds_between, shown
from qa_service.rule_engine.nodes.base import Glance, Node, Part, Reader
from qa_service.rule_engine.nodes.noted import noted
from qa_service.rule_engine.place import AgentAnswer, Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field

_WINDOWS = ("first", "last", "after", "anywhere")
# How many of the turns behind one that matches an explanation measures.
_MEASURED_TURNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where the phrase is owed.

    Anywhere (nothing given), in the first or last n own turns, or in the next n after a customer turn that matches.

    In the first turns only by the person who opens the chat; who takes it over goes on with it.
    """

    first: int | None = None
    last: int | None = None
    after: Node | None = None
    distance: Distance = field(default_factory=lambda: Distance(turns=None, seconds=None))
    after_glance: Glance | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "after_glance", Glance(self.after) if self.after is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """YES where an agent owed the phrase and did not say it."""

    phrase: Node
    window: Window
    min_turns: int
    _glance: Glance = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_glance", Glance(self.phrase))

    def judge(self, place: Place) -> list[AgentAnswer]:
        """One answer an agent, over the own segment."""
        return [AgentAnswer(agent_id, self._judge_agent(place, agent_id)) for agent_id in place.conversation.agent_ids]

    def _judge_agent(self, place: Place, agent_id: AgentId) -> Answer:
        segment = place.conversation.segments.get((Role.AGENT, agent_id), ())
        if len(segment) < self.min_turns:
            return not_applicable("too_few_turns")
        if self.window.first is not None and agent_id != _opener(place):
            return not_applicable("took_over")
        if self.window.after is not None:
            return self._judge_after(place, agent_id, segment, self.window.after)
        first, last = self.window.first, self.window.last
        owed = segment[:first] if first is not None else segment[-(last or 0) :]
        where = {"first": first} if first is not None else {"last": last} if last is not None else {"anywhere": True}
        return self._missing(place, owed, {"absent": where})

    def _judge_after(self, place: Place, agent_id: AgentId, segment: Sequence[TurnReading], after: Node) -> Answer:
        unknown: Answer | None = None
        verdict: Answer | None = None
        glance = self.window.after_glance
        for turn in place.conversation.turns:
            if turn.role is not Role.CUSTOMER or not turn.is_inspectable:
                continue
            if glance is not None and glance.denies(place, turn):
                continue
            behind = self._next(place, turn, agent_id, segment)
            asked = after.evaluate(place.at(turn)) if behind is not None else NO
            if asked.stands and behind is not None:
                verdict = self._verdict_after(place, turn, behind)
                if verdict.is_yes:
                    return verdict
                if verdict.is_unknown:
                    unknown = worse(unknown, verdict)
            elif asked.is_unknown:
                unknown = worse(unknown, asked)
        return unknown or verdict or not_applicable("no_customer_turn_matches")

    def _owed_after(
        self, place: Place, turn: TurnReading, agent_id: AgentId, segment: Sequence[TurnReading]
    ) -> Sequence[TurnReading] | None:
        """The agent's next turns, as many as are owed and none that is known to be too late, if this agent answers."""
        behind = self._next(place, turn, agent_id, segment)
        return None if behind is None else self._not_too_late(turn, behind)

    def _not_too_late(self, turn: TurnReading, behind: Sequence[TurnReading]) -> Sequence[TurnReading]:
        within = self._in_time
        if within.seconds is None or turn.ended is None:
            return behind
        return tuple(takewhile(lambda other: within.holds(turn, other).truth is not Truth.NO, behind))

    def _next(
        self, place: Place, turn: TurnReading, agent_id: AgentId, segment: Sequence[TurnReading]
    ) -> Sequence[TurnReading] | None:
        """The agent's next turns, as many as are owed at most; None if another answers."""
        answers = place.conversation.agent_turns
        answering = bisect_right(answers, turn.index, key=_index)
        if answering == len(answers) or answers[answering].agent_id != agent_id:
            return None
        first = bisect_right(segment, turn.index, key=_index)
        most = self.window.distance.turns
        return segment[first : None if most is None else first + most]

    @property
    def _in_time(self) -> Distance:
        """The bound in seconds; turns are counted among the agent's own."""
        return Distance(turns=None, seconds=self.window.distance.seconds)

    def _verdict_after(self, place: Place, turn: TurnReading, behind: Sequence[TurnReading]) -> Answer:
        """Whether the phrase is missing behind a turn; of turns without time it is not known whether they are owed."""
        if self._is_said_in_time(place, turn, behind):
            return NO
        owed = self._not_too_late(turn, behind)
        is_untimed = self.window.distance.seconds is not None and turn.ended is None
        timed = [] if is_untimed else [other for other in owed if self._in_time.holds(turn, other).is_yes]
        details = {"absent": {**self.window.distance.as_json(), "after": shown(turn)}}
        answer = self._missing(place, timed, details)
        return NO_TIME if answer.is_yes and len(timed) < len(owed) else answer

    def _is_said_in_time(self, place: Place, turn: TurnReading, behind: Sequence[TurnReading]) -> bool:
        """Whether that can be told without going through all turns for each question, whose time grows with their square.

        Where times are in order, all turns from the first to the one that says the phrase are in time if these two are.
        """
        if self.window.distance.turns is not None or not behind or not _are_in_order(place, behind[-1]):
            return False
        known = noted(self.phrase, self._glance, place, Role.AGENT, end=behind[-1].index + 1).behind(turn.index)
        said = next((other for other, answer in known if answer.stands and other.agent_id == behind[0].agent_id), None)
        return said is not None and all(self._in_time.holds(turn, other).is_yes for other in (behind[0], said))

    def agent_parts(self, place: Place, agent_id: AgentId) -> tuple[Part, ...]:
        """The phrase at the turns where it was owed, and the customer's turns that made it owed."""
        segment = place.conversation.segments.get((Role.AGENT, agent_id), ())
        if self.window.after is None:
            first, last = self.window.first, self.window.last
            owed = segment[:first] if first is not None else segment[-(last or 0) :]
            return self._phrase_at(place, owed)
        parts: list[Part] = []
        after = self.window.after
        for turn in place.conversation.turns:
            if turn.role is Role.CUSTOMER and turn.is_inspectable:
                owed_next = self._owed_after(place, turn, agent_id, segment)
                asked = place.at(turn)
                if owed_next is not None and after.evaluate(asked).stands:
                    label = f"asked for by turn {turn.turn.turn.id}"
                    parts += [Part(label=label, node=after, place=asked), *self._phrase_at(place, owed_next)]
        return tuple(parts)

    def measure_agent(self, place: Place, agent_id: AgentId) -> tuple[Measured, ...]:
        """The seconds from each customer turn that matches to the agent's next turns, None where a time is missing."""
        after, seconds = self.window.after, self.window.distance.seconds
        if after is None or seconds is None:
            return ()
        segment = place.conversation.segments.get((Role.AGENT, agent_id), ())
        measured: list[Measured] = []
        for turn in place.conversation.turns:
            if turn.role is not Role.CUSTOMER or not turn.is_inspectable or not after.evaluate(place.at(turn)).stands:
                continue
            for other in (self._next(place, turn, agent_id, segment) or ())[:_MEASURED_TURNS]:
                apart = seconds_between(turn, other)
                name = f"seconds from turn {turn.turn.turn.id} to turn {other.turn.turn.id}"
                holds = apart is not None and apart <= seconds
                measured.append(Measured(name=name, value=apart, bound=f"at most {seconds:g}", holds=holds))
        return tuple(measured)

    def _phrase_at(self, place: Place, owed: Sequence[TurnReading]) -> tuple[Part, ...]:
        return tuple(Part(label=f"owed in turn {t.turn.turn.id}", node=self.phrase, place=place.at(t)) for t in owed)

    def _missing(self, place: Place, owed: Sequence[TurnReading], details: dict[str, Any]) -> Answer:
        unknown: Answer | None = None
        for turn in owed:
            if self._glance.denies(place, turn):
                continue
            answer = self.phrase.evaluate(place.at(turn))
            if answer.stands:
                return NO
            if answer.is_unknown:
                unknown = worse(unknown, answer)
        return unknown or Answer(Truth.YES, details=details)


def _index(turn: TurnReading) -> int:
    return turn.index


def _are_in_order(place: Place, turn: TurnReading) -> bool:
    """Whether all turns of a speaker have a time and none is earlier than the one before."""
    key = ("in order", turn.speaker)
    remembered = place.conversation.remembered
    if key not in remembered:
        began = [other.began for other in place.conversation.segment(turn)]
        known = [at for at in began if at is not None]
        remembered[key] = len(known) == len(began) and all(one <= other for one, other in pairwise(known))
    return bool(remembered[key])


def _opener(place: Place) -> AgentId | None:
    """The first person who wrote to the customer; None where nobody knows who that was."""
    return next((turn.agent_id for turn in place.conversation.agent_turns), None)


def read_absent(field: Field, reader: Reader) -> Absent:
    """`absent: {phrase: node, first: 2}`, `last: 3`, `anywhere: true` or `after: {match: node, turns: 3}`; `min_turns: 2`."""
    fields = field.fields(required=("phrase",), optional=(*_WINDOWS, "min_turns"))
    if len(fields.keys() & set(_WINDOWS)) != 1:
        raise field.error("give one of first, last, after and anywhere")
    return Absent(
        phrase=reader.node(fields["phrase"]),
        window=_read_window(fields, reader),
        min_turns=fields["min_turns"].integer(minimum=1) if "min_turns" in fields else 1,
    )


def _read_window(fields: dict[str, Field], reader: Reader) -> Window:
    if "first" in fields:
        return Window(first=fields["first"].integer(minimum=1))
    if "last" in fields:
        return Window(last=fields["last"].integer(minimum=1))
    if "anywhere" in fields:
        if not fields["anywhere"].boolean():
            raise fields["anywhere"].error("can only be true")
        return Window()
    after = fields["after"].fields(required=("match",), optional=("turns", "seconds"))
    if len(after) < 2:
        raise fields["after"].error("give turns or seconds")
    return Window(after=reader.node(after["match"]), distance=read_distance(after))
