"""Suspicions with and without words beside them. Owns no suspicion (`nodes.mood`)."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Answer, Hit, whole_turn
from qa_service.rule_engine.nodes.base import Check, Node, held
from qa_service.rule_engine.nodes.logic import And, Not, Or
from qa_service.rule_engine.nodes.mood import Suspicion
from qa_service.rule_engine.place import Place


def has_bare_suspicion(root: Node | Check | None) -> bool:
    """Whether a suspicion may decide without words of the same turn that show why.

    Words stand beside it where an `and` around it, through nothing but `and`, `or` and `not`, has another condition
    that holds only where one of its words or patterns is in the turn.
    """
    return any(_bare(root, has_words=False))


def without_words(place: Place, answer: Answer) -> Hit:
    """The hit of a rule that holds without words of its own: the whole turn, or what the model's suspicion rests on."""
    suspicion = answer.details.get("suspicion")
    if suspicion is None:
        return whole_turn(place.turn.original, answer.details)
    tone = place.conversation.tones.get(place.turn.turn.turn.id)
    call = f"suspicion.{suspicion['category']}"
    # of messages read as one the evidence's place is that in its own message
    evidence = tone.evidence if tone is not None and len(place.turn.bubbles) < 2 else ()
    spans = tuple(
        Span(shown.start, shown.end)
        for shown in evidence
        if shown.call == call and shown.start is not None and shown.end is not None
    )
    details = {**answer.details, "suspicion": {**suspicion, "alone": True}}
    return Hit(spans, details=details) if spans else whole_turn(place.turn.original, details)


def _bare(part: object, *, has_words: bool) -> Iterator[bool]:
    if isinstance(part, Suspicion):
        yield not has_words
    elif isinstance(part, And):
        for node in part.nodes:
            beside = any(other.triggers is not None for other in part.nodes if other is not node)
            yield from _bare(node, has_words=has_words or beside)
    else:
        is_same_turn = isinstance(part, Or | Not)
        for child in held(part):
            yield from _bare(child, has_words=has_words and is_same_turn)
