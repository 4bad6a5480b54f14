"""The tables behind the readings, each read once when first needed. Owns no decision about a hit (`verdict`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

# Syllables that speakers of southern Mandarin merge: they share a key, and `syllable_of` still tells them apart.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FIRST_KEY = 0xE000
_LONGEST_ORDINARY_WORD = 4
# Latin letters with accents, to the end of Latin Extended Additional.
_ACCENTED = range(0xC0, 0x1F00)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlikes:
    """What a character may stand for; `classes` maps every member of a family to one key (for `str.translate`)."""

    signs: Mapping[str, str]
    letters: Mapping[str, str]
    shapes: Mapping[str, str]
    symbols: Mapping[str, str]
    splits: Mapping[str, str]
    classes: Mapping[int, str]
    english: frozenset[str]
    ordinary: frozenset[str]
    hidden_zh: Sequence[str]
    hidden_en: Sequence[str]

    def stands_for(self, said: str, meant: str) -> bool:
        """Whether a sign or letter may be read as another: 0 for o, @ for a, and o for 0."""
        if meant in "01":
            return said in self.signs[meant] or (meant == "1" and said in "!|")
        return meant in self.signs.get(said, "")

    def is_shape_of(self, said: str, meant: str) -> bool:
        """Whether a rarer character stands for a plain one of its shape family (徽 for 微), or for another rare one."""
        return said in self.shapes and self.shapes.get(said, said) == self.shapes.get(meant, meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """Readings without tones. `keys` maps a character to its syllable's key (for `str.translate`), merged syllables to one."""

    syllables: Mapping[str, str]
    keys: Mapping[int, str]
    key_of: Mapping[str, str]


@lru_cache(maxsize=1)
def look_alikes() -> LookAlikes:
    """The table of `lookalikes.yaml` and `splits.txt`."""
    data: dict[str, Any] = yaml.safe_load(_read("lookalikes.yaml"))
    shapes = {twin: char for char, twins in data["shapes"].items() for twin in twins}
    classes = {ord(twin): char for twin, char in shapes.items()}
    for sign, letters in data["signs"].items():
        classes[ord(sign)] = "i" if "i" in letters or sign == "i" else letters[0]
    return LookAlikes(
        signs=data["signs"],
        letters={twin: letter for letter, twins in data["letters"].items() for twin in twins},
        shapes=shapes,
        symbols=data["symbols"],
        splits={line[:2]: line[2] for line in _lines("splits.txt")},
        classes=classes,
        english=frozenset(data["english"]),
        ordinary=frozenset(data["ordinary"]),
        hidden_zh=data["hidden"]["zh"],
        hidden_en=data["hidden"]["en"],
    )


@lru_cache(maxsize=1)
def sounds() -> Sounds:
    """The table of `syllables.txt`."""
    groups = dict(line.split(" ") for line in _lines("syllables.txt"))
    merged = {syllable: _merge(syllable) for syllable in groups}
    keys = {name: chr(_FIRST_KEY + at) for at, name in enumerate(sorted(set(merged.values())))}
    key_of = {syllable: keys[name] for syllable, name in merged.items()}
    syllables = {char: syllable for syllable, chars in groups.items() for char in chars}
    return Sounds(
        syllables=syllables,
        keys={ord(char): key_of[syllable] for char, syllable in syllables.items()},
        key_of=key_of,
    )


@lru_cache(maxsize=1)
def accented() -> Mapping[str, str]:
    """Letters with an accent, each with the plain letter under it: é → e."""
    bases = ((chr(code), unicodedata.normalize("NFD", chr(code))[0]) for code in _ACCENTED)
    return {char: base for char, base in bases if base != char and "a" <= base <= "z"}


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Words of two to four characters that are no disguise: 安徽 hides no 徽 (read as 微)."""
    data: dict[str, Any] = yaml.safe_load(_read("lookalikes.yaml"))
    return frozenset((*_lines("words.txt"), *data["words"]))


def is_in_ordinary_word(text: str, at: int) -> bool:
    """Whether the character at a place belongs to such a word."""
    words = ordinary_words()
    return any(
        text[first : first + size] in words
        for size in range(2, _LONGEST_ORDINARY_WORD + 1)
        for first in range(max(at - size + 1, 0), at + 1)
    )


def _merge(syllable: str) -> str:
    for heard, said in _MERGED:
        if syllable.startswith(heard):
            syllable = said + syllable[len(heard) :]
    if syllable.endswith("ng") and syllable[-3] in "aei":
        syllable = syllable[:-1]
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


def _lines(name: str) -> list[str]:
    return [line for line in _read(name).splitlines() if line and not line.startswith("#")]


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
