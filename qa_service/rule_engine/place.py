"""Where a rule is asked: one turn of one conversation, with the rule's views and exceptions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qa_service.domain.conversation import AgentId
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Cue, Hit
from qa_service.rule_engine.cues import Cues
from qa_service.rule_engine.evasion.automaton import Found, depth_of
from qa_service.rule_engine.evasion.view import Undone, View
from qa_service.rule_engine.lexicon import Occurrence
from qa_service.rule_engine.reading import ConversationReading, TurnReading

# Of a longer exception the beginning is shown: a whole turn beside each hit in it would grow with the square of the turn.
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Allowed words and patterns of a rule, as lexicon ids; `sources` are the patterns as the pack writes them."""

    term_ids: frozenset[int] = frozenset()
    pattern_ids: tuple[int, ...] = ()
    sources: tuple[str, ...] = field(default=(), compare=False)

    def covering(self, turn: TurnReading, span: Span, *, of_any_length: bool = False) -> Cue | None:
        """The longest exception that shares a character with `span` and, unless of any length, is no shorter than it."""
        if not self.term_ids and not self.pattern_ids:
            return None
        if self not in turn.allowed:
            turn.allowed[self] = self._spans(turn)
        allowed = turn.allowed[self]
        first = bisect_right(allowed, span.start, key=_end)
        around = allowed[first : bisect_left(allowed, span.end, key=_start)]
        size = 0 if of_any_length else span.end - span.start
        fitting = [other for other in around if other.end - other.start >= size]
        if not fitting:
            return None
        longest = max(fitting, key=lambda other: (other.end - other.start, -other.start))
        shown = turn.original[longest.start : min(longest.end, longest.start + _LONGEST_SHOWN)]
        return Cue("exception", shown, longest, self._source(turn, longest))

    def _source(self, turn: TurnReading, span: Span) -> str | None:
        """The pattern that matches here; several cover whole sentences, and the words alone do not tell them apart."""
        matching = (
            source
            for pattern_id, source in zip(self.pattern_ids, self.sources, strict=True)
            if _matches_at(turn.pattern(pattern_id), span)
        )
        return next(matching, None)

    def _spans(self, turn: TurnReading) -> list[Span]:
        """All of a turn but those inside a longer one, which is told in their place: so both starts and ends are in order."""
        # Of a list of 100,000 allowed words only those that are said are looked at.
        said = self.term_ids.intersection(turn.said.all_words(self.term_ids))
        spans = {found.span for term_id in said for found in turn.word(term_id)}
        spans.update(found.span for pattern_id in self.pattern_ids for found in turn.pattern(pattern_id))
        outermost: list[Span] = []
        for span in sorted(spans, key=lambda each: (each.start, -each.end)):
            if not outermost or span.end > outermost[-1].end:
                outermost.append(span)
        return outermost


def _matches_at(matches: Sequence[Occurrence], span: Span) -> bool:
    """Whether one of these matches, in order, is a span."""
    at = bisect_left(matches, span, key=_span)
    return at < len(matches) and matches[at].span == span


def _span(found: Occurrence) -> Span:
    return found.span


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end


NO_EXCEPTIONS = Exceptions()


@dataclass(frozen=True, slots=True)
class Place:
    """What a node sees; `language` is the one that the rule reads the turn in."""

    conversation: ConversationReading
    turn: TurnReading
    language: str
    views: frozenset[View] = frozenset((View.CASED,))
    exceptions: Exceptions = NO_EXCEPTIONS

    @property
    def said(self) -> Found:
        """The words of the turn, sought as deep as the rule looks or deeper."""
        return self.turn.said.words(depth_of(self.views))

    @property
    def possible_patterns(self) -> frozenset[int]:
        """The triggers of the patterns that may match in the turn."""
        return self.turn.said.possible_patterns

    def at(self, turn: TurnReading) -> Place:
        """The same rule at another turn."""
        return Place(self.conversation, turn, self.language, self.views, self.exceptions)

    def cues(self, turn: TurnReading) -> Cues:
        """The speech-act cues of a turn."""
        return self.conversation.cues(turn, self.language)

    def reads(self, undone: Iterable[Undone]) -> bool:
        """Whether the rule's views undo all this."""
        return all(item.how in self.views for item in undone)

    def words(self, term_ids: frozenset[int]) -> list[Hit]:
        """One hit an occurrence of these words, in order."""
        turn = self.turn
        # Set first: it then goes through what is said, not through a list of 100,000 words.
        said = term_ids.intersection(self.said)
        if not said:
            return []
        seen = [found for term_id in said for found in turn.word(term_id) if found.is_seen_through(self.views)]
        if len(seen) > 1:
            seen.sort(key=_place_and_view)
        hits: list[Hit] = []
        for found in seen:
            if not hits or hits[-1].parts[0] != found.span:
                cue = self.exceptions.covering(self.turn, found.span)
                hits.append(Hit((found.span,), found.view, cue, found.undone))
        return hits

    def allowed(self, term_ids: frozenset[int]) -> list[Hit]:
        """`words` without those that an exception covers."""
        return [hit for hit in self.words(term_ids) if hit.cue is None]

    def pattern(self, pattern_id: int) -> list[Hit]:
        """One hit a match of this pattern, in order."""
        return [
            Hit((found.span,), found.view, self.exceptions.covering(self.turn, found.span), found.undone)
            for found in self.turn.pattern(pattern_id)
            if found.is_seen_through(self.views)
        ]


def _place_and_view(found: Occurrence) -> tuple[int, int, int, int, tuple[Undone, ...]]:
    """Total, so that the ids of words (their order in packs) decide nothing: nimade is read as one of its words always."""
    return found.span.start, found.span.end, found.view.rank, len(found.undone), found.undone


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What a root check says about one agent (None: nobody known)."""

    agent_id: AgentId | None
    answer: Answer
