"""The English grammar of time spans. Reads the folded text; every repetition is bounded, so time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from qa_service.rule_engine.values.english_bounds import FROM_TO, LINK, POST, PRE, from_to, stated
from qa_service.rule_engine.values.numerals import A_FEW
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_UNITS = {
    "min": Unit.MINUTE,
    "minute": Unit.MINUTE,
    "h": Unit.HOUR,
    "hr": Unit.HOUR,
    "hour": Unit.HOUR,
    "day": Unit.DAY,
    "weekday": Unit.WORKDAY,
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
    "d": Unit.DAY,
    "mo": Unit.MONTH,
    "y": Unit.YEAR,
}
# Units that are so many of another.
_TIMES = {"fortnight": 2, "decade": 10}
_WORK = "business|working|work|banking|week"

_DURATION = re.compile(
    rf"(?:\b(?P<pre>{PRE})\s{LINK})?(?P<core>(?<![a-z0-9.,$€£]){FROM_TO}(?P<half>\sand\sa\shalf)?\)?(?:\s|-)?"
    rf"(?:(?:full|calendar|whole)\s)?(?P<work>{_WORK})?[\s-]?(?P<unit>min|minute|hr|hour|h|day|dy|weekday|week|wk|fortnight|month|mth|mnth|year|yr|decade)[sz]?(?![a-z])(?P<plus>\sand\sa\shalf)?(?P<or_two>\sor\stwo)?)"
    rf"{POST}(?P<told>\s(?:ago|earlier|old)\b)?"
)
_DIGIT = re.compile("[0-9]")
# 7d, 3mo, 1y: right behind the digits. Not 2d, 3d and 4d, which are pictures.
_SHORT = re.compile(
    rf"(?:\b(?P<pre>{PRE})\s{LINK})?(?P<core>(?<![a-z0-9.,$€£])(?P<n1>[0-9]{{1,3}})(?:-(?P<n2>[0-9]{{1,3}}))?"
    rf"(?P<unit>(?<![^0-9][2-4])(?<!^[2-4])d|mo|y))(?![a-z0-9]){POST}"
)
_A_FEW = re.compile(
    rf"(?:\b(?P<pre>{PRE})\s{LINK})?\b(?P<core>(?:a\s)?(?:few|several)\s(?P<work>business\s|working\s|work\s)?"
    r"(?P<unit>minute|hour|hr|day|week|wk|month|mth|mnth|year|yr)s)\b(?P<told>\s(?:ago|earlier|old)\b)?"
)
_NEAR_DAYS = {
    "today": 1,
    "tonight": 1,
    "same day": 1,
    "same-day": 1,
    "end of day": 1,
    "end of the day": 1,
    "end of today": 1,
    "eod": 1,
    "close of business": 1,
    "cob": 1,
    "tomorrow": 2,
    "overnight": 2,
    "next day": 2,
    "next-day": 2,
    "day after tomorrow": 3,
    "2day": 1,
    "tonite": 1,
    "2nite": 1,
    "tmrw": 2,
    "tmr": 2,
    "2moro": 2,
    "tomoz": 2,
}
# An own group for what is an hour of the day only: at the end of the day also means after all.
_NEAR = re.compile(
    r"\b(?:(?P<pre>by|before)\s(?:the\s)?)?"
    r"(?P<core>today|tonight|same[ -]day|day after tomorrow|tomorrow|overnight|next[ -]day|2day|tonite|2nite|tmrw|tmr|2moro|tomoz"
    r"|eod|(?<=by )(?:end of (?:the )?day|end of today|close of business|cob)|(?<=by the )end of (?:the )?day)\b"
)
_UNLIMITED = re.compile(
    r"\b(?:lifetime|life-time|life time|forever|for ever|"
    r"for life|any ?time|unlimited|indefinitely|no time limit|for good|whenever you)\b"
)
_IMMEDIATE = re.compile(
    r"\b(?:immediately|instantly|instant|right away|right now|at once|straight away|straightaway)\b"
)


def english_durations(text: str) -> Iterator[Quantity]:
    """All time spans, pattern by pattern; overlaps are left to the caller."""
    for match in _DURATION.finditer(text):
        yield from _duration(match)
    for match in _SHORT.finditer(text) if _DIGIT.search(text) else ():
        value = from_to(match)
        if value is not None:
            yield stated(match, Kind.DURATION, _UNITS[match["unit"]], value)
    for match in _A_FEW.finditer(text):
        if not match["told"]:
            unit = Unit.WORKDAY if match["work"] and match["unit"] == "day" else _UNITS[match["unit"]]
            yield replace(stated(match, Kind.DURATION, unit, A_FEW), vague=True)
    for match in _NEAR.finditer(text):
        days = Fraction(_NEAR_DAYS[match["core"]])
        yield stated(match, Kind.DURATION, Unit.DAY, (days, days))
    for match in _UNLIMITED.finditer(text):
        yield _fixed(match, Kind.UNLIMITED, Unit.UNLIMITED, None)
    for match in _IMMEDIATE.finditer(text):
        yield _fixed(match, Kind.IMMEDIATE, Unit.DAY, Fraction(0))


def _duration(match: re.Match[str]) -> Iterator[Quantity]:
    value = from_to(match)
    # "a week day" is no span of time, "week days" after a number are working days.
    unit = Unit.WORKDAY if match["work"] and match["unit"] == "day" else _UNITS[match["unit"]]
    if value is not None and not match["told"]:
        times = _TIMES.get(match["unit"], 1)
        more = Fraction(1, 2) if match["half"] or match["plus"] else Fraction(0)
        value = (
            (value[0] + more) * times,
            (Fraction(2) if match["or_two"] and value[1] < 2 else value[1] + more) * times,
        )
        yield stated(match, Kind.DURATION, unit, value)


def _fixed(match: re.Match[str], kind: Kind, unit: Unit, value: Fraction | None) -> Quantity:
    start, end = match.span()
    return Quantity(
        kind=kind, unit=unit, low=value, high=value, direction=Direction.EXACT,
        start=start, end=end, outer_start=start, outer_end=end,
    )  # fmt: skip
