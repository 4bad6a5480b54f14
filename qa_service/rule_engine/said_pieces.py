"""The clauses, sentences or turns of one conversation with their vectors. Owns no encoder (`sentences`)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from qa_service.domain.text import Span
from qa_service.normalise import cased_view, plain_view
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.sentences import Floats, Sentences, SentencesUnavailable
from qa_service.rule_engine.text_reading import Within

# A chat of usual length has some dozens; more would take the encoder minutes, and the chat says so instead.
MOST_PIECES = 2_000


class SaidPieces:
    """The pieces of one conversation with their vectors: all turns of a role in one batch, when first asked for."""

    def __init__(self, turns: Sequence[TurnReading], sentences: Sentences) -> None:
        self.sentences = sentences
        self._turns = turns
        self._known: dict[Hashable, Mapping[int, tuple[list[Span], Floats]] | SentencesUnavailable] = {}

    def of(self, turn: TurnReading, within: Within) -> tuple[list[Span], Floats]:
        """The clauses, sentences or whole text of a turn and their vectors; raises SentencesUnavailable."""
        key = turn.role, within
        if key not in self._known:
            same_role = [other for other in self._turns if other.role is turn.role and other.is_inspectable]
            try:
                self._known[key] = self._encode(same_role, within)
            except SentencesUnavailable as unavailable:
                self._known[key] = unavailable
        known = self._known[key]
        if isinstance(known, SentencesUnavailable):
            raise known
        return known[turn.index]

    def _encode(self, turns: Sequence[TurnReading], within: Within) -> Mapping[int, tuple[list[Span], Floats]]:
        spans = {turn.index: list(_pieces(turn, within)) for turn in turns}
        texts = {turn.index: [_readable(turn, span) for span in spans[turn.index]] for turn in turns}
        rows = {text: at for at, text in enumerate(dict.fromkeys(text for said in texts.values() for text in said))}
        if len(rows) > MOST_PIECES:
            raise SentencesUnavailable(f"more than {MOST_PIECES} different pieces of text to compare")
        vectors = self.sentences.encode(list(rows))
        return {at: (spans[at], vectors[[rows[text] for text in said]]) for at, said in texts.items()}


def _pieces(turn: TurnReading, within: Within) -> Iterator[Span]:
    """The pieces that say something, without white space around them."""
    at, original = 0, turn.original
    while at < len(original):
        piece = turn.piece(at, within)
        at = piece.end
        said = original[piece.start : piece.end]
        if any(char.isalnum() for char in said):
            yield Span(piece.start + len(said) - len(said.lstrip()), piece.end - len(said) + len(said.rstrip()))


def _readable(turn: TurnReading, span: Span) -> str:
    """As people read it; a whole turn as the mood model has read it, so that it is encoded once for both."""
    whole = turn.original.strip()
    is_whole = len(whole) == span.end - span.start
    return plain_view(turn.turn.cased if is_whole else cased_view(turn.original[span.start : span.end])).text
