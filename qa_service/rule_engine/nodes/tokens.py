"""`tokens`: spaCy token patterns over the parse that cues share. Owns no syntax (`token_pattern`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.rule_engine.answer import Answer, Hit, found, not_applicable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.token_pattern import TokenPattern, read_token_pattern
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Some tokens in a row are as one of the patterns says."""

    patterns: tuple[TokenPattern, ...]

    @property
    def triggers(self) -> Triggers:
        """What tokens look like is not in the word index."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """One hit for the longest run of tokens at each place."""
        parse = place.conversation.parse(place.turn, place.language)
        if parse is None:
            return not_applicable(f"no cues.yaml for {place.language}, so no parser")
        spans = sorted({span for pattern in self.patterns for span in parse.matches(pattern)})
        return found([Hit((span,), cue=place.exceptions.covering(place.turn, span)) for span in spans])


def read_tokens(field: Field, reader: Reader) -> Tokens:
    """`tokens: [{LOWER: refund}, {LIKE_NUM: true}]`, or a list of such patterns."""
    items = field.items()
    patterns = items if items[0].is_list else (field,)
    return Tokens(patterns=tuple(read_token_pattern(item, reader.tokenised) for item in patterns))
