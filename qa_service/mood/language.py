"""Whether a turn is written in a language that the model reads: by its script, else by the English words in it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from qa_service.normalise import english_words

FOREIGN_SHARE = 0.5
"""From this share of a turn's letters on, a foreign script is the turn's script."""
KANA_SHARE = 0.2
"""Japanese mixes kana with characters that Chinese uses too."""
WORDS_TO_TELL = 3
"""Fewer Latin words (an order number, a brand) tell no language."""
LEAST_WORDS = 2
"""That many are enough where one is of `FOREIGN` and none English; "merci" alone is said among English, too."""
HAN_TO_TELL = 2
"""With so many Han characters it is a Chinese turn with names or models in it."""
KNOWN_SHARE = 0.45
DOUBTFUL_KNOWN_SHARE = 0.6
"""Less than this share of English words (the higher bound where a word has an accent or is of `FOREIGN`) is a foreign turn.
Counts: ADR 14."""

ENGLISH = frozenset(
    """
    after and are at be been but by can cant did didn didnt does doesn don dont for from get gets got had has have her him
    how if im it its ive just kinda ll mate mine my not of ok okay one or our out please pls somebody t thank thanks that
    thats the their there these they this those thx u up ur us we ve what when where who why with wont would yes you your
    yours
    """.split()  # noqa: SIM905 - a list of 100 quoted words reads worse
)
"""Words that English cannot do without and that its neighbours do not share: one is enough, slips beside it or not."""
FOREIGN = frozenset(
    """
    el la los las del que por para como muy una uno esto esta mi su gracias hola quiero le les des du et est une je vous nous
    mon mes pas pour avec dans ce ne sur merci bonjour der das ist ich sie und nicht ein eine einen mein meine mit auf zu
    wir sehr bitte danke il di che sono mio lo gli della grazie meu minha os uma er het een ik niet mijn jullie ang ng naman ko
    po mo sa saya yang tidak wo ni shi zhe le bu hao zi
    """.split()  # noqa: SIM905 - as above
)
"""Words of the neighbours that English chats hold now and then: they count as none of its words."""

_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    *((ending, stem) for ending in ("s", "es", "ed", "ing", "er", "est", "able") for stem in ("", "e")),
    ("ly", ""),
    ("ness", ""),
    ("less", ""),
)
_SHORTEST_ENDED = 5
_SHORTEST_STEM = 3

# What touches a digit is a code or a measure.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")
_READ_SCRIPTS = frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "BOPOMOFO", "MODIFIER", ""})
"""First words of the Unicode names of letters that belong to Chinese or English texts."""
_KANA = ("HIRAGANA", "KATAKANA")
# Two equal eyes about a mouth (ಠ_ಠ, ಠ益ಠ): a face is written in no script.
_FACE = re.compile(r"([^\W\d_])[^\w\s]{0,2}(?:_+|[^\w\s]|益|ᴗ|ᗜ)[^\w\s]{0,2}\1")


def why_unreadable(text: str) -> str | None:
    """Why the model cannot read `text` (the `cased` view), or None if it can."""
    return _foreign_script(text) or _foreign_words(text)


def _foreign_words(text: str) -> str | None:
    words = [word for word in _WORD.findall(_han_apart(text)) if len(word) > 1 or _is_han(word)]
    latin = [word for word in words if not _is_han(word)]
    han = len(words) - len(latin)
    if han >= HAN_TO_TELL or any(word.lower() in ENGLISH for word in latin) or all(word.istitle() for word in latin):
        return None
    told = _without_names(latin)
    is_doubtful = any(word.lower() in FOREIGN for word in told)
    known = han + sum(_is_english(word.lower()) for word in told)
    if len(told) < (LEAST_WORDS if is_doubtful and not known else WORDS_TO_TELL):
        return None
    needed = DOUBTFUL_KNOWN_SHARE if is_doubtful or not all(word.isascii() for word in told) else KNOWN_SHARE
    return "written in no language that the model reads" if known < needed * (han + len(told)) else None


def _without_names(words: Sequence[str]) -> list[str]:
    """Without capitalised words that are none of English, but for the first: names and places tell no language."""
    return [word for at, word in enumerate(words) if at == 0 or not word.istitle() or _is_english(word.lower())]


@lru_cache(maxsize=8192)
def _is_english(word: str) -> bool:
    """Whether it is one of the project's own English words, with an ending or without."""
    if word in FOREIGN:
        return False
    if word in english_words():
        return True
    return len(word) >= _SHORTEST_ENDED and any(
        word.endswith(ending)
        and len(word) - len(ending) >= _SHORTEST_STEM
        and word.removesuffix(ending) + stem in english_words()
        for ending, stem in _ENDINGS
    )


def _foreign_script(text: str) -> str | None:
    letters = [char for char in text if char.isalpha()]
    if text.isascii() or not letters:
        return None
    counts = Counter(script for char in _FACE.sub("", text) if char.isalpha() and (script := _script(char)))
    kana = sum(counts[script] for script in _KANA)
    if kana >= KANA_SHARE * len(letters) and kana > 1:
        return "written in Japanese, which the model does not read"
    script, count = counts.most_common(1)[0] if counts else ("", 0)
    if count < FOREIGN_SHARE * len(letters) or count < 2:
        return None
    return f"written in {script.capitalize()} script, which the model does not read"


def _script(char: str) -> str | None:
    """The first word of the letter's Unicode name, or None where Chinese and English texts have it, too."""
    script = re.split("[ -]", unicodedata.name(char, ""), maxsplit=1)[0]
    return None if script in _READ_SCRIPTS else script


def _is_han(text: str) -> bool:
    return "㐀" <= text[0] <= "鿿"


def _han_apart(text: str) -> str:
    """Every Han character a word of its own."""
    return re.sub(r"([㐀-鿿])", r" \1 ", text)
