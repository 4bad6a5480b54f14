"""How large an input may be. Owns the numbers only; the readers enforce them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds, inclusive. A refusal names the limit by its field name here.

    Attributes:
        turns: turns of one conversation.
        text_bytes: UTF-8 bytes of all turn texts of one conversation.
        turn_characters: code points of one turn's text.
        field_characters: code points of any other string (ids, names, attributes).
        xlsx_bytes: unpacked bytes of one workbook, whose text table has to be held in memory.
    """

    turns: int = 2_000
    text_bytes: int = 1024 * 1024
    turn_characters: int = 20_000
    field_characters: int = 500
    xlsx_bytes: int = 128 * 1024 * 1024

    @property
    def line_bytes(self) -> int:
        """Bytes of one JSON line: room for escapes, which double Chinese text, and for the other fields."""
        return 4 * self.text_bytes


DEFAULT_LIMITS = Limits()
