"""The English grammar of stated values. Reads the folded text; every repetition is bounded, so time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from qa_service.rule_engine.values.numerals import A_FEW, Range, english_number
from qa_service.rule_engine.values.numerals import ENGLISH_NUMERAL as NUM
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_BEFORE = {
    Direction.WITHIN: ("within", "inside of", "inside", "in under", "in less than", "less than", "under", "in"),
    Direction.AT_MOST: (
        "up to",
        "at most",
        "at the most",
        "no more than",
        "no later than",
        "not more than",
        "maximum of",
        "a maximum of",
        "max",
    ),
    Direction.AT_LEAST: ("at least", "no less than", "minimum of", "a minimum of", "after", "more than", "over"),
    Direction.ABOUT: ("about", "around", "approximately", "roughly", "approx", "some"),
}
_DIRECTIONS = {word: direction for direction, words in _BEFORE.items() for word in words}
_PRE = "|".join(sorted(_DIRECTIONS, key=len, reverse=True))
_UNITS = {
    "min": Unit.MINUTE,
    "minute": Unit.MINUTE,
    "h": Unit.HOUR,
    "hr": Unit.HOUR,
    "hour": Unit.HOUR,
    "day": Unit.DAY,
    "week": Unit.WEEK,
    "fortnight": Unit.WEEK,
    "month": Unit.MONTH,
    "year": Unit.YEAR,
    "decade": Unit.YEAR,
    # as typed in chats
    "dy": Unit.DAY,
    "wk": Unit.WEEK,
    "mth": Unit.MONTH,
    "mnth": Unit.MONTH,
    "yr": Unit.YEAR,
}
# Units that are so many of another.
_TIMES = {"fortnight": 2, "decade": 10}
_CURRENCIES = {
    "$": Unit.USD, "usd": Unit.USD, "dollar": Unit.USD, "dollars": Unit.USD, "buck": Unit.USD, "bucks": Unit.USD,
    "€": Unit.EUR, "eur": Unit.EUR, "euro": Unit.EUR, "euros": Unit.EUR,
    "£": Unit.GBP, "gbp": Unit.GBP, "pound": Unit.GBP, "pounds": Unit.GBP, "quid": Unit.GBP,
    "grand": Unit.CURRENCY,
    "yuan": Unit.CNY, "rmb": Unit.CNY, "cny": Unit.CNY,
}  # fmt: skip
_FROM_TO = rf"(?P<n1>{NUM})(?:\s?(?:-|–|—|to|or)\s?(?P<n2>{NUM}))?"

_DURATION = re.compile(
    rf"(?:\b(?P<pre>{_PRE})\s(?:the\s)?(?:next\s|first\s)?)?(?P<core>(?<![a-z0-9.,$€£]){_FROM_TO}(?P<half>\sand\sa\shalf)?\+?(?:\s|-)?"
    r"(?:(?:full|calendar|whole)\s)?(?P<work>business|working|work|week)?[\s-]?(?P<unit>min|minute|hr|hour|h|day|dy|week|wk|fortnight|month|mth|mnth|year|yr|decade)[sz]?(?![a-z])(?P<plus>\sand\sa\shalf)?(?P<or_two>\sor\stwo)?)"
    r"(?P<told>\s(?:ago|earlier|old)\b)?"
)
_A_FEW = re.compile(
    rf"(?:\b(?P<pre>{_PRE})\s(?:the\s)?(?:next\s|first\s)?)?\b(?P<core>(?:a\s)?(?:few|several)\s(?P<work>business\s|working\s|work\s)?"
    r"(?P<unit>minute|hour|hr|day|week|wk|month|mth|mnth|year|yr)s)\b(?P<told>\s(?:ago|earlier|old)\b)?"
)
_NEAR_DAYS = {
    "today": 1,
    "tonight": 1,
    "same day": 1,
    "same-day": 1,
    "tomorrow": 2,
    "overnight": 2,
    "next day": 2,
    "next-day": 2,
    "2day": 1,
    "tonite": 1,
    "2nite": 1,
    "tmrw": 2,
    "tmr": 2,
    "2moro": 2,
    "tomoz": 2,
}
_NEAR = re.compile(
    r"\b(?:(?P<pre>by|before)\s)?"
    r"(?P<core>today|tonight|same[ -]day|tomorrow|overnight|next[ -]day|2day|tonite|2nite|tmrw|tmr|2moro|tomoz)\b"
)
_UNLIMITED = re.compile(
    r"\b(?:lifetime|life-time|forever|"
    r"for life|any ?time|unlimited|indefinitely|no time limit|for good|whenever you)\b"
)
_IMMEDIATE = re.compile(
    r"\b(?:immediately|instantly|instant|right away|right now|at once|straight away|straightaway)\b"
)
_AMOUNT = re.compile(
    rf"(?:\b(?P<pre>{_PRE})\s(?:a\s)?)?(?P<core>(?P<sign>[$€£])\s?(?P<n0>[0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}}(?:\.[0-9]{{1,4}})?k?)"
    rf"(?:\s?(?:-|–|—|to)\s?[$€£]?(?P<to>[0-9]{{1,9}}(?:\.[0-9]{{1,4}})?k?)(?![0-9a-z]))?"
    rf"|(?<![a-z0-9.,$€£]){_FROM_TO}[\s-]?(?P<unit>dollars?|bucks?|usd|euros?|eur|pounds?|gbp|quid|yuan|rmb|cny|grand(?!\s(?:opening|total|prize|piano|finale|sale)))(?![a-z]))"
)
_PERCENT = re.compile(
    rf"(?:\b(?P<pre>{_PRE})\s(?:a\s)?)?(?P<core>(?<![a-z0-9.,]){_FROM_TO}\s?(?:%|percent\b|per cent\b))"
)
_MULTIPLE = re.compile(
    rf"(?P<core>(?<![a-z0-9.,])(?P<n1>{NUM})\s?(?:x\b|times\b|-?fold\b)|\b(?P<word>double|triple|twice)\b)"
)
_FACTORS = {"double": 2, "twice": 2, "triple": 3}


def english_quantities(text: str) -> Iterator[Quantity]:
    """All stated values, pattern by pattern; overlaps are left to the caller."""
    for match in _DURATION.finditer(text):
        yield from _duration(match)
    for match in _A_FEW.finditer(text):
        if not match["told"]:
            unit = Unit.WORKDAY if match["work"] and match["unit"] == "day" else _UNITS[match["unit"]]
            yield replace(_quantity(match, Kind.DURATION, unit, A_FEW), vague=True)
    for match in _NEAR.finditer(text):
        days = Fraction(_NEAR_DAYS[match["core"]])
        yield _quantity(match, Kind.DURATION, Unit.DAY, (days, days))
    for match in _UNLIMITED.finditer(text):
        yield _fixed(match, Kind.UNLIMITED, Unit.UNLIMITED, None)
    for match in _IMMEDIATE.finditer(text):
        yield _fixed(match, Kind.IMMEDIATE, Unit.DAY, Fraction(0))
    for match in _AMOUNT.finditer(text):
        value = _ends(match["n0"], match["to"]) if match["sign"] else _from_to(match)
        if value is not None:
            value = (value[0] * 1000, value[1] * 1000) if match["unit"] == "grand" else value
            yield _quantity(match, Kind.AMOUNT, _CURRENCIES[match["sign"] or match["unit"]], value)
    for match in _PERCENT.finditer(text):
        value = _from_to(match)
        if value is not None:
            yield _quantity(match, Kind.PERCENT, Unit.PERCENT, value)
    for match in _MULTIPLE.finditer(text):
        value = (Fraction(_FACTORS[match["word"]]),) * 2 if match["word"] else english_number(match["n1"])
        if value is not None:
            yield _quantity(match, Kind.MULTIPLE, Unit.MULTIPLE, value)


def _duration(match: re.Match[str]) -> Iterator[Quantity]:
    value = _from_to(match)
    # "a week day" is no span of time, "week days" after a number are working days.
    unit = Unit.WORKDAY if match["work"] and match["unit"] == "day" else _UNITS[match["unit"]]
    if value is not None and not match["told"]:
        times = _TIMES.get(match["unit"], 1)
        more = Fraction(1, 2) if match["half"] or match["plus"] else Fraction(0)
        value = (
            (value[0] + more) * times,
            (Fraction(2) if match["or_two"] and value[1] < 2 else value[1] + more) * times,
        )
        yield _quantity(match, Kind.DURATION, unit, value)


def _from_to(match: re.Match[str]) -> Range | None:
    return _ends(match["n1"], match["n2"])


def _ends(first: str, second: str | None) -> Range | None:
    low = english_number(first)
    high = english_number(second) if second else low
    if low is None or high is None or high[1] < low[0]:
        return None
    return low[0], high[1]


def _fixed(match: re.Match[str], kind: Kind, unit: Unit, value: Fraction | None) -> Quantity:
    start, end = match.span()
    return Quantity(
        kind=kind, unit=unit, low=value, high=value, direction=Direction.EXACT,
        start=start, end=end, outer_start=start, outer_end=end,
    )  # fmt: skip


def _quantity(match: re.Match[str], kind: Kind, unit: Unit, value: Range) -> Quantity:
    before = match.groupdict().get("pre")
    start, end = match.span("core")
    return Quantity(
        kind=kind, unit=unit, low=value[0], high=value[1],
        direction=_DIRECTIONS.get(before, Direction.WITHIN) if before else Direction.EXACT,
        start=start, end=end, outer_start=match.start("pre") if before else start, outer_end=end,
    )  # fmt: skip
