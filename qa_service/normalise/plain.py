"""The plain view: disguises that can be undone without guessing, for a reader that knows whole words (the mood model).

Undone are letters and characters spelt out one by one (s.h.r.u.g, 过 敏), digits and signs that stand for letters where
that gives an English word (n0t, dre@ms), Latin look-alikes of other alphabets, and the tone marks of pinyin; stickers
written by name are shown as emoji (`stickers`). What stays ambiguous (homophones, pinyin, initials) is the rule engine's,
which knows what it seeks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import product

from qa_service.domain.text import NormalisedText
from qa_service.normalise.fold import LATIN_TWINS, mapped
from qa_service.normalise.stickers import with_emoji

_LETTERS_OF_SIGN = {
    "0": "o",
    "1": "il",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    "$": "s",
    "!": "i",
    "€": "e",
}
_MOST_READINGS = 16

_HAN = "㐀-鿿"
_TWIN = "".join(LATIN_TWINS)
_LETTER = rf"(?:[{_HAN}]|(?<![^\W_])[A-Za-z](?![^\W_]))"
_SINGLE = rf"(?:[{_HAN}]|(?<![\w.,%-])[A-Za-z0-9](?![\w.,%-]))"
_HAN_SPELT = re.compile(
    rf"(?<![{_HAN}])(?:{_SINGLE}(?: {_SINGLE}(?![{_HAN}])){{2,}}|{_LETTER}([._|-]){_LETTER}(?:\1{_LETTER}(?![{_HAN}]))+)"
)
_LETTERS_SPELT = re.compile(
    r"(?<![\w'’])[A-Za-z](?:([._*|/~-])[A-Za-z0-9](?:\1[A-Za-z0-9])+|(?: [A-Za-z]){3,})(?![\w'’])"
)
_PAIR_SPELT = re.compile(r"(?<![\w.'’-])[A-Za-z]([.-])[A-Za-z](?=[\s.]|$)")
_SIGNED = re.compile(r"[@$]?[A-Za-z0-9€]+(?:[@$!]+[A-Za-z0-9€]+)*\$*")
_SUM = re.compile(r"[$€][0-9]|[0-9][$€]|^[0-9]{2}")
# Three characters with a digit are mostly a model's name or a measure (A5s, 4pt), two of them nearly always (i5, P0).
_SHORT = re.compile(r"[nstgd]0|[A-Za-z]0[A-Za-z]|[a-z]{2}0|[A-Za-z]@[A-Za-z]|@ss|[A-Za-z]\$\$|[A-Za-z]{2}\$")
_FOREIGN = re.compile(rf"(?<![^\W_])[A-Za-z]*+[{_TWIN}][A-Za-z{_TWIN}]*+(?![^\W_])", re.IGNORECASE)
_TONED = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]", re.IGNORECASE)
_MAYBE = re.compile(
    rf"[0-9@$!€][A-Za-z]|[A-Za-z][0-9@$€]|[{_TWIN}]|{_TONED.pattern}|\w[ ._*|/~+-]\w[ ._*|/~+-]", re.IGNORECASE
)


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Common English words of service chats, lower case (`python -m training.english_words`)."""
    return frozenset(resources.files(__package__).joinpath("english.txt").read_text(encoding="utf-8").split())


def plain_view(cased: NormalisedText, *, is_agents: bool = False) -> NormalisedText:
    """`cased` with what can be undone undone; itself where there is nothing. `is_agents`: see `with_emoji`."""
    shown = with_emoji(cased, is_agents=is_agents)
    text = shown.text
    if _MAYBE.search(text) is None:
        return shown
    parts = list(text)
    _join_spelt_out(text, parts)
    _undo_foreign_letters(text, parts)
    _undo_signs(text, parts)
    return shown if "".join(parts) == text else mapped(shown, parts)


def _join_spelt_out(text: str, parts: list[str]) -> None:
    """Empty the marks between Han characters, or letters that give an English word, at least three of them in a row."""
    joined_by: set[str] = set()
    spelt = [match for match in _HAN_SPELT.finditer(text) if len(re.findall(f"[{_HAN}]", match.group())) > 1]
    spelt += [match for match in _LETTERS_SPELT.finditer(text) if match.group()[::2].lower() in english_words()]
    for match in spelt:
        for at in range(match.start() + 1, match.end(), 2):
            joined_by.add(text[at])
            parts[at] = ""
    # N-O-T M-Y: a pair tells nothing, unless longer ones stand beside it
    for match in _PAIR_SPELT.finditer(text):
        if match.group(1) in joined_by:
            parts[match.start() + 1] = ""


def _undo_foreign_letters(text: str, parts: list[str]) -> None:
    for match in _FOREIGN.finditer(text):
        read = "".join(_latin(char) for char in match.group())
        if any(char.isascii() for char in match.group()) or read.lower() in english_words():
            parts[match.start() : match.end()] = list(read)
    if re.search(f"[{_HAN}]", text):
        for match in _TONED.finditer(text):
            parts[match.start()] = unicodedata.normalize("NFD", match.group())[0]


def _latin(char: str) -> str:
    twin = LATIN_TWINS.get(char.lower(), char)
    return twin.upper() if char.isupper() else twin


def _undo_signs(text: str, parts: list[str]) -> None:
    """Read signs as letters in each word as it stands after the rest was undone."""
    kept = [at for at, part in enumerate(parts) if part]
    for match in _SIGNED.finditer("".join(parts)):
        read = _word_of(match.group())
        if read is not None:
            for at, char in zip(kept[match.start() : match.end()], read, strict=True):
                parts[at] = char


@lru_cache(maxsize=8192)
def _word_of(written: str) -> str | None:
    """The English word that stands there in letters and signs; None if it has no signs or is no word."""
    small = written.lower()
    if small.isalpha() or not any(char.isalpha() for char in small) or _is_counted(small):
        return None
    if len(small) < 4 and _SHORT.fullmatch(written) is None:
        return None
    choices = [_LETTERS_OF_SIGN.get(char, char) for char in small]
    readings = ("".join(reading) for _, reading in zip(range(_MOST_READINGS), product(*choices), strict=False))
    word = next((reading for reading in readings if reading in english_words()), None)
    if word is None:
        return None
    read = word.upper() if written.isupper() else word
    return "".join(was if was.isalpha() else char for was, char in zip(written, read, strict=True))


def _is_counted(small: str) -> bool:
    """Whether a number stands before or behind a word of its own (5star, size5), or a sum stands there ($4m, 100k)."""
    word = small.strip("0123456789")
    return _SUM.search(small) is not None or (word != small and word in english_words())
