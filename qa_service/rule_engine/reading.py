"""A conversation while it is inspected: each turn scanned, parsed and segmented at most once, shared by all rules."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from qa_service.domain.conversation import AgentId, Role, TurnId
from qa_service.domain.mood import AgentService, ConversationMood, TurnMood, TurnTone
from qa_service.domain.reply_times import reply_times, waits
from qa_service.domain.text import NormalisedConversation, NormalisedText, NormalisedTurn, Span
from qa_service.domain.working_hours import WorkingHours
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import blocks
from qa_service.rule_engine.cues import CueFinder, Cues, Parse
from qa_service.rule_engine.evasion.joined import joined, undone_in
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.lexicon import Occurrence, Scanner
from qa_service.rule_engine.policies import Policies
from qa_service.rule_engine.sentences import Sentences
from qa_service.rule_engine.stated_value import StatedValue, counted_from, stated_values


class Within(StrEnum):
    """The piece of text that words must share."""

    CLAUSE = "clause"
    SENTENCE = "sentence"
    TURN = "turn"


# A full stop or colon inside a number, time or address ends nothing.
_SENTENCE_END = re.compile(r"[。！？；!?;\n\r…]+|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[。！？；!?;\n\r…，～~]+|[.,:：](?=\s|$)|(?<![0-9])[,:：]|[,:：](?![0-9])")

_QUOTED = re.compile(r"“[^”]{1,200}”|‘[^’]{1,200}’|「[^」]{1,200}」|『[^』]{1,200}』|\"[^\"]{1,200}\"")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[a-z]{3}")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,8}[>＞][^\n]*$")


class TurnReading:
    """One turn, read on demand."""

    def __init__(
        self, index: int, turn: NormalisedTurn, agent_id: AgentId | None, scanner: Scanner, *, sent: datetime | None
    ) -> None:
        self.index = index
        self.turn = turn
        self.agent_id = agent_id
        self.sent = sent
        """When it was sent, else when the conversation began."""
        self.bubbles: tuple[tuple[int, TurnReading], ...] = ()
        """The turns that this one is joined of and where each begins in it, if turns are merged."""
        self.allowed: dict[Hashable, list[Span]] = {}
        """The spans of each rule's exceptions in order, once asked for."""
        self._scanner = scanner

    @property
    def role(self) -> Role:
        """Who speaks."""
        return self.turn.turn.role

    @property
    def original(self) -> str:
        """The text as it was sent."""
        return self.turn.turn.text

    @property
    def speaker(self) -> tuple[Role, str | None]:
        """What tells this speaker from others."""
        return self.role, self.agent_id if self.role is Role.AGENT else self.turn.turn.sender_id

    @cached_property
    def is_inspectable(self) -> bool:
        """Whether there is text to read; what holds nothing visible has none."""
        return self.turn.turn.is_inspectable and bool(self.turn.text.text)

    @cached_property
    def words(self) -> Mapping[int, tuple[Occurrence, ...]]:
        """Term id → occurrences."""
        return self._scanner.words(self.turn) if self.is_inspectable else {}

    @cached_property
    def pattern_ids(self) -> frozenset[int]:
        """The patterns that may match somewhere, also once what is spelt out is joined."""
        if not self.is_inspectable:
            return frozenset()
        found = self._scanner.pattern_ids(self.turn.text)
        return found if self.joined is None else found | self._scanner.pattern_ids(self.joined)

    @cached_property
    def joined(self) -> NormalisedText | None:
        """The text with what is spelt out put together (7 天 无 理 由); None where nothing is."""
        return joined(self.turn.text) if self.is_inspectable else None

    @cached_property
    def quantities(self) -> tuple[StatedValue, ...]:
        """The stated values in order, those that only the joined text shows with what was undone.

        Named days are counted from the one on which the turn was sent.
        """
        return counted_from(self._stated, self.sent.date() if self.sent is not None else None)

    @property
    def uncounted_days(self) -> tuple[StatedValue, ...]:
        """The named days that give no value: it is not known when the turn was sent, or they had passed then."""
        counted = {value.span for value in self.quantities}
        return tuple(value for value in self._stated if value.span not in counted)

    @cached_property
    def _stated(self) -> tuple[StatedValue, ...]:
        return stated_values(self.turn.text, self.joined)

    def pattern(self, pattern_id: int) -> tuple[Occurrence, ...]:
        """The matches of a pattern in order, each through the more literal reading."""
        if pattern_id not in self.pattern_ids:
            return ()
        spans = self._scanner.find(pattern_id, self.turn.text)
        found = [Occurrence(span, View.CASED) for span in spans]
        if self.joined is not None:
            for span in self._scanner.find(pattern_id, self.joined):
                before = bisect_right(spans, span.end - 1, key=_span_start)
                if not before or not spans[before - 1].overlaps(span):
                    undone = undone_in(self.turn.text, self.joined, span)
                    found.append(Occurrence(span, View.COMPACT if undone else View.CASED, undone))
        return tuple(sorted(found, key=_start))

    @cached_property
    def quotes(self) -> tuple[Span, ...]:
        """What stands in quote marks, marks included."""
        return tuple(Span(*match.span()) for match in _QUOTED.finditer(self.original))

    @cached_property
    def quoted_lines(self) -> tuple[Span, ...]:
        """Lines that begin with >."""
        return tuple(Span(*match.span()) for match in _QUOTED_LINE.finditer(self.original))

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [0, *(match.end() for match in _SENTENCE_END.finditer(self.original))]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [0, *(match.end() for match in _CLAUSE_END.finditer(self.original))]

    def evidence(self, span: Span) -> list[tuple[TurnReading, Span]]:
        """The words of a span in the turns in which they were sent."""
        if not self.bubbles:
            return [(self, span)]
        found = []
        for start, turn in self.bubbles:
            part = Span(max(span.start - start, 0), min(span.end - start, len(turn.original)))
            if part.start < part.end:
                found.append((turn, part))
        return found

    def piece(self, at: int, within: Within) -> Span:
        """The clause, sentence or turn around a position of the original, its end mark included."""
        if within is Within.TURN:
            return Span(0, len(self.original))
        starts = self._clause_starts if within is Within.CLAUSE else self._sentence_starts
        following = bisect_right(starts, at)
        return Span(starts[following - 1], starts[following] if following < len(starts) else len(self.original))

    def clause_ends(self, gap: Span) -> int:
        """How many clauses end in a part of the original."""
        return bisect_right(self._clause_starts, gap.end) - bisect_right(self._clause_starts, gap.start)

    def share(self, one: Span, other: Span, within: Within) -> bool:
        """Whether two spans begin in the same piece."""
        return within is Within.TURN or self.piece(one.start, within) == self.piece(other.start, within)


