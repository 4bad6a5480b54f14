"""Proposes exceptions of a rule from its overturned hits: words around them that confirmed hits do not have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision
from qa_service.workflows.ports import Repository, UnitOfWork

FURTHEST = 6
"""Words taken in on each side of a hit; a Chinese character is one."""

FEWEST = 2
"""Overturned hits that a proposal must hold back."""

_BOUNDS = frozenset("，。！？；,!?;\n\r")
_FIRST_HAN = "\u2e80"
_MASK = "*"
_GROUP = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedException:
    """A phrase to add under `exceptions`, with what it would have done to the reviewed hits."""

    phrase: str
    overturned_removed: int
    overturned: int
    confirmed_lost: int
    confirmed: int


def propose_exceptions(
    unit_of_work: UnitOfWork, rule_id: str, version: int, *, limit: int = 10
) -> list[ProposedException]:
    """The phrases that hold back most overturned hits at the least cost in confirmed ones, best first.

    A phrase holds back a hit that it covers, as the rule's exceptions do. Of phrases that hold back the same hits the
    shortest is proposed. What other versions of the rule hit says nothing of what this one still needs.
    """
    with unit_of_work(is_read_only=True) as repository:
        decided = list(_decided(repository, rule_id, version))
    contexts: defaultdict[str, set[int]] = defaultdict(set)
    overturned = [at for at, (decision, _) in enumerate(decided) if decision is Decision.OVERTURN]
    confirmed = [at for at, (decision, _) in enumerate(decided) if decision is Decision.CONFIRM]
    for at, (_, phrases) in enumerate(decided):
        for phrase in phrases:
            contexts[phrase].add(at)
    best: dict[frozenset[int], str] = {}
    for phrase, hits in contexts.items():
        known = best.get(frozenset(hits))
        if known is None or (len(phrase), phrase) < (len(known), known):
            best[frozenset(hits)] = phrase
    proposed = [
        ProposedException(
            phrase=phrase,
            overturned_removed=len(hits.intersection(overturned)),
            overturned=len(overturned),
            confirmed_lost=len(hits.intersection(confirmed)),
            confirmed=len(confirmed),
        )
        for hits, phrase in best.items()
    ]
    worth = [
        item for item in proposed if item.overturned_removed >= FEWEST and item.overturned_removed > item.confirmed_lost
    ]
    worth.sort(key=lambda item: (item.confirmed_lost - item.overturned_removed, len(item.phrase), item.phrase))
    return worth[:limit]


def _decided(repository: Repository, rule_id: str, version: int) -> Iterator[tuple[Decision, set[str]]]:
    """Each decided hit with the phrases around it; those of absences have none."""
    for verdict in repository.rule_verdicts(rule_id):
        if verdict.rule_version != version:
            continue
        finding = repository.get_finding(verdict.finding_id).finding
        stored = repository.get(verdict.conversation_id)
        text = None if stored.erased is not None else _text(stored, finding.turn_id)
        if text is not None and finding.start is not None and finding.end is not None:
            yield Decision(verdict.decision), set(_phrases(text, finding.start, finding.end))


def _text(stored: StoredConversation, turn_id: str | None) -> str | None:
    return next((turn.text for turn in stored.conversation.turns if turn.id == turn_id), None)


def _phrases(text: str, start: int, end: int) -> Iterator[str]:
    """The hit with up to `FURTHEST` words on each side, within its clause; letter case makes no difference to exceptions.

    No phrase has a mask or the sign of a word group in it: as an exception it would be read as something else.
    """
    ends = list(_edges(text, end, 1))
    for left in _edges(text, start, -1):
        for right in ends:
            phrase = text[left:right].lower()
            if (left, right) != (start, end) and _MASK not in phrase and not phrase.startswith(_GROUP):
                yield phrase


def _edges(text: str, at: int, step: int) -> Iterator[int]:
    """Where a phrase may begin (`step` -1) or end (1), outwards from an end of the hit."""
    words = 0
    while words <= FURTHEST:
        inner, outer = (text[at - 1 : at], text[at : at + 1])[::step]
        if not inner.isspace() and not (_is_of_word(inner) and _is_of_word(outer)):
            words += 1
            yield at
        if not outer or outer in _BOUNDS:
            return
        at += step


def _is_of_word(char: str) -> bool:
    """Whether a word goes on over this character: an exception that ends in the middle of a Latin word finds nothing."""
    return char in ("'", "’") or (char.isalnum() and char < _FIRST_HAN)
