"""What is spelt out character by character, put together again, for the patterns and values that read whole texts."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.evasion.view import Undone, View

_ONE = r"(?:[一-鿿]|(?<![a-z0-9])[a-z0-9](?![a-z0-9]))"
# Marks that end clauses divide; whatever else stands between single characters hides them.
_JUNK = r"(?:_|[^\w，。！？；：,!?;:])"
_SPELT_OUT = re.compile(rf"{_ONE}(?:{_JUNK}{{1,3}}{_ONE}){{2,}}")
_MARK = re.compile(r"[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]")
_NUMERAL = "0-9零一二两三四五六七八九十半百壹贰叁肆伍陆柒捌玖拾"
_DAY = re.compile(rf"(?<=[{_NUMERAL}])[夭兲]")
_ZERO = re.compile(r"(?<=[0-9])o(?=[0-9o]{0,3}\s?(?:天|日|元|块|个|小时|月|年|%|days?|hours?|usd))")
_ONES = re.compile(r"(?<![a-z])[li](?=[0-9o]{1,3}\s?(?:天|日|元|块|个|小时|月|年|%|days?|hours?|usd))")

# Something of all that is undone here, told in one pass: two gaps of junk, a mark, or what may be a digit's look-alike.
_MAYBE = re.compile(
    rf"{_ONE}{_JUNK}{{1,3}}{_ONE}{_JUNK}{{1,3}}{_ONE}|[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f夭兲]|[0-9]o|[li][0-9o]"
)


def joined(text: NormalisedText) -> NormalisedText | None:
    """A folded text without what stands between single characters, digits' look-alikes undone; None if nothing changes."""
    if _MAYBE.search(text.text) is None:
        return None
    changes: dict[int, str] = {}
    for match in _SPELT_OUT.finditer(text.text):
        for at in range(*match.span()):
            if not (text.text[at].isalnum()):
                changes[at] = ""
    changes.update((match.start(), "") for match in _MARK.finditer(text.text))
    for pattern, read_as in ((_DAY, "天"), (_ZERO, "0"), (_ONES, "1")):
        changes.update((match.start(), read_as) for match in pattern.finditer(text.text))
    if not changes:
        return None
    kept = [(at, changes.get(at, char)) for at, char in enumerate(text.text) if changes.get(at, char)]
    return NormalisedText(
        "".join(char for _, char in kept),
        tuple(text.origins[at] for at, _ in kept),
        tuple(text.ends[at] for at, _ in kept),
    )


def undone_in(text: NormalisedText, read: NormalisedText, span: Span) -> tuple[Undone, ...]:
    """How `read` (`joined` of `text`) differs from it inside a span of the original."""
    shown = {origin: char for char, origin, _ in _inside(read, span)}
    return tuple(_differences(text, shown, span))


def _inside(text: NormalisedText, span: Span) -> Iterator[tuple[str, int, int]]:
    for at in range(bisect_left(text.origins, span.start), bisect_left(text.origins, span.end)):
        yield text.text[at], text.origins[at], text.ends[at]


def _differences(text: NormalisedText, shown: dict[int, str], span: Span) -> Iterator[Undone]:
    for char, origin, end in _inside(text, span):
        if shown.get(origin) == char:
            continue
        read_as = shown.get(origin, "")
        is_inserted = not read_as or unicodedata.category(char)[0] in "ZPSM"
        how = View.COMPACT if is_inserted else View.LETTERS if char.isascii() else View.SHAPES
        yield Undone(Span(origin, end), how, char, read_as)
