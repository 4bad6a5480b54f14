"""Whether a turn is written in a language that the model reads: by its script, else by the words that it knows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection

FOREIGN_SHARE = 0.5
"""From this share of a turn's letters on, a foreign script is the turn's script."""
KANA_SHARE = 0.2
"""Japanese mixes kana with characters that Chinese uses too."""
WORDS_TO_TELL = 4
"""Fewer Latin words ("merci", an order number, a brand) tell no language."""
HAN_TO_TELL = 2
"""With so many Han characters it is a Chinese turn with names or models in it."""
KNOWN_SHARE = 0.55
ACCENTED_KNOWN_SHARE = 0.75
"""Less than this share of known words (the higher bound where a word has an accent), and not one word of `ENGLISH`, is a
foreign turn. Measured: so are 18 of 18 sentences in 12 other languages and typed nonsense, and 2 of the 12,778 customers'
and agents' turns of the corpus."""

ENGLISH = frozenset(
    """
    after and are at be been but by can cant did didn didnt does doesn don dont for from get gets got had has have her him
    how if im it its ive just kinda ll mate mine my not of ok okay one or our out please pls somebody t thank thanks that
    thats the their there these they this those thx u up ur us ve we what when where who why with wont would yes you your
    yours
    """.split()  # noqa: SIM905 - a list of 100 quoted words reads worse
)
"""Words that English cannot do without and that its neighbours do not share."""

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    "CYRILLIC",
    "HANGUL",
    "ARABIC",
    "HEBREW",
    "THAI",
    "GREEK",
    "DEVANAGARI",
    "HIRAGANA",
    "KATAKANA",
    "LAO",
    "KHMER",
    "MYANMAR",
    "BENGALI",
    "TAMIL",
    "ARMENIAN",
    "GEORGIAN",
)
_KANA = ("HIRAGANA", "KATAKANA")


class LanguageReader:
    """Knows the words of the model's vocabulary."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._words = frozenset(piece[1:] for piece in vocabulary if piece.startswith("▁"))

    def why_unreadable(self, text: str) -> str | None:
        """Why the model cannot read `text` (the `cased` view), or None if it can."""
        return _foreign_script(text) or self._foreign_words(text)

    def _foreign_words(self, text: str) -> str | None:
        words = [word for word in _WORD.findall(_han_apart(text)) if len(word) > 1 or _is_han(word)]
        latin = [word.lower() for word in words if not _is_han(word)]
        is_chinese = len(words) - len(latin) >= HAN_TO_TELL
        if is_chinese or len(latin) < WORDS_TO_TELL or any(word in ENGLISH for word in latin):
            return None
        known = sum(_is_han(word) or word in self._words or word.lower() in self._words for word in words)
        needed = KNOWN_SHARE if all(word.isascii() for word in latin) else ACCENTED_KNOWN_SHARE
        return "written in no language that the model reads" if known < needed * len(words) else None


def _foreign_script(text: str) -> str | None:
    letters = [char for char in text if char.isalpha()]
    if text.isascii() or not letters:
        return None
    counts = Counter(script for char in letters if not char.isascii() and (script := _script(char)))
    kana = sum(counts[script] for script in _KANA)
    if kana >= KANA_SHARE * len(letters) and kana > 1:
        return "written in Japanese, which the model does not read"
    script, count = counts.most_common(1)[0] if counts else ("", 0)
    if count < FOREIGN_SHARE * len(letters) or count < 2:
        return None
    return f"written in {script.capitalize()} script, which the model does not read"


def _script(char: str) -> str | None:
    name = unicodedata.name(char, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), None)


def _is_han(text: str) -> bool:
    return "㐀" <= text[0] <= "鿿"


def _han_apart(text: str) -> str:
    """Every Han character a word of its own."""
    return re.sub(r"([㐀-鿿])", r" \1 ", text)
