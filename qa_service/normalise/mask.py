"""Masks what points to a person in a text that leaves the service for training: more than at rest, and in other signs.

Names and addresses in plain words stay where no word beside them says what they are.
"""

from __future__ import annotations

import re

from qa_service.normalise.personal_data import mask_text

LONGEST_NUMBER_KEPT = 4
"""Digits in a row that stay: prices, days and times are what promises are made of."""

_LETTER = "A-Za-zＡ-Ｚａ-ｚ"
_MAIL = re.compile(r"[A-Za-z0-9_.+*-]+\s?[@＠]\s?[A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+")
_HOST = r"(?<![A-Za-z0-9@-])[A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+){0,4}[.．][A-Za-z]{2,}(?:[:：]\d{1,5})?[/／]"
_LINK = re.compile(rf"(?:https?[:：][/／]{{2}}|www[.．]|{_HOST})[^\s\u4e00-\u9fff]*", re.IGNORECASE)
_CODE = re.compile(
    rf"(?<![{_LETTER}\d_-])(?=(?:[{_LETTER}_-]*\d){{3}})(?=[\d_-]*[{_LETTER}])[{_LETTER}\d_-]+(?![{_LETTER}\d_-])"
)
_AMOUNT = re.compile(
    rf"(?:rmb|cny|usd|us)\d{{1,{LONGEST_NUMBER_KEPT}}}"
    rf"|\d{{1,{LONGEST_NUMBER_KEPT}}}(?:rmb|cny|usd|yuan|[km]?g|m?l|[ckm]?m|[gmt]b|k?wh?|[khd]|days?|hours?|pcs|mah)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)\d{2,4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}(?!\d)")
_PRICE = rf"(?<!\d)(?<!\d[.,，])(?:\d{{1,{LONGEST_NUMBER_KEPT}}}|\d[,，]\d{{3}})\.\d{{1,2}}(?!\.?\d)"
_DIGITS = re.compile(
    rf"(?P<kept>(?<!\d)\d{{1,2}}[:：][0-5]\d(?!\d)|{_PRICE})"
    rf"|\d(?:[\s.\-－–—()（）]{{0,2}}\d){{{LONGEST_NUMBER_KEPT},}}"
)
_COMMAS = ",，、"
_LIST = re.compile(
    rf"(?<!\d)(?<!\d\.)\d{{1,{LONGEST_NUMBER_KEPT}}}(?:[/／|｜{_COMMAS}]\s?\d{{1,{LONGEST_NUMBER_KEPT}}}){{2,}}(?!\d)"
)
_LONGEST_LIST_KEPT = 6
"""Digits of a list with commas that stays: no telephone number has fewer than seven."""
_CHINESE = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_SIGN, _BETWEEN = rf"\d①-⑨{_CHINESE}", r"\s._·\-－"
_PARTLY = re.compile(
    rf"(?:[{_SIGN}][{_SIGN}{_BETWEEN}]{{0,12}})?\*[{_BETWEEN}]{{0,2}}\*[*{_BETWEEN}]{{0,24}}"
    rf"(?:[{_SIGN}][{_SIGN}{_BETWEEN}]{{0,12}}[{_SIGN}])?"
)
_SPELT = re.compile(rf"[{_CHINESE}]{{{LONGEST_NUMBER_KEPT + 1},}}")


def mask(text: str) -> str:
    """The text with personal data, mail addresses, links, codes of letters and digits, numbers of five digits and more unreadable.

    Digits (full-width ones and those with signs between them too) become 0, letters of codes x, digits spelt in Chinese 〇:
    the model goes on to see that a number or code stood there. A number that is masked at rest becomes zeros too, so that
    both read alike. Times of day, amounts with a unit, prices with their cents and short lists stay. Masking twice changes nothing.
    """
    text = _MAIL.sub("name@example.com", mask_text(text))
    text = _LINK.sub("https://example.com", text)
    text = _PARTLY.sub(_zeros, text)  # before codes: its zeros may be part of one
    text = _CODE.sub(_code, text)
    text = _DATE.sub(lambda match: _blank(match.group()), text)
    text = _DIGITS.sub(lambda match: match.group() if match["kept"] else _blank(match.group()), text)
    text = _LIST.sub(_list, text)
    return _SPELT.sub(lambda match: "〇" * len(match.group()), text)


def _code(match: re.Match[str]) -> str:
    found = match.group()
    return found if _AMOUNT.fullmatch(found) else _blank(found)


def _list(match: re.Match[str]) -> str:
    """Three and more numbers as they are, if they are too few digits for a telephone number or a date."""
    found = match.group()
    has_commas_only = all(char.isdigit() or char.isspace() or char in _COMMAS for char in found)
    longest = _LONGEST_LIST_KEPT if has_commas_only else LONGEST_NUMBER_KEPT
    return found if sum(char.isdigit() for char in found) <= longest else _blank(found)


def _zeros(match: re.Match[str]) -> str:
    """Zeros for a number that is partly masked; other masks stay."""
    found = match.group()
    if not re.search(f"[{_SIGN}]", found):
        return found
    return re.sub(f"[{_CHINESE}]", "〇", re.sub(r"[\d①-⑨*]", "0", found))


def _blank(found: str) -> str:
    return re.sub(f"[{_LETTER}]", "x", re.sub(r"\d", "0", found))
