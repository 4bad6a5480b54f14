"""What disguised characters of a text stand for, told from the text alone: for the patterns and values that read whole texts.

Words of a list (`hidden` in `lookalikes.yaml`) may be written in mixed pinyin (bao证, 十五tian) or with signs for letters
(r3fund); look-alikes and pictures are read wherever they touch a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_service.rule_engine.evasion.reading import split_syllables
from qa_service.rule_engine.evasion.tables import accented, is_in_ordinary_word, look_alikes, sounds
from qa_service.rule_engine.evasion.view import View

_NUMERAL = re.compile(r"[0-9零一二两三四五六七八九十半百壹贰叁肆伍陆柒捌玖拾]")
_SHORTEST_ALL_LATIN = 5
_LONGEST_LATIN = 24
_LATIN = re.compile(r"[a-z]{1,12}(?:[ ·.\-_][a-z]{1,6}){0,3}")
_TOKEN = re.compile(r"[a-z0-9@$!|€£¢+]{3,24}")
_SIGN = re.compile(r"[0-9@$!|€£¢+]")
_MIXED = re.compile(r"[\u4e00-\u9fff0-9][a-z]|[a-z][\u4e00-\u9fff]|[a-z][0-9@$!|€£¢+]|[0-9@$!|€£¢+][a-z]")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """The characters `[start, end)` of a folded text, read as something else ('' for what was only put between)."""

    start: int
    end: int
    read_as: str
    how: View


def is_disguised(text: str) -> bool:
    """Whether `disguises` could find anything: a quick look."""
    return not _odd().isdisjoint(text) or _MIXED.search(text) is not None


def disguises(text: str) -> Iterator[Change]:
    """The changes of a folded text; where two overlap the first given counts: whole words go before characters."""
    plain = _without_accents(text)
    yield from _mixed_pinyin(plain)
    yield from _signs_for_letters(plain)
    yield from _single(text)


@lru_cache(maxsize=1)
def _odd() -> frozenset[str]:
    table = look_alikes()
    return frozenset((*table.shapes, *table.letters, *table.symbols, *accented()))


def _without_accents(text: str) -> str:
    """The same text with plain letters, character for character."""
    return text if text.isascii() else text.translate(_plain())


@lru_cache(maxsize=1)
def _plain() -> Mapping[int, str]:
    return {ord(char): letter for char, letter in (*accented().items(), *look_alikes().letters.items())}


def _single(text: str) -> Iterator[Change]:
    table = look_alikes()
    for at, char in enumerate(text):
        if char in table.letters:
            yield Change(at, at + 1, table.letters[char], View.LETTERS)
        elif char in table.shapes:
            if char not in table.ordinary and not is_in_ordinary_word(text, at):
                yield Change(at, at + 1, table.shapes[char], View.SHAPES)
        elif char in table.symbols and _touches_word(text, at):
            yield Change(at, at + 1, table.symbols[char], View.SYMBOLS)


def _touches_word(text: str, at: int) -> bool:
    around = (text[other] for other in (at - 1, at + 1) if 0 <= other < len(text))
    return any(char.isalnum() or char in look_alikes().symbols for char in around)


@lru_cache(maxsize=1)
def _by_syllable() -> Mapping[str, Sequence[tuple[str, int]]]:
    """Syllable → the hidden words that have it, and at which character."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for word in look_alikes().hidden_zh:
        for at, char in enumerate(word):
            places[sounds().syllables[char]].append((word, at))
    return places


def _mixed_pinyin(text: str) -> Iterator[Change]:
    for match in _LATIN.finditer(text):
        said = re.sub(r"[^a-z]", "", match.group())
        syllables = split_syllables(said) if len(said) <= _LONGEST_LATIN else ()
        if syllables and (found := _hidden_word(text, match, syllables)):
            yield Change(*match.span(), found, View.PINYIN)


def _hidden_word(text: str, match: re.Match[str], syllables: tuple[str, ...]) -> str:
    """The characters that the Latin letters stand for; '' where they are no part of a hidden word."""
    start, end = match.span()
    for word, at in _by_syllable().get(syllables[0], ()):
        after = at + len(syllables)
        if tuple(sounds().syllables[char] for char in word[at:after]) != syllables:
            continue
        is_whole = len(syllables) == len(word)
        if is_whole and _is_meant(text, match, word):
            return word
        if not is_whole and text[:start].endswith(word[:at]) and text.startswith(word[after:], end):
            return word[at:after]
    return ""


def _is_meant(text: str, match: re.Match[str], word: str) -> bool:
    """Whether letters that spell a whole word are it: a unit after a numeral, or long enough and no English."""
    if len(word) == 1:
        return bool(match.start()) and _NUMERAL.match(text[match.start() - 1]) is not None
    words = {*re.split(r"[^a-z]", match.group()), match.group()}
    return sum(map(str.isalpha, match.group())) >= _SHORTEST_ALL_LATIN and not words & look_alikes().english


@lru_cache(maxsize=1)
def _by_shape() -> Mapping[str, Sequence[str]]:
    """A word's letters, each as the key of its look-alikes → the words."""
    words: dict[str, list[str]] = defaultdict(list)
    for word in look_alikes().hidden_en:
        words[word.translate(look_alikes().classes)].append(word)
    return words


def _signs_for_letters(text: str) -> Iterator[Change]:
    for match in _TOKEN.finditer(text):
        said = match.group()
        if _SIGN.search(said) is None or 2 * sum(map(str.isalpha, said)) < len(said):
            continue
        for word in _by_shape().get(said.translate(look_alikes().classes), ()):
            if all(one == other or look_alikes().stands_for(one, other) for one, other in zip(said, word, strict=True)):
                yield Change(*match.span(), word, View.LETTERS)
                break
