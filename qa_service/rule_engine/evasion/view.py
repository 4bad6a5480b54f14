"""The names of what may be undone to read a word. Packs switch them by `evasion:`; findings name them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qa_service.domain.text import Span


class View(StrEnum):
    """The readings through which words are sought, the most literal first."""

    CASED = "cased"
    COMPACT = "compact"
    COLLAPSED = "collapsed"
    LETTERS = "letters"
    SYMBOLS = "symbols"
    SPLIT = "split"
    SHAPES = "shapes"
    PINYIN = "pinyin"
    SOUND = "sound"

    @property
    def rank(self) -> int:
        """0 is the most literal."""
        return _RANKS[self]


_RANKS = {view: at for at, view in enumerate(View)}


@dataclass(frozen=True, slots=True, order=True)
class Undone:
    """One thing undone: these characters of the original were read as `read_as` ('' for inserted ones)."""

    span: Span
    how: View
    text: str
    read_as: str

    def as_json(self) -> dict[str, Any]:
        """An item of `undone` in an explanation."""
        where = {"start": self.span.start, "end": self.span.end}
        return {"how": str(self.how), "text": self.text, "read_as": self.read_as, **where}
