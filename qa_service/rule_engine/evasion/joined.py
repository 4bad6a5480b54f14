"""What is spelt out character by character, put together again, for the patterns and values that read whole texts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.domain.text import NormalisedText, Span
from qa_service.rule_engine.evasion.disguises import Change, disguises, is_disguised
from qa_service.rule_engine.evasion.view import Undone, View

_ONE = r"(?:[一-鿿]|(?<![a-z0-9])[a-z0-9](?![a-z0-9]))"
# Marks that end clauses divide; whatever else stands between single characters hides them.
_JUNK = r"(?:_|[^\w，。！？；：,!?;:])"
_SPELT_OUT = re.compile(rf"{_ONE}(?:{_JUNK}{{1,3}}{_ONE}){{2,}}")
# One decimal or range spelt out (9.9, 3-5, 1 0 - 2 0): its mark is no junk. More marks are (1.0.0); longer numbers are no values.
_DIGITS = re.compile(rf"[0-9](?:{_JUNK}{{0,3}}[0-9])+")
_TWO_NUMBERS = re.compile(r"[0-9](?:\s{0,2}[0-9]){0,2}\s?([.~–—-])\s?[0-9](?:\s{0,2}[0-9]){0,2}")
_MARK = re.compile(r"[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]")
_NUMERAL = "0-9零一二两三四五六七八九十半百壹贰叁肆伍陆柒捌玖拾"
_DAY = re.compile(rf"(?<=[{_NUMERAL}])[夭兲]")
_ZERO = re.compile(r"(?<=[0-9])o(?=[0-9o]{0,3}\s?(?:天|日|元|块|个|小时|月|年|%|days?|hours?|usd))")
_ONES = re.compile(r"(?<![a-z])[li](?=[0-9o]{1,3}\s?(?:天|日|元|块|个|小时|月|年|%|days?|hours?|usd))")

# Something of all that is undone here, told in one pass: two gaps of junk, a mark, or what may be a digit's look-alike.
_MAYBE = re.compile(
    rf"{_ONE}{_JUNK}{{1,3}}{_ONE}{_JUNK}{{1,3}}{_ONE}|[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f夭兲]|[0-9]o|[li][0-9o]"
)


@dataclass(frozen=True, slots=True)
class Joined:
    """A text put together; `undone` says what of the original that took, in order."""

    text: NormalisedText
    undone: tuple[Undone, ...]

    def undone_in(self, span: Span) -> tuple[Undone, ...]:
        """What of it shares a character with a span of the original."""
        first = bisect_right(self.undone, span.start, key=_end)
        return self.undone[first : bisect_left(self.undone, span.end, key=_start)]


def _start(undone: Undone) -> int:
    return undone.span.start


def _end(undone: Undone) -> int:
    return undone.span.end


def joined(text: NormalisedText) -> Joined | None:
    """A folded text without what stands between single characters and with disguises undone; None if nothing changes."""
    changes = _changes(text.text)
    if not changes:
        return None
    chars: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for change in (*changes, Change(len(text.text), len(text.text), "", View.CASED)):
        chars.extend(text.text[at : change.start])
        spans.extend(zip(text.origins[at : change.start], text.ends[at : change.start], strict=True))
        chars.extend(change.read_as)
        if change.read_as:
            spans.extend([(text.origins[change.start], text.ends[change.end - 1])] * len(change.read_as))
        at = change.end
    together = NormalisedText("".join(chars), tuple(start for start, _ in spans), tuple(end for _, end in spans))
    return Joined(together, tuple(_undone(text, change) for change in changes))


def _undone(text: NormalisedText, change: Change) -> Undone:
    place = text.to_original(change.start, change.end)
    return Undone(place, change.how, text.text[change.start : change.end], change.read_as)


def _changes(text: str) -> list[Change]:
    """In order, none over another."""
    found: list[Change] = []
    if _MAYBE.search(text) is not None:
        found.extend(_spelt_out(text))
    if is_disguised(text):
        found.extend(disguises(text))
    taken: set[int] = set()
    kept = []
    for change in found:
        places = range(change.start, change.end)
        if taken.isdisjoint(places) and text[change.start : change.end] != change.read_as:
            taken.update(places)
            kept.append(change)
    return sorted(kept)


def _number_marks(text: str, start: int, end: int) -> set[int]:
    """Where between two places a mark belongs to a number."""
    numbers = (_TWO_NUMBERS.fullmatch(text, *digits.span()) for digits in _DIGITS.finditer(text, start, end))
    return {number.start(1) for number in numbers if number is not None}


def _spelt_out(text: str) -> Iterator[Change]:
    for match in _SPELT_OUT.finditer(text):
        said = _number_marks(text, *match.span())
        for at in range(*match.span()):
            if not text[at].isalnum() and at not in said:
                yield Change(at, at + 1, "", View.COMPACT)
    for match in _MARK.finditer(text):
        yield Change(match.start(), match.end(), "", View.COMPACT)
    for pattern, read_as, how in ((_DAY, "天", View.SHAPES), (_ZERO, "0", View.LETTERS), (_ONES, "1", View.LETTERS)):
        for match in pattern.finditer(text):
            yield Change(match.start(), match.end(), read_as, how)
