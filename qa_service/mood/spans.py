"""Which words of a turn may carry a call: clauses, runs of clauses, and runs of whole words inside one clause.

Chinese has no marks between words: there a span may still end inside one, though never before a particle (的, 了, 吗).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_SHARE = 0.6
"""A span of more than this share of a longer turn explains nothing: it is the turn."""
SHORT_CHARACTERS = 8
"""A turn this short may be its own evidence."""
CLAUSES_IN_A_ROW = 3
RUNS = (1, 2, 3, 4, 6, 8)
"""Lengths of the spans inside a clause, in tokens; those of one word or number count once."""

# The text is folded to half-width; a space ends a clause beside a Han character, as chats write it.
_END = re.compile(r"[,!?;:。、…~\n]+|\.(?!\d)|(?<=[㐀-鿿]) | (?=[㐀-鿿])")
_IN_WORD = re.compile(r"[^\W_㐀-鿿]['’]|['’][^\W_㐀-鿿]|[^\W_㐀-鿿]{2}|[0-9][.,]|[.,][0-9]")
_TAILS = frozenset("的了吗嘛呢吧啊呀么们着过")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Tokens `[first, last)` and their characters `[start, end)`, without punctuation at the edges."""

    start: int
    end: int
    first: int
    last: int


def candidates(text: str, offsets: Sequence[tuple[int, int]]) -> list[Candidate]:
    """All candidates of a turn, by place; tokens without characters (the marks around a text) belong to none."""
    limit = len(text) if len(text) <= SHORT_CHARACTERS else MAX_SHARE * len(text)
    found = (_trimmed(text, offsets, first, last) for first, last in _runs(text, offsets))
    return sorted({c for c in found if c is not None and c.end - c.start <= limit})


def _runs(text: str, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    clauses = _clauses(text, offsets)
    for at in range(len(clauses)):
        for run in clauses[at : at + CLAUSES_IN_A_ROW]:
            yield clauses[at][0], run[1]
    for first, last in clauses:
        borders = [first, *(at for at in range(first + 1, last) if not _is_cut(text, offsets[at][0])), last]
        for size in RUNS:
            for start, end in zip(borders, borders[size:], strict=False):
                # One token is too little to tell by.
                if end - start > 1:
                    yield start, end


def _is_cut(text: str, at: int) -> bool:
    """Whether a word of letters or a number goes on across this place, or a particle stands behind it."""
    beside = text[at - 1 : at + 1]
    return _IN_WORD.fullmatch(beside) is not None or (beside[:1].isalnum() and beside[1:] in _TAILS)


def _clauses(text: str, offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Token ranges of the clauses, in order."""
    ends = [match.end() for match in _END.finditer(text)]
    ranges: list[tuple[int, int]] = []
    first, due = None, 0
    for at, (start, end) in enumerate(offsets):
        if start == end:
            continue
        while due < len(ends) and ends[due] <= start:
            due += 1
            if first is not None:
                ranges.append((first, at))
                first = None
        first = at if first is None else first
    if first is not None:
        ranges.append((first, 1 + max(at for at, (start, end) in enumerate(offsets) if start < end)))
    return ranges


def _trimmed(text: str, offsets: Sequence[tuple[int, int]], first: int, last: int) -> Candidate | None:
    start, end = offsets[first][0], offsets[last - 1][1]
    words = text[start:end]
    if not any(char.isalnum() for char in words):
        return Candidate(start, end, first, last) if words.strip() else None
    left = _EDGE.match(words)
    start += left.end() if left else 0
    return Candidate(start, start + len(_EDGE.sub("", words)), first, last)
