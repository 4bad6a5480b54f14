"""Reads numerals: Arabic, Chinese in all forms, English words. Owns no units."""

from __future__ import annotations

import re
from collections.abc import Sequence
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

_CHARS = "零〇一二两俩仨三四五六七八九十廿卅百千万壹贰叁肆伍陆柒捌玖拾佰仟"
# 几百 and 百八十 name no number, 上百 only its lower end. Not 晚上百人, 马上百分之十.
_VAGUE = "几[十百千万](?![0-9一二三四五六七八九])|(?<![晚早马以线加])上[百千万](?![分度])|百八十"
# Not 三点五十分 and 三点半, which tell the time.
_DECIMAL = f"[{_CHARS}]{{1,6}}点[零一二三四五六七八九]{{1,4}}(?![十分刻])"
CHINESE_NUMERAL = (
    r"(?:[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,4})?\s?[百千万kw]?|半|个把"
    rf"|{_VAGUE}|{_DECIMAL}|[{_CHARS}]{{1,12}})"
)

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_ENGLISH = {name: value for value, name in enumerate(_UP_TO_TWENTY.split())}
_ENGLISH |= {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ENGLISH |= {"a": 1, "an": 1, "couple": 2}
_TENS = frozenset(range(20, 100, 10))
_MANY = {"hundred": 100, "thousand": 1000, "dozen": 12}
_WORD = "|".join(sorted((name for name in (*_ENGLISH, *_MANY) if name not in ("a", "an")), key=len, reverse=True))
_FEW_MANY = re.compile(r"(?:a\s)?(?:few|several)\s(hundred|thousand)")

ENGLISH_NUMERAL = (
    rf"(?:[0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}}(?:\.[0-9]{{1,4}})?k?|half\san?"
    rf"|(?:a\s)?(?:few|several)\s(?:hundred|thousand)"
    rf"|(?:a\scouple(?:\sof)?|(?:an?\s(?=hundred|thousand|dozen))?(?:{_WORD}))"
    rf"(?:(?:[\s-]|(?:(?<=hundred)|(?<=thousand))\sand\s)(?:{_WORD})){{0,7}}|an?)"
)


def chinese_number(text: str) -> Range | None:
    """A numeral as matched by `CHINESE_NUMERAL` → (low, high); 三五 is 3…5. None if it is no number (二〇, 十百)."""
    text = text.replace(" ", "")
    if text in _LOOSE:
        return _same(_LOOSE[text])
    if text[0].isascii():
        return _same(_arabic(text))
    if is_vague(text):
        return _vague_range(text)
    if "点" in text:
        return _same(_chinese_decimal(*text.split("点")))
    return _digits_alone(text) if all(char in _DIGITS for char in text) else _chinese_powers(text)


def _digits_alone(text: str) -> Range | None:
    """五, 三五 (3…5), 零六 as behind 一年, and places as in 二〇〇; else it is no number."""
    digits = [_DIGITS[char] for char in text]
    if len(digits) == 1 or (len(digits) == 2 and digits[0] == 0 != digits[1]):
        return _same(Fraction(digits[-1]))
    if len(digits) == 2:
        return (Fraction(digits[0]), Fraction(digits[1])) if 0 < digits[0] < digits[1] else None
    return _same(Fraction("".join(map(str, digits)))) if 0 in digits else None


def _chinese_powers(text: str) -> Range | None:
    return _chinese_range(text) or _same(_chinese_digits(text.replace("廿", "二十").replace("卅", "三十")))


def is_vague(numeral: str) -> bool:
    """Whether a numeral of either language names no number: 几百, 上百, 百八十, a few hundred."""
    return numeral[0] in "几上" or numeral == "百八十" or _FEW_MANY.fullmatch(numeral) is not None


def _vague_range(text: str) -> Range:
    """几百 is 200…900; 上百 at least 100, as its grammar says; 百八十 is 80…100."""
    if text == "百八十":
        return Fraction(80), Fraction(100)
    power = Fraction(_POWERS[text[1]])
    return (power, power) if text[0] == "上" else (A_FEW[0] * power, A_FEW[1] * power)


def _chinese_decimal(whole: str, digits: str) -> Fraction | None:
    before = chinese_number(whole)
    if before is None or before[0] != before[1]:
        return None
    return before[0] + Fraction("0." + "".join(str(_DIGITS[char]) for char in digits))


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
    """A numeral as matched by `ENGLISH_NUMERAL` → (low, high), the same but of a few hundred; None if it is no number."""
    if text[0].isdigit():
        return _same(_arabic(text))
    if text.startswith("half"):
        return Fraction(1, 2), Fraction(1, 2)
    if (few := _FEW_MANY.fullmatch(text)) is not None:
        return A_FEW[0] * _MANY[few[1]], A_FEW[1] * _MANY[few[1]]
    words = text.replace("a couple of", "couple").replace("a couple", "couple").replace("-", " ").split()
    return _same(_english_words([word for word in words if word != "and"]))


def _english_words(words: Sequence[str]) -> Fraction | None:
    """Two thousand five hundred and ten: thousands, then what is under a thousand; None for five twenty."""
    total = part = 0
    last_many = 10**6
    for word in words:
        many = _MANY.get(word)
        if many is None:
            number = _ENGLISH[word]
            if part % 100 and not (part % 100 in _TENS and 0 < number < 10):
                return None
            part += number
        elif many == 100 and part < 100:
            part = (part or 1) * many
        elif many < last_many and many != 100:
            total, part = total + (part or 1) * many, 0
            last_many = many
        else:
            return None
    return Fraction(total + part)


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
            total, section = (total + section + digit or 1) * power, 0
        elif last_power and power >= last_power:
            return None
        else:
            section += (digit or 1) * power
        digit, last_power = 0, power
    if digit and last_power >= 100:
        digit *= last_power // 10
    return Fraction(total + section + digit)
