"""The Chinese grammar of time spans. Reads the folded text; every repetition is bounded, so time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from qa_service.rule_engine.values.chinese_bounds import (
    FROM_TO,
    LINK,
    POST,
    PRE,
    fixed,
    from_to,
    matches,
    one_of,
    stated,
)
from qa_service.rule_engine.values.numerals import A_FEW, Range
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

# 7天之前买的 is told of the past, 7天之前都可以退 is a bound.
_NARRATION = "(?:以前|之前|前)(?!都|均|可以|都能|能|随时)|以来|了"
_UNITS = {
    "分钟": Unit.MINUTE,
    "小时": Unit.HOUR,
    "钟头": Unit.HOUR,
    "hours": Unit.HOUR,
    "hour": Unit.HOUR,
    "hrs": Unit.HOUR,
    "h": Unit.HOUR,
    "工作日": Unit.WORKDAY,
    "自然日": Unit.DAY,
    "天": Unit.DAY,
    "日": Unit.DAY,
    "周": Unit.WEEK,
    "星期": Unit.WEEK,
    "礼拜": Unit.WEEK,
    "月": Unit.MONTH,
    "季度": Unit.MONTH,
    "年": Unit.YEAR,
}
_TIMES = {"季度": 3}
_BOUND = rf"{POST}|(?:之前|以前|前)(?=都|均|可以|能|随时)"
# Not after 第 (an ordinal), a digit (its tail) or 月 (a date).
_DURATION = re.compile(
    rf"(?:(?P<pre>{PRE}){LINK}\s?)?(?P<core>(?<![第0-9.月]){FROM_TO}\+?"
    r"(?P<half>个半)?(?P<ge>个)?(?P<over>[多来])?(?P<unit>分钟|小时|钟头|hours?|hrs|h(?![a-z])|工作日|自然日|天|日|周(?!年)|星期|礼拜|月|季度|年)"
    r"(?P<plus>半(?!价))?)"
    rf"(?:之?间)?\s?(?P<post>{_BOUND})?(?P<told>{_NARRATION})?"
)
# Not 这几天, 好几天 and the like, which tell of the past or of now.
_A_FEW = re.compile(
    rf"(?:(?P<pre>{PRE}){LINK}\s?)?(?P<core>(?<![这那前头近好后零十百千两一第0-9])(?<!最近)几个?(?P<unit>分钟|小时|钟头|工作日|天|周|星期|礼拜|月|年))"
    rf"\s?(?P<post>{_BOUND})?(?P<told>{_NARRATION})?"
)
_HALF_MONTH = re.compile(
    rf"(?:(?P<pre>{PRE}){LINK}\s?)?(?P<core>(?<![0-9第二三四五六七八九])十天半个?月)\s?(?P<post>{_BOUND})?"
)
_NEAR_DAYS = {
    **dict.fromkeys(("今天", "今日", "当天", "当日", "当晚", "今晚"), 1),
    **dict.fromkeys(("明天", "明日", "明早", "明晚", "明儿", "次日", "隔日", "隔天"), 2),
    "后天": 3,
    "大后天": 4,
}
_NEAR = re.compile(rf"(?P<core>{one_of(tuple(_NEAR_DAYS))})(?P<post>之内|以内|内)?")
_UNLIMITED = re.compile(
    "终身|终生|永久|永远|一辈子|无限期|无期限|没有期限|不限时间|不限时|不限期限|随时|任何时候|任何时间|什么时候都|长期"
)
_IMMEDIATE = re.compile("马上|立刻|立即|立马|即刻|即时|当场|秒(?=[退到赔返发])")


def chinese_durations(text: str) -> Iterator[Quantity]:
    """All time spans, pattern by pattern; overlaps are left to the caller."""
    for match in matches(_DURATION, text):
        yield from _duration(match)
    yield from _without_number(text)
    for match in _HALF_MONTH.finditer(text) if "十天半" in text else ():
        found = stated(match, Kind.DURATION, Unit.DAY, (Fraction(10), Fraction(15)))
        yield replace(found, direction=Direction.ABOUT) if found.direction is Direction.EXACT else found
    for match in _NEAR.finditer(text):
        days = Fraction(_NEAR_DAYS[match["core"]])
        yield stated(match, Kind.DURATION, Unit.DAY, (days, days))
    for match in _UNLIMITED.finditer(text):
        yield fixed(match, Kind.UNLIMITED, Unit.UNLIMITED, None)
    for match in _IMMEDIATE.finditer(text):
        yield fixed(match, Kind.IMMEDIATE, Unit.DAY, (Fraction(0), Fraction(0)))


def _without_number(text: str) -> Iterator[Quantity]:
    """几天内 and 过几天; 几天 alone asks how long."""
    for match in _A_FEW.finditer(text):
        if not match["told"] and (match["pre"] or match["post"] or text[: match.start("core")].endswith("过")):
            yield replace(stated(match, Kind.DURATION, _UNITS[match["unit"]], A_FEW), vague=True)


def _duration(match: re.Match[str]) -> Iterator[Quantity]:
    value = from_to(match)
    unit = _UNITS[match["unit"]]
    if value is None or match["told"] or not _is_duration(match, unit, value):
        return
    if match["half"] or match["plus"]:
        value = (value[0] + Fraction(1, 2), value[1] + Fraction(1, 2))
    times = _TIMES.get(match["unit"], 1)
    found = stated(match, Kind.DURATION, unit, (value[0] * times, value[1] * times))
    if found.direction is Direction.EXACT and "+" in match["core"]:
        found = replace(found, direction=Direction.AT_LEAST)
    elif found.direction is Direction.EXACT and match["over"]:
        found = replace(found, direction=Direction.ABOUT)
    yield found


def _is_duration(match: re.Match[str], unit: Unit, value: Range) -> bool:
    """5月 and 2026年 are dates; 一日 without a bound is too often part of a word."""
    if match["unit"] == "月":
        return bool(match["ge"] or match["half"] or match["n1"] in ("半", "个把", "俩", "仨"))
    if unit is Unit.YEAR:
        return value[1] < 100
    return not (match["unit"] == "日" and not match["post"] and not match["n2"])
