"""How a text is read by the finders: one character for each of its own, so that every place is a place in the original."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_service.normalise.fold import shown_char

GAP = "\u200b"
"""What a character that nobody sees is read as."""

_DASHES = "‐‑‒–—―−﹣"
_DOTS = "•・‧∙"
_SPELT = dict(zip("零〇一二三四五六七八九幺洞两壹贰叁肆伍陆柒捌玖", "00123456789102123456789", strict=True))
_SPELT_TABLE = str.maketrans(_SPELT)
_WORDS = "".join(_SPELT)
_SPELT_RUN = re.compile(
    rf"[{_WORDS}](?:[^\w\n]{{0,2}}[0-9{_WORDS}]){{4}}|[0-9][{_WORDS}][0-9{_WORDS}]{{3}}",
)


class _Reading(dict[int, str]):
    """A table for `str.translate`: digits of every script, full-width and traditional characters as their plain ones."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        shown = "-" if char in _DASHES else "·" if char in _DOTS else "\n" if char in "\r\n" else shown_char(char)
        self[code] = shown if len(shown) == 1 else GAP if not shown else char
        return self[code]


_READING = _Reading()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text for the finders: `plain`, and `spelt`, where digits written as words are digits too."""

    plain: str
    spelt: str

    @property
    def is_spelt(self) -> bool:
        """Whether a row of digits may be written as words."""
        return self.spelt is not self.plain


def read(text: str) -> str:
    """The text in plain characters, one for each."""
    return text.translate(_READING)


def reading_of(text: str) -> Reading:
    """Both readings."""
    plain = read(text)
    spelt = plain.translate(_SPELT_TABLE) if _SPELT_RUN.search(plain) else plain
    return Reading(plain, spelt)
