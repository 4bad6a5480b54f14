"""What a node of a match tree answers about a turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from qa_service.domain.text import Span
from qa_service.rule_engine.evasion.view import Undone, View


class Truth(StrEnum):
    """Yes, no, or why it cannot be said."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Cue:
    """The words that say why a hit does not count, and where they stand in the original turn.

    `pattern` is the exception of the rule that they match, where it is a pattern.
    """

    kind: str
    text: str
    span: Span
    pattern: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The `cue` part of an explanation."""
        shown = {"kind": self.kind, "text": self.text, "start": self.span.start, "end": self.span.end}
        return shown if self.pattern is None else {**shown, "pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that matched: the parts in order, the least literal view among them, and what the explanation adds.

    `cue` is set where an exception of the rule covers a part, `undone` is what was undone to read the words.
    `turned_by_negation` is set where the whole meaning
    matched and not words, so that a negation inside the hit says the opposite. `is_turn` is set where the hit stands for
    the turn and not for words: the one part is all of it, and no cue among its words takes that back.
    """

    parts: tuple[Span, ...]
    view: View = View.CASED
    cue: Cue | None = None
    undone: tuple[Undone, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    turned_by_negation: bool = False
    is_turn: bool = False

    @property
    def span(self) -> Span:
        """From the first contributing word to the last."""
        if len(self.parts) == 1:
            return self.parts[0]
        return Span(min(part.start for part in self.parts), max(part.end for part in self.parts))

    def with_details(self, details: Mapping[str, Any]) -> Hit:
        """A copy that also explains `details`."""
        return replace(self, details=both(self.details, details)) if details else self


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two explanations as one; lists under one name are joined, each item once, else the second counts."""
    together = {**one, **other}
    for name in one.keys() & other.keys():
        if isinstance(one[name], list) and isinstance(other[name], list):
            together[name] = [*one[name], *(item for item in other[name] if item not in one[name])]
    return together


def join(hits: Sequence[Hit]) -> Hit:
    """One hit over all of them; over those of words alone, where there are any."""
    details: dict[str, Any] = {}
    for hit in hits:
        details = both(details, hit.details)
    words = [hit for hit in hits if not hit.is_turn]
    joined = words or hits
    return Hit(
        parts=tuple(sorted({part for hit in joined for part in hit.parts})),
        view=max((hit.view for hit in joined), key=lambda view: view.rank),
        cue=next((hit.cue for hit in hits if hit.cue), None),
        undone=tuple(sorted({item for hit in joined for item in hit.undone})),
        details=details,
        turned_by_negation=any(hit.turned_by_negation for hit in joined),
        is_turn=not words,
    )


def whole_turn(text: str, details: Mapping[str, Any], *, cue: Cue | None = None) -> Hit:
    """The hit that stands for a turn of this text."""
    return Hit((Span(0, len(text)),), cue=cue, details=details, is_turn=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """A truth with its hits (only with YES, and not always) and facts for the explanation, or a reason."""

    truth: Truth
    hits: tuple[Hit, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def is_yes(self) -> bool:
        """Whether it holds."""
        return self.truth is Truth.YES

    @property
    def is_unknown(self) -> bool:
        """Whether it is neither yes nor no."""
        return self.truth in (Truth.UNAVAILABLE, Truth.NOT_APPLICABLE)

    @property
    def stands(self) -> bool:
        """Whether it holds and, where it rests on words, on at least one that no exception covers."""
        return self.is_yes and (not self.hits or any(hit.cue is None for hit in self.hits))


NO = Answer(Truth.NO)
YES = Answer(Truth.YES)


def found(hits: Sequence[Hit]) -> Answer:
    """YES with these hits, or NO if there are none."""
    return Answer(Truth.YES, tuple(hits)) if hits else NO


def worse(known: Answer | None, answer: Answer) -> Answer:
    """Of two unknown answers the one to tell: unavailable before not applicable, for the first may change."""
    return answer if known is None or answer.truth is Truth.UNAVAILABLE else known


def unavailable(reason: str) -> Answer:
    """It cannot be known."""
    return Answer(Truth.UNAVAILABLE, reason=reason)


def not_applicable(reason: str) -> Answer:
    """The question does not arise."""
    return Answer(Truth.NOT_APPLICABLE, reason=reason)
