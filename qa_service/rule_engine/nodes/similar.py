"""`similar`: a piece of the turn means about the same as one of the rule's sentences. Owns no encoder (`sentences`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import Answer, Hit, found, unavailable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.nodes.words import read_within
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.said_pieces import SaidPieces
from qa_service.rule_engine.sentences import SentencesUnavailable
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.yaml_field import Field

_MOST_SENTENCES = 200
# The encoder reads 96 tokens; a sentence of this length fits in either language.
_MOST_CHARS = 120
# Vectors of a text differ by about 1e-7 with what shares its batch; what is compared is what is shown.
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """The cosine of a piece's vector with a sentence's is at least the threshold."""

    sentences: tuple[str, ...]
    at_least: float
    within: Within

    @property
    def triggers(self) -> Triggers:
        """No word is needed: that is its use."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """One hit a piece, with its nearest sentence and the score in the explanation."""
        said = _pieces(place)
        try:
            spans, vectors = said.of(place.turn, self.within)
            scores = vectors @ said.sentences.vectors(self.sentences).T
        except SentencesUnavailable as missing:
            return unavailable(missing.reason)
        hits = []
        for span, row in zip(spans, scores, strict=True):
            best = int(row.argmax())
            score = round(float(row[best]), _DIGITS)
            if score >= self.at_least:
                sentence = self.sentences[best]
                details = {"similar": {"sentence": sentence, "score": score, "at_least": self.at_least}}
                hits.append(
                    Hit(
                        (span,),
                        cue=place.exceptions.covering(place.turn, span, of_any_length=True),
                        details=details,
                        turned_by_negation=not said.sentences.is_negated(sentence, place.language),
                    )
                )
        return found(hits)

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The likeness of the piece that comes nearest to a sentence."""
        said = _pieces(place)
        try:
            _, vectors = said.of(place.turn, self.within)
            scores = vectors @ said.sentences.vectors(self.sentences).T
        except SentencesUnavailable:
            return ()
        best = round(float(scores.max()), _DIGITS) if scores.size else None
        holds = best is not None and best >= self.at_least
        return (Measured(name="similarity", value=best, bound=f"at least {self.at_least:g}", holds=holds),)


def _pieces(place: Place) -> SaidPieces:
    """The conversation's, made once."""
    remembered = place.conversation.remembered
    if "pieces" not in remembered:
        remembered["pieces"] = SaidPieces(place.conversation.turns, place.conversation.sentences)
    pieces: SaidPieces = remembered["pieces"]
    return pieces


def read_similar(field: Field, reader: Reader) -> Similar:
    """`similar: {to: [sentence], at_least: 0.75, within: sentence}`."""
    # All turns are encoded together, and there is a limit to them.
    reader.defer()
    fields = field.fields(required=("to", "at_least"), optional=("within",))
    items = fields["to"].one_or_many()
    if len(items) > _MOST_SENTENCES:
        raise fields["to"].error(f"must have at most {_MOST_SENTENCES} sentences")
    for item in items:
        if len(item.text()) > _MOST_CHARS:
            raise item.error(f"must have at most {_MOST_CHARS} characters")
    return Similar(
        sentences=tuple(item.text() for item in items),
        at_least=fields["at_least"].number(minimum=0.01, maximum=1),
        within=read_within(fields),
    )
