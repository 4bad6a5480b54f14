"""A word as packs write it, and where it may begin and end in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from qa_service.domain.text import NormalisedText
from qa_service.normalise import cased_view, compact_view, folded_view
from qa_service.rule_engine.blocks import JOINT

CLAUSE_MARKS = frozenset("，。！？；：,!?;:\n\r")
# Inside a text a dot is in v.x too, before the end of a message it ends a sentence.
_ENDS = CLAUSE_MARKS | frozenset(".…")


@dataclass(frozen=True, slots=True)
class Term:
    """A word folded as texts are. An open edge may stand inside a longer Latin word."""

    text: str
    is_open_left: bool
    is_open_right: bool


def read_term(word: str) -> Term | None:
    """`refund*` → the folded word with an open right edge; None if nothing of it can be matched."""
    is_open_left, is_open_right = word.startswith("*"), word.endswith("*") and len(word) > 1
    text = folded_view(cased_view(word.strip("*"))).text
    return Term(text, is_open_left, is_open_right) if text else None


def compact_of(text: str) -> str:
    """A folded text as the `compact` view shows it."""
    return _compact(text).text


def _compact(text: str) -> NormalisedText:
    return compact_view(NormalisedText(text, tuple(range(len(text))), tuple(range(1, len(text) + 1))))


def is_deliberate(term: Term, gaps: Sequence[str], original: str, ends: tuple[int, int]) -> bool:
    """退。货 is two sentences; 加，微，信 is one word in hiding, and so is 脑。残 where it stands alone.

    Of merged messages one may end inside a longer word: 加微 / 信, full / refund.

    Args:
        term: the word.
        gaps: what stands between its characters.
        original: the turn.
        ends: start and end of the word there.
    """
    if not any(CLAUSE_MARKS.intersection(gap) for gap in gaps):
        return True
    if len(gaps) > 1:
        return all(gaps) or _is_cut(term, gaps)
    before, after = ends[0] - 1, ends[1]
    return before < 0 or after >= len(original) or not (original[before].isalnum() and original[after].isalnum())


def _is_cut(term: Term, gaps: Sequence[str]) -> bool:
    """Whether nothing but the ends of messages divides the word, and only where they may."""
    if any(_ENDS.intersection(gap.replace(JOINT, "")) for gap in gaps):
        return False
    cut = {at for at, gap in enumerate(gaps) if JOINT in gap}
    return len(compact_of(term.text)) == len(gaps) + 1 and cut <= _places_to_cut(term.text)


@lru_cache(maxsize=4096)
def _places_to_cut(text: str) -> frozenset[int]:
    """Behind which compact characters a message may end: between Latin ones only where the word has a gap too."""
    view = _compact(text)
    return frozenset(
        at
        for at, (before, behind) in enumerate(pairwise(view.origins))
        if behind > before + 1 or not (_is_latin(view.text[at]) and _is_latin(view.text[at + 1]))
    )


def has_word_edges(term: Term, first: str, last: str, original: str, ends: tuple[int, int]) -> bool:
    """Whether a Latin letter or digit at an edge of the word is the edge of a word in the text too."""
    start, end = ends
    if not term.is_open_left and start and _is_latin(first) and _is_latin(original[start - 1]):
        return False
    return term.is_open_right or end >= len(original) or not (_is_latin(last) and _is_latin(original[end]))


def may_be_inside(term: Term, shown: str) -> bool:
    """Whether a word, as a view shows it, may stand in a text without edges of its own: `has_word_edges` has to look."""
    is_held_left = not term.is_open_left and _is_latin(shown[0])
    return is_held_left or (not term.is_open_right and _is_latin(shown[-1]))


@lru_cache(maxsize=4096)
def _is_latin(char: str) -> bool:
    """A letter or digit of a script that writes words with spaces (Latin, Greek, Cyrillic; also full width)."""
    return char.isalnum() and (char < "⺀" or "！" <= char <= "～")
