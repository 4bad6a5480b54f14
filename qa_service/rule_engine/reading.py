"""A conversation while it is inspected: each turn scanned, parsed and segmented at most once, shared by all rules."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from qa_service.domain.conversation import AgentId, Role, TurnId, TurnKind
from qa_service.domain.mood import AgentService, ConversationMood, TurnMood, TurnTone
from qa_service.domain.reply_times import reply_times, waits
from qa_service.domain.text import NormalisedConversation, NormalisedText, NormalisedTurn, Span
from qa_service.domain.working_hours import WorkingHours
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import blocks
from qa_service.rule_engine.cues import CueFinder, Cues, Parse
from qa_service.rule_engine.policies import Policies
from qa_service.rule_engine.sentences import Sentences
from qa_service.rule_engine.stated_value import StatedValue, counted_from
from qa_service.rule_engine.text_reading import Texts


class TurnReading:
    """One turn: what its text holds, who says it and where it stands."""

    def __init__(
        self, index: int, turn: NormalisedTurn, agent_id: AgentId | None, texts: Texts, *, sent: datetime | None
    ) -> None:
        self.index = index
        self.turn = turn
        self.agent_id = agent_id
        self.sent = sent
        """When its first message was sent, else when the conversation began."""
        self.is_inspectable = turn.turn.is_inspectable and bool(turn.text.text)
        """Whether there is text to read; what holds nothing visible has none."""
        self.bubbles: tuple[tuple[int, TurnReading], ...] = ()
        """The turns that this one is joined of and where each begins in it, if turns are merged."""
        self.role = turn.turn.role
        self.is_recalled = turn.turn.kind is TurnKind.RECALL
        """Whether its sender took it back: it neither asks nor answers."""
        self.original = turn.turn.text
        self.said = texts.of(turn, is_read=self.is_inspectable)
        self.word = self.said.word
        self.pattern = self.said.pattern
        self.piece = self.said.piece
        self.clause_ends = self.said.clause_ends
        self.share = self.said.share
        self.question_mark = self.said.question_mark

    @property
    def messages(self) -> tuple[TurnReading, ...]:
        """The turns that this one is joined of; itself where it stands alone."""
        return tuple(turn for _, turn in self.bubbles) or (self,)

    @property
    def began(self) -> datetime | None:
        """When its first message was sent."""
        return self.bubbles[0][1].turn.turn.at if self.bubbles else self.turn.turn.at

    @property
    def ended(self) -> datetime | None:
        """When its last message was sent; a joined turn has the time of that one."""
        return self.turn.turn.at

    @property
    def speaker(self) -> tuple[Role, str | None]:
        """What tells this speaker from others."""
        return self.role, self.agent_id if self.role is Role.AGENT else self.turn.turn.sender_id

    @property
    def joined(self) -> NormalisedText | None:
        """The text with what is spelt out put together; None where nothing is."""
        return self.said.joined

    @cached_property
    def quantities(self) -> tuple[StatedValue, ...]:
        """The stated values in order, those that only the joined text shows with what was undone.

        Named days are counted from the one on which the turn was sent.
        """
        return counted_from(self.said.stated, self.sent.date() if self.sent is not None else None)

    @property
    def uncounted_days(self) -> tuple[StatedValue, ...]:
        """The named days that give no value: it is not known when the turn was sent, or they had passed then."""
        counted = {value.span for value in self.quantities}
        return tuple(value for value in self.said.stated if value.span not in counted)

    @property
    def allowed(self) -> dict[Hashable, list[Span]]:
        """The spans of each rule's exceptions in order, once asked for."""
        return self.said.allowed

    def evidence(self, span: Span) -> list[tuple[TurnReading, Span]]:
        """The words of a span in the turns in which they were sent."""
        if len(self.bubbles) < 2:
            return [(self.messages[0], span)]
        found = []
        for start, turn in self.bubbles:
            part = Span(max(span.start - start, 0), min(span.end - start, len(turn.original)))
            if part.start < part.end:
                found.append((turn, part))
        return found


