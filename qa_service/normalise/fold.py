"""Folds a text into views with offset maps. Owns no evasion beyond characters: homophones and pinyin are the rule engine's.

Each view is made character by character, so every character of a view knows its span in the original.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import compress

from qa_service.domain.text import NormalisedText

# Letters of other scripts that look like Latin ones, as used to hide words. Source: Unicode confusables (UTS #39), the
# Cyrillic and Greek letters whose skeleton is one Latin letter.
LATIN_TWINS = dict(
    zip(
        "авсдеёнікмоорстухѕјѵԛԝαβγεικνορτυχω",
        "abcdeehikmoopctyxsjvqwabyeiknoptuxw",
        strict=True,
    )
)


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    lines = resources.files(__package__).joinpath("traditional.txt").read_text(encoding="utf-8").splitlines()
    return {line[0]: line[1] for line in lines if len(line) == 2}


@lru_cache(maxsize=65536)
def shown_char(char: str) -> str:
    """What people read: NFKC and simplified; '' for what they cannot see, ' ' for any white space."""
    if char.isspace():
        return " "
    if unicodedata.category(char) in ("Cf", "Cc", "Cs"):
        return ""
    table = _simplified()
    return "".join(table.get(c, c) for c in unicodedata.normalize("NFKC", char))


@lru_cache(maxsize=65536)
def compact_char(char: str) -> str:
    """`char` of the folded view, or '' if it is space, punctuation, symbol or mark; look-alikes undone."""
    if unicodedata.category(char)[0] in "ZPSMC":
        return ""
    return LATIN_TWINS.get(char, char)


class _Shown(dict[int, str]):
    """A table for `str.translate`: what each character shows as, where that is one character, else a control character."""

    def __missing__(self, code: int) -> str:
        shown = shown_char(chr(code))
        self[code] = shown if len(shown) == 1 else _NOT_ONE
        return self[code]


class _Compact(dict[str, str]):
    """`compact_char`, remembered."""

    def __missing__(self, char: str) -> str:
        self[char] = compact_char(char)
        return self[char]


PERCENT = "%"
# What phones and word processors type for ' (NFKC folds the full-width one).
_APOSTROPHES = "’‘ʼ"

# No folded text holds one.
_NOT_ONE = "\x00"
_SHOWN = _Shown()
_COMPACT = _Compact()


def cased_view(text: str) -> NormalisedText:
    """NFKC, simplified Chinese, invisible characters gone, runs of white space as one space, none at the ends."""
    shown = text.translate(_SHOWN)
    if _NOT_ONE not in shown and "  " not in shown and shown == shown.strip(" "):
        return NormalisedText(shown, tuple(range(len(shown))), tuple(range(1, len(shown) + 1)))
    return _cased_by_character(text)


def _cased_by_character(text: str) -> NormalisedText:
    chars: list[str] = []
    origins: list[int] = []
    for at, char in enumerate(text):
        for folded in shown_char(char):
            if folded == " " and (not chars or chars[-1] == " "):
                continue
            chars.append(folded)
            origins.append(at)
    if chars and chars[-1] == " ":
        chars.pop()
        origins.pop()
    return NormalisedText("".join(chars), tuple(origins), tuple(at + 1 for at in origins))


def folded_view(cased: NormalisedText) -> NormalisedText:
    """`cased` with case and apostrophes folded, character by character (so the map holds where a letter folds to two)."""
    lowered = _straight(cased.text.lower())
    if len(lowered) == len(cased.text):
        return NormalisedText(lowered, cased.origins, cased.ends)
    return mapped(cased, [_straight(char.lower()) for char in cased.text])


def _straight(text: str) -> str:
    """Each apostrophe as '. `replace` where there is none is much cheaper than `translate`."""
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return text


def compact_view(folded: NormalisedText) -> NormalisedText:
    """`folded` without spaces, punctuation, symbols, emoji and marks, look-alike letters undone.

    A percent sign behind a digit stays: 100% is another number than 100.
    """
    parts = [_COMPACT[char] for char in folded.text]
    if PERCENT in folded.text:
        _keep_percents(folded.text, parts)
    text = "".join(parts)
    if len(text) == len(parts):
        return NormalisedText(text, folded.origins, folded.ends)
    return NormalisedText(text, tuple(compress(folded.origins, parts)), tuple(compress(folded.ends, parts)))


def _keep_percents(text: str, parts: list[str]) -> None:
    """Put back the percent signs whose last character that is kept is a digit."""
    last = ""
    for at, char in enumerate(text):
        if char == PERCENT and last.isdigit():
            parts[at] = PERCENT
        last = parts[at] or last


def mapped(source: NormalisedText, parts: Sequence[str]) -> NormalisedText:
    """`source` with each of its characters replaced by a part, which may be empty; the parts keep the characters' places."""
    text = "".join(parts)
    origins = tuple(at for at, part in zip(source.origins, parts, strict=True) for _ in part)
    ends = tuple(at for at, part in zip(source.ends, parts, strict=True) for _ in part)
    return NormalisedText(text, origins, ends)