def _span_start(span: Span) -> int:
    return span.start


def _start(found: Occurrence) -> tuple[int, int]:
    return found.span.start, found.span.end


class ConversationReading:
    """All turns, the mood, the agents' reply times and the policies of one conversation."""

    def __init__(
        self,
        conversation: NormalisedConversation,
        mood: ConversationMood,
        services: Sequence[AgentService],
        *,
        scanner: Scanner,
        policies: Policies,
        cue_finders: Mapping[str, CueFinder],
        sentences: Sentences,
    ) -> None:
        self.conversation = conversation.conversation
        self.language = conversation.language
        self.mood = mood
        self.services = services
        self.policies = policies
        self.sentences = sentences
        self._scanner = scanner
        self._as_sent = self.conversation
        self._cue_finders = cue_finders
        self._cues: dict[tuple[int, str], Cues] = {}
        self.remembered: dict[Hashable, Any] = {}
        """What nodes keep while one conversation is inspected, by keys that hold their own identity."""
        self._services: dict[WorkingHours, Sequence[AgentService]] = {}
        self._waits: dict[WorkingHours | None, Mapping[TurnId, float]] = {}
        self._scanner = scanner
        self._turns: list[TurnReading] = []
        self._segments: dict[tuple[Role, str | None], list[TurnReading]] = {}
        self._customer_texts: list[tuple[int, str]] = []
        for turn, owner in zip(conversation.turns, conversation.conversation.owners(), strict=True):
            self.add(turn, owner)

    @property
    def turns(self) -> Sequence[TurnReading]:
        """All turns so far."""
        return self._turns

    def add(self, turn: NormalisedTurn, owner: AgentId | None) -> TurnReading:
        """One turn more, said by `owner`; what nodes remembered of all turns is forgotten."""
        sent = turn.turn.at or self.conversation.time
        reading = TurnReading(len(self._turns), turn, owner, self._scanner, sent=sent)
        self._turns.append(reading)
        if reading.is_inspectable:
            self._segments.setdefault(reading.speaker, []).append(reading)
        if reading.role is Role.CUSTOMER:
            self._customer_texts.append((reading.index, reading.original))
        self.remembered.clear()
        return reading

    @cached_property
    def merged(self) -> ConversationReading:
        """The same with adjacent turns of one sender as one; this one itself where there are none."""
        runs = blocks.runs(self.conversation.turns)
        if len(runs) == len(self.turns):
            return self
        merged = ConversationReading(
            ConversationNormaliser().normalise(blocks.joined(self.conversation, runs, language=self.language)),
            self.mood,
            self.services,
            scanner=self._scanner,
            policies=self.policies,
            cue_finders=self._cue_finders,
            sentences=self.sentences,
        )
        merged._as_sent = self.conversation
        own = iter(self.turns)
        for turn, run in zip(merged.turns, runs, strict=True):
            turn.bubbles = tuple((start, next(own)) for start in blocks.starts(run))
        return merged

    @cached_property
    def moods(self) -> Mapping[str, TurnMood]:
        """Moods of customer turns by turn id."""
        return {mood.turn_id: mood for mood in self.mood.turns}

    @cached_property
    def tones(self) -> Mapping[str, TurnTone]:
        """Tones of agent turns by turn id."""
        return {tone.turn_id: tone for tone in self.mood.tones}

    def services_in(self, hours: WorkingHours | None) -> Sequence[AgentService]:
        """The agents' reply times, counting opening hours alone."""
        if hours is None:
            return self.services
        if hours not in self._services:
            self._services[hours] = reply_times(self._as_sent, elapsed=hours.seconds_between)
        return self._services[hours]

    def waits(self, hours: WorkingHours | None) -> Mapping[TurnId, float]:
        """The seconds that the customer waited, by the turn that ended the wait."""
        if hours not in self._waits:
            count = {"elapsed": hours.seconds_between} if hours else {}
            self._waits[hours] = waits(self._as_sent, **count)
        return self._waits[hours]

    def wait_before(self, turn: TurnReading, hours: WorkingHours | None) -> float | None:
        """The seconds that the customer waited for a turn (of merged ones: for any of them), if it ended a wait."""
        ended = self.waits(hours)
        sent = [bubble for _, bubble in turn.bubbles] or [turn]
        return max((ended[one.turn.turn.id] for one in sent if one.turn.turn.id in ended), default=None)

    def languages(self, turn: TurnReading) -> tuple[str, ...]:
        """The languages whose rules read a turn: the conversation's and those that its own script shows.

        An insult in English is one in a Chinese chat too. A conversation in a language without rules stays unread.
        """
        if self.language not in self._cue_finders:
            return (self.language,)
        shown = (("zh", _HAN), ("en", _LATIN_WORD))
        others = [name for name, script in shown if name != self.language and script.search(turn.turn.text.text)]
        return (self.language, *others)

    def cues(self, turn: TurnReading, language: str) -> Cues:
        """The speech-act cues of a turn in a language; none for a language without cue lists."""
        key = (turn.index, language)
        if key not in self._cues:
            finder = self._cue_finders.get(language)
            parse = finder.parse(turn.joined) if finder and turn.joined else self.parse(turn, language)
            self._cues[key] = finder.cues_in(parse) if finder and parse else Cues({})
        return self._cues[key]

    def parse(self, turn: TurnReading, language: str) -> Parse | None:
        """A turn's tokens in a language; None for a language without cue lists."""
        key = ("parse", turn.index, language)
        if key not in self.remembered:
            finder = self._cue_finders.get(language)
            self.remembered[key] = finder.parse(turn.turn.text) if finder else None
        parse: Parse | None = self.remembered[key]
        return parse

    @property
    def customer_texts(self) -> Sequence[tuple[int, str]]:
        """Number and original text of every customer turn."""
        return self._customer_texts

    @property
    def segments(self) -> Mapping[tuple[Role, str | None], Sequence[TurnReading]]:
        """The inspectable turns of each speaker."""
        return self._segments

    def segment(self, turn: TurnReading) -> Sequence[TurnReading]:
        """All inspectable turns of the same speaker."""
        return self.segments.get(turn.speaker, ())