class ConversationReading:
    """All turns, the mood, the agents' reply times and the policies of one conversation."""

    def __init__(
        self,
        conversation: NormalisedConversation,
        mood: ConversationMood,
        services: Sequence[AgentService],
        *,
        texts: Texts,
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
        self._texts = texts
        self._as_sent = self.conversation
        self._began = self.conversation.time
        self._cue_finders = cue_finders
        self.remembered: dict[Hashable, Any] = {}
        """What nodes keep while one conversation is inspected, by keys that hold their own identity."""
        self._services: dict[WorkingHours, Sequence[AgentService]] = {}
        self._waits: dict[WorkingHours | None, Mapping[TurnId, float | None]] = {}
        self._turns: list[TurnReading] = []
        self.agent_turns: list[TurnReading] = []
        """All turns of agents so far, those without text too; recalled ones answer nothing and are left out."""
        self._segments: dict[tuple[Role, str | None], list[TurnReading]] = {}
        self._customer_texts: list[tuple[int, str]] = []
        self.tones: dict[str, TurnTone] = {tone.turn_id: tone for tone in mood.tones}
        """Tones of agent turns by turn id; of a conversation that goes on, those that are known."""
        for turn, owner in zip(conversation.turns, conversation.conversation.owners(), strict=True):
            self.add(turn, owner)

    @property
    def turns(self) -> Sequence[TurnReading]:
        """All turns so far."""
        return self._turns

    def add(self, turn: NormalisedTurn, owner: AgentId | None) -> TurnReading:
        """One turn more, said by `owner`; what nodes remembered of all turns is forgotten."""
        sent = turn.turn.at or self._began
        reading = TurnReading(len(self._turns), turn, owner, self._texts, sent=sent)
        self._turns.append(reading)
        if reading.is_inspectable:
            self._segments.setdefault(reading.speaker, []).append(reading)
        if reading.role is Role.AGENT and not reading.is_recalled:
            self.agent_turns.append(reading)
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
            texts=self._texts,
            policies=self.policies,
            cue_finders=self._cue_finders,
            sentences=self.sentences,
        )
        merged._as_sent = self.conversation
        own = iter(self.turns)
        for turn, run in zip(merged.turns, runs, strict=True):
            turn.bubbles = tuple((start, next(own)) for start in blocks.starts(run))
            turn.sent = turn.bubbles[0][1].sent
        return merged

    @cached_property
    def agent_ids(self) -> tuple[AgentId, ...]:
        """Every agent who is known to have said something, in order of first turn."""
        return self.conversation.agent_ids

    @cached_property
    def moods(self) -> Mapping[str, TurnMood]:
        """Moods of customer turns by turn id."""
        return {mood.turn_id: mood for mood in self.mood.turns}

    def services_in(self, hours: WorkingHours | None) -> Sequence[AgentService]:
        """The agents' reply times, counting opening hours alone."""
        if hours is None:
            return self.services
        if hours not in self._services:
            self._services[hours] = reply_times(self._as_sent, elapsed=hours.seconds_between)
        return self._services[hours]

    def waits(self, hours: WorkingHours | None) -> Mapping[TurnId, float | None]:
        """The seconds that the customer waited, by the turn that ended the wait; None where that is not known."""
        if hours not in self._waits:
            count = {"elapsed": hours.seconds_between} if hours else {}
            self._waits[hours] = waits(self._as_sent, **count)
        return self._waits[hours]

    def waits_before(self, turn: TurnReading, hours: WorkingHours | None) -> list[float | None]:
        """The waits that a turn, or a message of it, ended: seconds, None where they are not known."""
        ended = self.waits(hours)
        return [ended[sent.turn.turn.id] for sent in turn.messages if sent.turn.turn.id in ended]

    def languages(self, turn: TurnReading) -> tuple[str, ...]:
        """The languages whose rules read a turn: the conversation's and those that its own script shows.

        An insult in English is one in a Chinese chat too. A conversation in a language without rules stays unread.
        """
        if self.language not in self._cue_finders:
            return (self.language,)
        return (self.language, *(name for name in turn.said.scripts if name != self.language))

    def cues(self, turn: TurnReading, language: str) -> Cues:
        """The speech-act cues of a turn in a language; none for a language without cue lists."""
        return turn.said.cues(language, lambda: self._find_cues(turn, language))

    def _find_cues(self, turn: TurnReading, language: str) -> Cues:
        finder = self._cue_finders.get(language)
        if finder is None:
            return Cues({})
        parse = self.parse(turn, language) if finder.needs_parse and turn.joined is None else None
        return finder.find(turn.joined or turn.turn.text) if parse is None else finder.cues_in(parse)

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
