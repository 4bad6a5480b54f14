"""The Chinese grammar of stated values. Reads the folded text; every repetition is bounded, so time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from qa_service.rule_engine.values.numerals import A_FEW, Range, chinese_ends, chinese_number
from qa_service.rule_engine.values.numerals import CHINESE_NUMERAL as NUM
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_BEFORE = {
    Direction.AT_MOST: ("最多", "最长", "最晚", "最迟", "至多", "不超过", "不会超过", "不高于", "上限", "顶多"),
    Direction.AT_LEAST: ("最少", "至少", "最快", "起码", "不少于", "不低于", "最低"),
    Direction.ABOUT: ("大概", "大约", "差不多", "约", "近"),
}
_AFTER = {
    Direction.WITHIN: ("以内", "之内", "内", "里", "之前", "以前", "前"),
    Direction.AT_MOST: ("封顶", "为限"),
    Direction.AT_LEAST: ("以后", "之后", "后", "以上", "起"),
    Direction.ABOUT: ("左右", "上下"),
}
# 7天之前买的 is told of the past, 7天之前都可以退 is a bound.
_NARRATION = "(?:以前|之前|前)(?!都|均|可以|都能|能|随时)|以来|了"
_WORDS = {word: direction for table in (_BEFORE, _AFTER) for direction, words in table.items() for word in words}

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
    "年": Unit.YEAR,
}


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_PRE = _one_of(tuple(word for words in _BEFORE.values() for word in words))
_POST = _one_of(tuple(word for words in _AFTER.values() for word in words if not word.endswith("前")))
_BOUND = rf"{_POST}|(?:之前|以前|前)(?=都|均|可以|能|随时)"
_FROM_TO = rf"(?P<n1>{NUM})(?:\s?(?:-|~|—|–|至|到|或者?|、)\s?(?P<n2>{NUM}))?(?P<more>[多来几])?\s?"

# Not after 第 (an ordinal), a digit (its tail) or 月 (a date).
_DURATION = re.compile(
    rf"(?:(?P<pre>{_PRE})是?\s?)?(?P<core>(?<![第0-9.月]){_FROM_TO}"
    r"(?P<half>个半)?(?P<ge>个)?多?(?P<unit>分钟|小时|钟头|hours?|hrs|h(?![a-z])|工作日|自然日|天|日|周(?!年)|星期|礼拜|月|年)(?P<plus>半(?!价))?)"
    rf"(?:之?间)?\s?(?P<post>{_BOUND})?(?P<told>{_NARRATION})?"
)
# Not 这几天, 好几天 and the like, which tell of the past or of now.
_A_FEW = re.compile(
    rf"(?:(?P<pre>{_PRE})\s?)?(?P<core>(?<![这那前头近好后零十百千两一第0-9])(?<!最近)几个?(?P<unit>分钟|小时|钟头|工作日|天|周|星期|礼拜|月|年))"
    rf"\s?(?P<post>{_BOUND})?(?P<told>{_NARRATION})?"
)
_NEAR_DAYS = {
    **dict.fromkeys(("今天", "今日", "当天", "当日", "当晚", "今晚"), 1),
    **dict.fromkeys(("明天", "明日", "明早", "明晚", "明儿", "次日", "隔日", "隔天"), 2),
    "后天": 3,
    "大后天": 4,
}
_NEAR = re.compile(rf"(?P<core>{_one_of(tuple(_NEAR_DAYS))})(?P<post>之内|以内|内)?")
_UNLIMITED = re.compile(
    "终身|终生|永久|永远|一辈子|无限期|无期限|没有期限|不限时间|不限时|不限期限|随时|任何时候|任何时间|什么时候都|长期"
)
_IMMEDIATE = re.compile("马上|立刻|立即|立马|即刻|即时|当场|秒(?=[退到赔返发])")
_AMOUNT = re.compile(
    rf"(?:(?P<pre>{_PRE})\s?)?(?P<core>(?:(?:¥|￥|rmb)\s?(?P<n0>{NUM})(?:\s?(?:-|~|到|至)\s?[¥￥]?(?P<to>{NUM}))?"
    rf"|(?<![第0-9.]){_FROM_TO}(?P<unit>元|块钱|块|圆|rmb|人民币|¥)))\s?(?P<post>{_POST})?"
)
# 补您一百五: an amount without a unit, after a verb of paying and before anything that would make it something else.
_BARE_AMOUNT = re.compile(
    rf"(?<=[赔补返退减偿付贴给您你])(?:个|到|了)?(?P<pre>{_PRE})?(?P<core>{_FROM_TO}(?<![几来多\s]))"
    r"(?![0-9.零一二三四五六七八九十百千万天日周月年个件次倍折成%小分点号块元多几来条台份张包盒瓶双套款种只k])"
)
_PERCENT = re.compile(
    rf"(?P<core>百分之(?P<n1>{NUM})(?:(?:-|~|到|至)(?P<to>{NUM}))?|(?<![0-9.])(?P<n2>[0-9]{{1,4}}(?:\.[0-9]{{1,4}})?)"
    rf"(?:%?\s?(?:-|~|到|至)\s?(?P<up>[0-9]{{1,4}}(?:\.[0-9]{{1,4}})?))?\s?%|(?P<all>百分百)|(?<![第0-9.])(?P<n3>{NUM})\s?个点(?![位击心赞评了]))"
)
_MULTIPLE = re.compile(
    rf"(?P<core>(?:假一|退一|少一|缺一|错一)[赔罚补](?P<n1>{NUM})|(?<![第0-9.])(?P<n2>{NUM})\s?倍"
    r"|(?P<double>双倍|翻倍|加倍))"
)


# 八五折 and 85折: the customer pays 85 %. Not a thing that folds (三折伞).
_OFF = re.compile(
    r"(?:(?P<pre>最低|低至|最高)\s?)?(?P<core>(?<![第0-9.一二三四五六七八九十])"
    r"(?P<n1>[1-9][0-9]?(?:\.[0-9])?|[一二三四五六七八九两对半](?:点?[一二三四五六七八九])?)"
    r"(?:\s?(?:-|~|到|至)\s?(?P<n2>[1-9](?:\.[0-9])?|[一二三四五六七八九]))?\s?折)(?![叠伞页痕扇线纸射断腾])(?P<post>起|以上)?"
)


def chinese_quantities(text: str) -> Iterator[Quantity]:
    """All stated values, pattern by pattern; overlaps are left to the caller."""
    for match in _DURATION.finditer(text):
        yield from _duration(match)
    yield from _without_number(text)
    for match in _OFF.finditer(text):
        yield from _off(match)
    for match in _NEAR.finditer(text):
        days = Fraction(_NEAR_DAYS[match["core"]])
        yield _quantity(match, Kind.DURATION, Unit.DAY, (days, days))
    yield from map(_unbounded, _UNLIMITED.finditer(text))
    yield from map(_immediate, _IMMEDIATE.finditer(text))
    for match in _AMOUNT.finditer(text):
        yield from _amount(match)
    for match in _BARE_AMOUNT.finditer(text):
        value = _from_to(match)
        if value is not None and value[0] >= 10:
            yield _quantity(match, Kind.AMOUNT, Unit.CNY, value)
    for match in _PERCENT.finditer(text):
        yield from _share(match)
    for match in _MULTIPLE.finditer(text):
        value = chinese_number(match["n1"] or match["n2"]) if not match["double"] else (Fraction(2), Fraction(2))
        if value is not None:
            yield _quantity(match, Kind.MULTIPLE, Unit.MULTIPLE, value)


def _without_number(text: str) -> Iterator[Quantity]:
    """几天内 and 过几天; 几天 alone asks how long."""
    for match in _A_FEW.finditer(text):
        if not match["told"] and (match["pre"] or match["post"] or text[: match.start("core")].endswith("过")):
            yield replace(_quantity(match, Kind.DURATION, _UNITS[match["unit"]], A_FEW), vague=True)


def _duration(match: re.Match[str]) -> Iterator[Quantity]:
    value = _from_to(match)
    unit = _UNITS[match["unit"]]
    if value is None or match["told"] or not _is_duration(match, unit, value):
        return
    if match["half"] or match["plus"]:
        value = (value[0] + Fraction(1, 2), value[1] + Fraction(1, 2))
    yield _quantity(match, Kind.DURATION, unit, value)


def _is_duration(match: re.Match[str], unit: Unit, value: Range) -> bool:
    """5月 and 2026年 are dates; 一日 without a bound is too often part of a word."""
    if match["unit"] == "月":
        return bool(match["ge"] or match["half"] or match["n1"] in ("半", "个把", "俩", "仨"))
    if unit is Unit.YEAR:
        return value[1] < 100
    return not (match["unit"] == "日" and not match["post"] and not match["n2"])


def _from_to(match: re.Match[str]) -> Range | None:
    ends = chinese_ends(match["n1"], match["n2"])
    if ends is not None and match["more"] == "几":
        return (ends[0] + 1, ends[1] + 9) if ends[0] % 10 == 0 and ends[0] > 0 else None
    return ends


def _amount(match: re.Match[str]) -> Iterator[Quantity]:
    if match["n0"]:
        value = chinese_ends(match["n0"], match["to"])
    else:
        value = _from_to(match)
        # 一块 is far more often a piece or "together" than a sum.
        if match["unit"] == "块" and match["n1"] in ("一", "半") and not match["n2"]:
            return
    if value is not None:
        yield _quantity(match, Kind.AMOUNT, Unit.CNY, value)


def _off(match: re.Match[str]) -> Iterator[Quantity]:
    """八折 is 20 % off; 七八折 20 to 30 %. The lowest price (最低八折, 八折起) is the highest discount."""
    ends = [_price_percent(match["n1"])] + ([_price_percent(match["n2"])] if match["n2"] else [])
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    stated = _quantity(match, Kind.PERCENT, Unit.PERCENT, (100 - high, 100 - low), bounds=False)
    is_lowest = match["pre"] in ("最低", "低至") or bool(match["post"])
    yield replace(stated, direction=Direction.AT_MOST if is_lowest else Direction.EXACT)


def _price_percent(text: str) -> Range:
    """What is paid of a hundred: 8 and 八 are 80, 85, 8.5 and 八五 are 85, 七八 is 70…80."""
    if text[0] in "对半":
        return Fraction(50), Fraction(50)
    if text[0].isascii():
        number = Fraction(text)
        paid = number * 10 if number < 10 else number
        return paid, paid
    digits = [Fraction("零一二三四五六七八九".index("二" if char == "两" else char)) for char in text if char != "点"]
    if len(digits) == 1:
        return digits[0] * 10, digits[0] * 10
    if digits[1] == digits[0] + 1 and "点" not in text:
        return digits[0] * 10, digits[1] * 10
    return digits[0] * 10 + digits[1], digits[0] * 10 + digits[1]


def _share(match: re.Match[str]) -> Iterator[Quantity]:
    value = (
        (Fraction(100), Fraction(100))
        if match["all"]
        else chinese_ends(match["n1"] or match["n2"] or match["n3"], match["to"] or match["up"])
    )
    if value is not None:
        yield _quantity(match, Kind.PERCENT, Unit.PERCENT, value)


def _unbounded(match: re.Match[str]) -> Quantity:
    start, end = match.span()
    return Quantity(
        kind=Kind.UNLIMITED, unit=Unit.UNLIMITED, low=None, high=None, direction=Direction.EXACT,
        start=start, end=end, outer_start=start, outer_end=end,
    )  # fmt: skip


def _immediate(match: re.Match[str]) -> Quantity:
    start, end = match.span()
    return Quantity(
        kind=Kind.IMMEDIATE, unit=Unit.DAY, low=Fraction(0), high=Fraction(0), direction=Direction.EXACT,
        start=start, end=end, outer_start=start, outer_end=end,
    )  # fmt: skip


def _quantity(match: re.Match[str], kind: Kind, unit: Unit, value: Range, *, bounds: bool = True) -> Quantity:
    groups = match.groupdict()
    before, after = (groups.get("pre"), groups.get("post")) if bounds else (None, None)
    direction = _WORDS[before or after] if (before or after) else Direction.EXACT  # type: ignore[index]
    if direction is Direction.EXACT and groups.get("more"):
        direction = Direction.ABOUT
    start, end = match.span("core")
    return Quantity(
        kind=kind, unit=unit, low=value[0], high=value[1], direction=direction,
        start=start, end=end,
        outer_start=match.start("pre") if before else start, outer_end=match.end("post") if after else end,
    )  # fmt: skip
