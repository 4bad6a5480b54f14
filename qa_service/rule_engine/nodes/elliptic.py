"""Answers that leave out what the question said: 七天内能退吗 / 可以的亲. Part of the `quantity` node."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qa_service.domain.conversation import Role
from qa_service.domain.text import Span
from qa_service.rule_engine.agreement import is_taken_back
from qa_service.rule_engine.answer import Hit
from qa_service.rule_engine.cues import CueKind
from qa_service.rule_engine.nodes.anchors import shown
from qa_service.rule_engine.nodes.base import Reader
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.stated_value import StatedValue
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.yaml_field import Field

# An answer longer than this says its own subject. In Chinese characters; three Latin letters count as one.
_LONGEST_BARE_ANSWER = 20
# 可以的亲, "yes you can": what may stand beside the agreement in its clause.
_LONGEST_COURTESY = 4
# Who agrees says so at once; later words belong to something else.
_AGREEING_WORDS = 3
# 可以吗, 行不行: the agent asks, 行不通 and 对不起 agree to nothing. 可以不用寄回 does.
_ASKING_BACK = re.compile(r"[吗嗎?？]|不行|不可以|不能|不成|不通|不起|不住|[么麼不]\s*(?:[?？，,。.!！~～]|$)")
# "I'll ask them tomorrow" says when somebody asks, not when what was asked for happens.
_OTHER_ACT = re.compile(
    r"(?i)\b(?:find out|(?<!\bthe )look|check|ask(?:ed)?|follow(?:ing)? (?:it |this |that )?up|chas(?:e|ing)|ring|call|decides?"
    r"|pass (?:it|this|that|your \w+)|let (?:me|you) know|tell you|write to you|escalate|forward (?:it|this|that)"
    r"|(?:i['’]m|i am|we['’]re|we are) (?:off|closed|open))\b"
    r"(?:(?!\b(?:and|so|then|it['’]s|it takes|takes|like|you['’]ll|done|there|back|to (?:come|be|arrive|deliver|get|send)"
    r"|window|door|bell)\b)[^,.;!?]){0,30}$"
)

# "Check your account in an hour" says when the money is there; "I'll check your account tomorrow" does not.
_THERE_TO_SEE = re.compile(
    r"(?i)^\W*(?:(?:just|then|so|please|you can|you may) )*(?:check|look (?:at|in|into)) "
    r"(?:your|the) (?:\w+ )?(?:account|bank|card|balance|statement|wallet|letter ?box|mail ?box)\b"
)


class PairingQuantity(Protocol):
    """What an answer needs of the `quantity` node that it belongs to."""

    @property
    def subject(self) -> frozenset[int]:
        """The words of the subject."""

    def values(self, place: Place) -> list[StatedValue]:
        """The turn's values of the right kind."""

    def pairs(self, place: Place, subjects: Sequence[Hit]) -> list[tuple[StatedValue, Hit]]:
        """Each value with the words of its subject."""

    def beyond_limit(self, place: Place, pairs: Sequence[tuple[StatedValue, Hit]], said_at: Place) -> list[Hit]:
        """The pairs that break the limit."""

    def explain(self, place: Place, value: StatedValue, said_at: Place) -> dict[str, Any] | None:
        """What the explanation says of a value beyond the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherit:
    """Takes value or subject from the customer's question, at most `turns` turns back."""

    agree: frozenset[int]
    turns: int

    def hits(self, quantity: PairingQuantity, place: Place) -> list[Hit]:
        """Hits on the answer, with the question in the explanation."""
        question = self._question(place)
        if question is None:
            return []
        asked = place.at(question)
        asked_subjects = asked.allowed(quantity.subject)
        if not asked_subjects or not place.cues(question).of(CueKind.ASKS):
            return []
        if is_bare_answer(place.turn.original) and not place.words(quantity.subject) and quantity.values(place):
            stated = [value for value in quantity.values(place) if not _is_of_another_act(place.turn, value.outer)]
            bare = [(value, Hit((value.outer,))) for value in stated]
            hits = quantity.beyond_limit(place, bare, place)
        else:
            hits = self._agreed(quantity, place, asked, asked_subjects)
        return [hit.with_details({"inherited": shown(question)}) for hit in hits]

    def _question(self, place: Place) -> TurnReading | None:
        """The customer's latest turn near enough."""
        here = place.turn.index
        for turn in reversed(place.conversation.turns[max(here - self.turns, 0) : here]):
            if turn.role is Role.CUSTOMER and turn.is_inspectable:
                return turn
        return None

    def _agreed(self, quantity: PairingQuantity, place: Place, asked: Place, subjects: Sequence[Hit]) -> list[Hit]:
        agreement = self._agreement(quantity, place)
        if agreement is None or quantity.values(place):
            return []
        refusals = place.cues(asked.turn).of(CueKind.NEGATION)
        for value, subject in quantity.pairs(asked, subjects):
            if any(asked.turn.share(cue.span, subject.span, Within.SENTENCE) for cue in refusals):
                continue
            details = quantity.explain(asked, value, place)
            if details is not None:
                return [agreement.with_details(details)]
        return []

    def _agreement(self, quantity: PairingQuantity, place: Place) -> Hit | None:
        """The first agreeing word whose clause says little else."""
        agreeing = place.words(self.agree)
        said = [hit.span for hit in (*agreeing, *place.words(quantity.subject))]
        for hit in agreeing[:_AGREEING_WORDS]:
            original, sentence = place.turn.original, place.turn.piece(hit.span.start, Within.SENTENCE)
            if _ASKING_BACK.match(original, hit.span.end) or is_taken_back(original, hit.span, sentence):
                continue
            clause = place.turn.piece(hit.span.start, Within.CLAUSE)
            if weight(_without(place.turn.original, clause, said)) <= _LONGEST_COURTESY:
                return hit
        return None


def _is_of_another_act(turn: TurnReading, stated: Span) -> bool:
    """Whether a time in an answer is that of looking or asking, by the words before it in its clause."""
    begin = turn.piece(stated.start, Within.CLAUSE).start
    before = turn.original[begin : stated.start]
    return _OTHER_ACT.search(before) is not None and _THERE_TO_SEE.search(before) is None


def is_bare_answer(text: str) -> bool:
    """Whether a text is too short to say its own subject."""
    # No character weighs more than one.
    return len(text) <= _LONGEST_BARE_ANSWER or weight(text) <= _LONGEST_BARE_ANSWER


def weight(text: str) -> float:
    """Length in Chinese characters; three Latin letters say about as much as one."""
    return sum(1 / 3 if char.isascii() else 1 for char in text if char.isalnum())


def _without(original: str, clause: Span, spans: Sequence[Span]) -> str:
    covered = {at for span in spans for at in range(span.start, span.end)}
    return "".join(original[at] for at in range(clause.start, clause.end) if at not in covered)


def read_inherit(field: Field, reader: Reader) -> Inherit:
    """`inherit: {agree: $agree, turns: 1}`."""
    fields = field.fields(required=("agree",), optional=("turns",))
    return Inherit(
        agree=reader.words(fields["agree"]), turns=fields["turns"].integer(minimum=1) if "turns" in fields else 1
    )
