"""Masks what points to a person in a text that leaves the service for training: more than at rest, and in other signs.

Names and addresses in plain words stay where no word beside them says what they are.
"""

from __future__ import annotations

import re

from qa_service.normalise.personal_data import mask_text

LONGEST_NUMBER_KEPT = 4
"""Digits in a row that stay: prices, days and times are what promises are made of."""

_MAIL = re.compile(r"[A-Za-z0-9_.+*-]+\s?[@＠]\s?[A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\u4e00-\u9fff]+", re.IGNORECASE)
_CODE = re.compile(r"(?<![A-Za-z0-9_-])(?=(?:[A-Za-z_-]*\d){3})(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{6,}(?![A-Za-z0-9_-])")
_DIGITS = re.compile(rf"\d(?:[\s.\-–—()（）]{{0,2}}\d){{{LONGEST_NUMBER_KEPT},}}")
_PARTLY = re.compile(r"(?:\d[\d\s.\-]{0,12})?\*{2}[*\s.\-]{0,24}(?:\d[\d\s.\-]{0,12}\d)?")
_SPELT = re.compile(r"[零〇一二三四五六七八九幺]{5,}")


def mask(text: str) -> str:
    """The text with personal data, mail addresses, links, codes of letters and digits, numbers of five digits and more unreadable.

    Digits (full-width ones and those with spaces, dashes or brackets between them too) become 0, letters of codes x,
    digits spelt in Chinese 〇: the model goes on to see that a number or code stood there. A number that is masked at rest
    becomes zeros too, so that both read alike. Masking twice changes nothing.
    """
    text = _MAIL.sub("name@example.com", mask_text(text))
    text = _LINK.sub("https://example.com", text)
    text = _CODE.sub(lambda match: _blank(match.group()), text)
    text = _DIGITS.sub(lambda match: _blank(match.group()), text)
    text = _SPELT.sub(lambda match: "〇" * len(match.group()), text)
    return _PARTLY.sub(_zeros, text)


def _zeros(match: re.Match[str]) -> str:
    """Zeros for a number that is partly masked; other masks stay."""
    found = match.group()
    return re.sub(r"[\d*]", "0", found) if any(char.isdigit() for char in found) else found


def _blank(found: str) -> str:
    return re.sub(r"[A-Za-z]", "x", re.sub(r"\d", "0", found))
