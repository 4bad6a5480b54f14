"""Reads numerals: Arabic, Chinese in all forms, English words. Owns no units."""

from __future__ import annotations

import re
from fractions import Fraction

Range = tuple[Fraction, Fraction]

# 几 and "a few" stand for more than one and less than ten.
A_FEW: Range = (Fraction(2), Fraction(9))

_DIGITS = {
    **dict(zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "k": 1000, "w": 10_000}

_LOOSE = {"半": Fraction(1, 2), "个把": Fraction(1)}
_DIGIT = "[一二两三四五六七八九]"
_SEVERAL_HUNDRED = re.compile(rf"({_DIGIT}{{2}})([十百千万])")
_SEVERAL_TEN = re.compile(rf"({_DIGIT}?十)({_DIGIT}{{2}})")

CHINESE_NUMERAL = (
    r"(?:[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,4})?\s?[百千万kw]?|半|个把"
    r"|[零〇一二两俩仨三四五六七八九十廿卅百千万壹贰叁肆伍陆柒捌玖拾佰仟]{1,12})"
)

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_ENGLISH = {name: value for value, name in enumerate(_UP_TO_TWENTY.split())}
_ENGLISH |= {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ENGLISH |= {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple": 2, "half a": 0, "half an": 0}
_WORD = "|".join(sorted((name for name in _ENGLISH if name not in ("a", "an")), key=len, reverse=True))

ENGLISH_NUMERAL = (
    rf"(?:[0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}}(?:\.[0-9]{{1,4}})?k?"
    rf"|(?:(?:{_WORD})(?:[\s-](?:{_WORD}))?|an?)(?:\s(?:hundred|thousand|dozen))?)"
)


def chinese_number(text: str) -> Range | None:
    """A numeral as matched by `CHINESE_NUMERAL` → (low, high); 三五 is 3…5. None if it is no number (二〇, 十百)."""
    text = text.replace(" ", "")
    if text in _LOOSE:
        return _same(_LOOSE[text])
    if text[0].isascii():
        return _same(_arabic(text))
    if len(text) == 2 and all(char in _DIGITS for char in text):
        low, high = (Fraction(_DIGITS[char]) for char in text)
        return (low, high) if 0 < low < high else None
    return _chinese_range(text) or _same(_chinese_digits(text.replace("廿", "二十").replace("卅", "三十")))


def _chinese_range(text: str) -> Range | None:
    """两三百 is 200…300, 十七八 is 17…18."""
    if (match := _SEVERAL_HUNDRED.fullmatch(text)) is not None:
        low, high = (Fraction(_DIGITS[char]) * _POWERS[match[2]] for char in match[1])
    elif (match := _SEVERAL_TEN.fullmatch(text)) is not None:
        tens = _chinese_digits(match[1]) or Fraction(0)
        low, high = (tens + _DIGITS[char] for char in match[2])
    else:
        return None
    return (low, high) if low < high else None


def chinese_ends(first: str, second: str | None) -> Range | None:
    """The ends of 三到五, and of 三到五百 (300…500), where the first end leaves out the power of the second."""
    low = chinese_number(first)
    high = chinese_number(second) if second else low
    if low is None or high is None:
        return None
    if second and first[-1] not in _POWERS and second.strip()[-1] in _POWERS:
        power = _POWERS[second.strip()[-1]]
        if low[1] < 10 and low[1] < high[0] / power < 10:
            low = (low[0] * power, low[1] * power)
    return (low[0], high[1]) if low[0] <= high[1] else None


def english_number(text: str) -> Range | None:
    """A numeral as matched by `ENGLISH_NUMERAL` → (low, high), both the same; None if it is no number."""
    if text[0].isdigit():
        return _same(_arabic(text))
    if text.startswith("half a"):
        return Fraction(1, 2), Fraction(1, 2)
    total = 0
    for word in text.replace("a couple of", "couple").replace("a couple", "couple").replace("-", " ").split():
        if word == "hundred":
            total *= 100
        elif word == "thousand":
            total *= 1000
        elif word == "dozen":
            total *= 12
        elif total and (total % 10 or total < 20 or _ENGLISH[word] > 9):
            return None
        else:
            total += _ENGLISH[word]
    return _same(Fraction(total))


def _same(value: Fraction | None) -> Range | None:
    return None if value is None else (value, value)


def _arabic(text: str) -> Fraction:
    power = _POWERS.get(text[-1], 1)
    return Fraction(text.rstrip("百千万kw").replace(",", "")) * power


def _chinese_digits(text: str) -> Fraction | None:
    """一百五 = 150: a last digit after 百 or more counts in the next smaller power."""
    total = section = digit = 0
    last_power = 0
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            if digit == 0:
                last_power = 0
            continue
        power = _POWERS[char]
        if power == 10_000:
            total, section = (total + section + digit) * power, 0
        elif last_power and power >= last_power:
            return None
        else:
            section += (digit or 1) * power
        digit, last_power = 0, power
    if digit and last_power >= 100:
        digit *= last_power // 10
    return Fraction(total + section + digit)
