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
_DIGITS = re.compile(
    rf"(?P<time>(?<!\d)\d{{1,2}}[:：][0-5]\d(?!\d))|\d(?:[\s.\-–—()（）]{{0,2}}\d){{{LONGEST_NUMBER_KEPT},}}"
)
_PRICE = re.compile(rf"\d{{1,{LONGEST_NUMBER_KEPT}}}\.\d{{1,2}}")
_CHINESE = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_SIGN, _BETWEEN = rf"\d①-⑨{_CHINESE}", r"\s._·\-"
_PARTLY = re.compile(
    rf"(?:[{_SIGN}][{_SIGN}{_BETWEEN}]{{0,12}})?\*[{_BETWEEN}]{{0,2}}\*[*{_BETWEEN}]{{0,24}}"
    rf"(?:[{_SIGN}][{_SIGN}{_BETWEEN}]{{0,12}}[{_SIGN}])?"
)
_SPELT = re.compile(r"[零〇一二三四五六七八九幺]{5,}")


def mask(text: str) -> str:
    """The text with personal data, mail addresses, links, codes of letters and digits, numbers of five digits and more unreadable.

    Digits (full-width ones and those with spaces, dashes or brackets between them too) become 0, letters of codes x,
    digits spelt in Chinese 〇: the model goes on to see that a number or code stood there. A number that is masked at rest
    becomes zeros too, so that both read alike. Times of day and prices with their cents stay. Masking twice changes nothing.
    """
    text = _MAIL.sub("name@example.com", mask_text(text))
    text = _LINK.sub("https://example.com", text)
    text = _CODE.sub(lambda match: _blank(match.group()), text)
    text = _DIGITS.sub(_number, text)
    text = _SPELT.sub(lambda match: "〇" * len(match.group()), text)
    return _PARTLY.sub(_zeros, text)


def _number(match: re.Match[str]) -> str:
    found = match.group()
    return found if match["time"] or _PRICE.fullmatch(found) else _blank(found)


def _zeros(match: re.Match[str]) -> str:
    """Zeros for a number that is partly masked; other masks stay."""
    found = match.group()
    if not re.search(f"[{_SIGN}]", found):
        return found
    return re.sub(f"[{_CHINESE}]", "〇", re.sub(r"[\d①-⑨*]", "0", found))


def _blank(found: str) -> str:
    return re.sub(r"[A-Za-z]", "x", re.sub(r"\d", "0", found))
