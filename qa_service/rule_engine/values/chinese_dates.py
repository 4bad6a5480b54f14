"""The Chinese grammar of named days: 下周三, 周五前, 月底, 12号. Reads the folded text; time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.rule_engine.values.dates import (
    DayOfMonth,
    MonthDay,
    MonthEnd,
    MonthOn,
    Week,
    Weekday,
    YearEnd,
    named_days,
)
from qa_service.rule_engine.values.numerals import chinese_number
from qa_service.rule_engine.values.quantity import Direction, NamedDays, Quantity

_BEFORE = {
    **dict.fromkeys(("最晚", "最迟", "不晚于"), Direction.AT_MOST),
    **dict.fromkeys(("最快", "最早"), Direction.AT_LEAST),
    **dict.fromkeys(("大概", "大约", "差不多"), Direction.ABOUT),
}
_AFTER = {
    **dict.fromkeys(("之前", "以前", "前", "之内", "以内", "内"), Direction.WITHIN),
    **dict.fromkeys(("之后", "以后", "后", "起", "开始"), Direction.AT_LEAST),
    "左右": Direction.ABOUT,
}
_PRE = rf"(?:(?P<pre>{'|'.join(_BEFORE)})\s?)?"
# 周三发的, 12号已经寄了 tell what was; 周五能到的 and 12号一定发的 promise.
_TOLD = r"(?!\s?[^，。！？；\s]{0,3}已)(?!\s?[^，。！？；\s能会可一肯保必准定给]{1,4}[的了过])"
_POST = rf"(?P<post>{'|'.join(_AFTER)})?{_TOLD}"

_NUMBER = "[0-9]{1,2}|[一二三四五六七八九十]{1,3}"
_WEEK_WORD = "周|星期|礼拜"
_WEEKS = {"下下个": 2, "下下": 2, "下个": 1, "下": 1, "本": 0, "这个": 0, "这": 0}
_WEEK_ON = "下下个|下下|下个|下|本|这个|这"
_DAYS = {**{char: number for number, char in enumerate("一二三四五六日")}, "天": 6, "末": 6}
# 每周三 and 周一至周五 are no day, 下周一定 is no Monday.
_WEEKDAY = re.compile(
    rf"{_PRE}(?P<core>(?<![每逢第0-9一二两三四五六七八九十个至到~、-])(?P<week>{_WEEK_ON}|上上个?|上个?)?(?:{_WEEK_WORD})"
    rf"(?P<day>[二三四五六日天末]|一(?![般直定样起边次切旦共])))(?!\s?[至到~、-]\s?(?:{_WEEK_WORD})?[一二三四五六日天末]){_POST}"
)
_WEEK = re.compile(rf"{_PRE}(?P<core>(?<!上)(?P<week>{_WEEK_ON})(?:{_WEEK_WORD})){_POST}")
_MONTHS = {"下个月": 1, "下月": 1, "本月": 0, "这个月": 0, "这月": 0, "当月": 0}
_MONTH_ON = "|".join(_MONTHS)
_MONTH_END = re.compile(
    rf"{_PRE}(?P<core>(?:(?P<months>{_MONTH_ON})|(?<![0-9.])(?P<month>{_NUMBER})月份?|(?<![0-9一二三四五六七八九十个上下每])月)[底末]){_POST}"
)
_MONTH = re.compile(rf"{_PRE}(?P<core>下个?月)(?!份?\s?[0-9一二三四五六七八九十底末初中]){_POST}")
_YEAR_END = re.compile(rf"{_PRE}(?P<core>(?<![去前明后0-9])年底){_POST}")
# Of 3号到5号 and 3-5号 the last day counts. 3号楼, 12号链接 are things. Without a month 5日 is as often five days.
_THING = "楼线仓店门码链床房客机桌柜院馆厅色颜款桥令召称商池钢字货单位员"
_DAY = re.compile(
    rf"{_PRE}(?P<core>(?<![0-9.#a-z第年])(?:(?:(?P<year>20[0-9]{{2}})年)?(?P<month>{_NUMBER})月(?:份的?)?|(?P<months>{_MONTH_ON}))?的?\s?"
    rf"(?<![0-9.#工编单尾型序账楼])(?P<day>{_NUMBER})(?:号|(?<=[月0-9一二三四五六七八九十])日))"
    rf"(?![{_THING}])(?!\s?[至到~-]\s?(?:{_NUMBER})[号日]){_POST}"
)
# 2026-11-30 in any language; 11/30 only with a bound (11/30前): else it is as often a part or a size.
_ISO = re.compile(
    rf"{_PRE}(?P<core>(?<![0-9./-])(?:(?P<year>20[0-9]{{2}})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}))(?![0-9./-]*[0-9]))"
    rf"{_POST}"
)
_FIGURE = re.compile("[0-9][-/.][0-9]")
_SLASHED = re.compile(rf"{_PRE}(?P<core>(?<![0-9./-])(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})(?![0-9/])){_POST}")


def chinese_days(text: str) -> Iterator[Quantity]:
    """All named days, pattern by pattern; overlaps are left to the caller."""
    for pattern, read in (*_READERS, *(_FIGURES if _FIGURE.search(text) else ())):
        for match in pattern.finditer(text):
            days = read(match)
            if days is not None:
                yield _quantity(match, days)


def _weekday(match: re.Match[str]) -> NamedDays | None:
    week = match["week"]
    if week is None:
        return Weekday(_DAYS[match["day"]])
    return Weekday(_DAYS[match["day"]], _WEEKS[week]) if week in _WEEKS else None


def _week(match: re.Match[str]) -> NamedDays:
    return Week(_WEEKS[match["week"]])


def _month_end(match: re.Match[str]) -> NamedDays | None:
    if match["month"] is None:
        return MonthOn(_MONTHS.get(match["months"], 0), is_end=True)
    month = _number(match["month"])
    return MonthEnd(month) if month is not None else None


def _day(match: re.Match[str]) -> NamedDays | None:
    day = _number(match["day"])
    if day is None or (match["core"].endswith("日") and not (match["month"] or match["months"])):
        return None
    if match["month"]:
        month = _number(match["month"])
        return None if month is None else MonthDay(month, day, int(match["year"]) if match["year"] else None)
    if match["months"]:
        return DayOfMonth(day, _MONTHS[match["months"]])
    return DayOfMonth(day, is_bound=_direction(match) in (Direction.WITHIN, Direction.AT_MOST))


def _iso(match: re.Match[str]) -> NamedDays:
    return MonthDay(int(match["month"]), int(match["day"]), int(match["year"]))


def _slashed(match: re.Match[str]) -> NamedDays | None:
    return MonthDay(int(match["month"]), int(match["day"])) if match["pre"] or match["post"] else None


def _number(text: str) -> int | None:
    value = chinese_number(text)
    return int(value[0]) if value is not None and value[0] == value[1] else None


def _direction(match: re.Match[str]) -> Direction:
    if match["pre"]:
        return _BEFORE[match["pre"]]
    return _AFTER[match["post"]] if match["post"] else Direction.EXACT


def _quantity(match: re.Match[str], days: NamedDays) -> Quantity:
    core = match.span("core")
    start = match.start("pre") if match["pre"] else core[0]
    return named_days(days, _direction(match), core, (start, match.end("post") if match["post"] else core[1]))


_READERS = (
    (_WEEKDAY, _weekday),
    (_WEEK, _week),
    (_MONTH_END, _month_end),
    (_MONTH, lambda _: MonthOn(1)),
    (_YEAR_END, lambda _: YearEnd()),
    (_DAY, _day),
)
_FIGURES = ((_ISO, _iso), (_SLASHED, _slashed))
