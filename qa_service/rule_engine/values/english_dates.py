"""The English grammar of named days: by Friday, next Monday, the 5th, end of the month. Reads the folded text; linear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.rule_engine.values.dates import (
    DayOfMonth,
    MonthDay,
    MonthOn,
    Week,
    Weekday,
    YearEnd,
    named_days,
)
from qa_service.rule_engine.values.quantity import Direction, NamedDays, Quantity

_BEFORE = {
    **dict.fromkeys(("by", "before", "until", "till", "no later than"), Direction.WITHIN),
    **dict.fromkeys(("after", "from", "starting"), Direction.AT_LEAST),
    **dict.fromkeys(("around", "about"), Direction.ABOUT),
    "on": Direction.EXACT,
}
_PRE = rf"(?:\b(?P<pre>{'|'.join(_BEFORE)})\s)?"
_PAST = "last|past|every|each|previous"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NUMBERS = {**{name: number for number, name in enumerate(_DAYS)}, "weekend": 6}
_SHORT = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_MONTHS = {**{name: number % 12 + 1 for number, name in enumerate(_MONTH_NAMES)}, "sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBER = r"(?P<day>[0-9]{1,2})"
_ORDINAL = rf"{_NUMBER}(?:st|nd|rd|th)"

# Monday to Friday are opening hours, Black Friday and Good Friday are no day of this week.
_WEEKDAY = re.compile(
    rf"{_PRE}(?:the\s)?(?P<core>\b(?:(?P<week>this coming|this|coming|next|{_PAST})\s)?"
    rf"(?<!black )(?<!cyber )(?<!good )(?<!to )(?<!through )(?<!- )(?<!-)(?P<day>{'|'.join(_DAYS)}|weekend)\b)"
    rf"(?!\s?(?:to|through|thru|-|–)\s?(?:{'|'.join(_DAYS)}))"
)
_SHORT_WEEKDAY = re.compile(
    rf"\b(?P<pre>by|before)\s(?P<core>(?P<day>{'|'.join(sorted(_SHORT, key=len, reverse=True))})\b)"
)
_PERIOD_END = re.compile(
    rf"{_PRE}(?:the\s)?(?P<core>\bend of (?:(?:the|this|(?P<next>next))\s)?(?P<unit>week|month|year)|\bmonth[ -]end)\b"
)
_PERIOD = re.compile(rf"{_PRE}(?P<core>\bnext (?P<unit>week|month))\b")
# "on the 5th floor" names no day.
_DAY_OF_MONTH = re.compile(
    rf"\b(?P<pre>by|before|until|till|no later than|on|after|from)\sthe\s(?P<core>{_ORDINAL})\b"
    r"(?=\s?(?:[.,!?;:]|$|(?:at|latest|and|or|for|so|with|if|when|but)\b))"
)
_MONTH_DAY = re.compile(
    rf"{_PRE}(?:the\s)?(?P<core>\b(?:{_ORDINAL}(?:\sof)?\s(?P<month>{_MONTH})"
    rf"|(?P<plain>[0-9]{{1,2}})(?:\sof)?\s(?P<month3>(?!may|march|mar\b){_MONTH})"
    rf"|(?P<month2>{_MONTH})\.?\s(?:the\s)?(?P<day2>[0-9]{{1,2}})(?P<th>st|nd|rd|th)?)\b)(?![0-9:%]|\s(?:items?|days?|times?)\b)"
)
_FIGURE = re.compile("[0-9][-/][0-9]")
# 30/11 and 11/30 alike, where only one can be read.
_SLASHED = re.compile(
    r"\b(?P<pre>by|before|no later than|until)\s(?P<core>(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2}))(?![0-9/])"
)
_ISO = re.compile(
    rf"{_PRE}(?P<core>(?<![0-9./-])(?P<year>20[0-9]{{2}})(?P<mark>[-/])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})(?![0-9/-]))"
)
_TOLD = re.compile(
    r"\b(?:was|were|has been|had been|already|it|we|i|they|you|order|parcel|package|item|refund)\s"
    r"(?:(?!will|gets?|is|are|be|can|to)[a-z]{1,12}\s)?(?:shipped|sent|left|arrived|went|came|delivered|dispatched|refunded|"
    r"returned|ordered|paid|bought|placed|processed|issued|collected)\s(?:it |out |them )?(?:the )?$"
)
_TOLD_CHARS = 60


def english_days(text: str) -> Iterator[Quantity]:
    """All named days, pattern by pattern; overlaps are left to the caller."""
    for pattern, read in (*_READERS, *(_FIGURES if _FIGURE.search(text) else ())):
        for match in pattern.finditer(text):
            days = read(match)
            if days is not None and not _TOLD.search(text, max(match.start() - _TOLD_CHARS, 0), match.start()):
                core = match.span("core")
                start = match.start("pre") if match["pre"] else core[0]
                yield named_days(days, _BEFORE.get(match["pre"], Direction.EXACT), core, (start, core[1]))


def _weekday(match: re.Match[str]) -> NamedDays | None:
    if match["week"] in _PAST.split("|"):
        return None
    return Weekday(_DAY_NUMBERS[match["day"]], 1 if match["week"] == "next" else None)


def _period_end(match: re.Match[str]) -> NamedDays:
    months = 1 if match["next"] else 0
    if match["unit"] == "week":
        return Weekday(6, months)
    return YearEnd() if match["unit"] == "year" else MonthOn(months, is_end=True)


def _month_day(match: re.Match[str]) -> NamedDays | None:
    month = match["month"] or match["month2"] or match["month3"]
    day = match["day"] or match["day2"] or match["plain"]
    if month == "may" and match["month2"] and not match["th"]:
        return None
    return MonthDay(_MONTHS[month], int(day))


def _slashed(match: re.Match[str]) -> NamedDays | None:
    first, second = int(match["first"]), int(match["second"])
    if first <= 12 < second:
        return MonthDay(first, second)
    if second <= 12 < first or first == second:
        return MonthDay(second, first)
    return None


def _iso(match: re.Match[str]) -> NamedDays:
    return MonthDay(int(match["month"]), int(match["day"]), int(match["year"]))


_READERS = (
    (_WEEKDAY, _weekday),
    (_SHORT_WEEKDAY, lambda match: Weekday(_SHORT[match["day"]])),
    (_PERIOD_END, _period_end),
    (_PERIOD, lambda match: Week(1) if match["unit"] == "week" else MonthOn(1)),
    (
        _DAY_OF_MONTH,
        lambda match: DayOfMonth(int(match["day"]), is_bound=_BEFORE[match["pre"]] is Direction.WITHIN),
    ),
    (_MONTH_DAY, _month_day),
)
_FIGURES = ((_SLASHED, _slashed), (_ISO, _iso))
