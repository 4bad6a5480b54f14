"""Where a rule is asked: one turn of one conversation, with the rule's views and exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.conversation import AgentId
from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Cue, Hit
from qa_service.rule_engine.lexicon import View
from qa_service.rule_engine.reading import ConversationReading, TurnReading


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Allowed words and patterns of a rule, as lexicon ids."""

    term_ids: frozenset[int] = frozenset()
    pattern_ids: tuple[int, ...] = ()

    def covering(self, turn: TurnReading, span: Span) -> Cue | None:
        """The longest exception that shares a character with `span` and is no shorter than it."""
        allowed = [found.span for term_id in turn.words.keys() & self.term_ids for found in turn.words[term_id]]
        allowed.extend(found for pattern_id in self.pattern_ids for found in turn.pattern(pattern_id))
        size = span.end - span.start
        fitting = [other for other in allowed if other.overlaps(span) and other.end - other.start >= size]
        if not fitting:
            return None
        longest = max(fitting, key=lambda other: (other.end - other.start, -other.start))
        return Cue("exception", turn.original[longest.start : longest.end], longest)


NO_EXCEPTIONS = Exceptions()


@dataclass(frozen=True, slots=True)
class Place:
    """What a node sees."""

    conversation: ConversationReading
    turn: TurnReading
    views: frozenset[View] = frozenset((View.CASED,))
    exceptions: Exceptions = NO_EXCEPTIONS

    def at(self, turn: TurnReading) -> Place:
        """The same rule at another turn."""
        return Place(self.conversation, turn, self.views, self.exceptions)

    def words(self, term_ids: frozenset[int]) -> list[Hit]:
        """One hit an occurrence of these words, in order."""
        said = self.turn.words
        if term_ids.isdisjoint(said):
            return []
        spans: dict[Span, View] = {}
        for term_id in said.keys() & term_ids:
            for found in said[term_id]:
                if found.view in self.views:
                    known = spans.get(found.span, found.view)
                    spans[found.span] = min(known, found.view, key=lambda view: view.rank)
        return [Hit((span,), spans[span], self.exceptions.covering(self.turn, span)) for span in sorted(spans)]

    def allowed(self, term_ids: frozenset[int]) -> list[Hit]:
        """`words` without those that an exception covers."""
        return [hit for hit in self.words(term_ids) if hit.cue is None]

    def pattern(self, pattern_id: int) -> list[Hit]:
        """One hit a match of this pattern, in order."""
        return [
            Hit((span,), View.CASED, self.exceptions.covering(self.turn, span))
            for span in self.turn.pattern(pattern_id)
        ]


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What a root check says about one agent (None: nobody known)."""

    agent_id: AgentId | None
    answer: Answer
