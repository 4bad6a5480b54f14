"""The Chinese grammar of amounts, percentages and multiples. Reads the folded text; time is linear."""

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
from qa_service.rule_engine.values.numerals import CHINESE_NUMERAL as NUM
from qa_service.rule_engine.values.numerals import Range, chinese_ends, chinese_number
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_CURRENCIES = {
    **dict.fromkeys(("元", "块钱", "块", "圆", "rmb", "人民币", "¥"), Unit.CNY),
    **dict.fromkeys(("美元", "美金", "美刀", "刀"), Unit.USD),
    **dict.fromkeys(("欧元", "欧"), Unit.EUR),
    **dict.fromkeys(("英镑", "镑"), Unit.GBP),
    **dict.fromkeys(("港币", "港元", "港纸"), Unit.HKD),
    **dict.fromkeys(("台币", "新台币"), Unit.TWD),
    **dict.fromkeys(("日元", "日币"), Unit.JPY),
    **dict.fromkeys(("韩元", "韩币"), Unit.KRW),
    **dict.fromkeys(("澳元", "澳币"), Unit.AUD),
    **dict.fromkeys(("加元", "加币"), Unit.CAD),
    "新币": Unit.SGD,
}
# 刀 and 欧 are also a knife and part of names.
_CURRENCY = (
    one_of(tuple(name for name in _CURRENCIES if name not in ("刀", "欧")))
    + "|刀(?![具片口刃头架子法工])|欧(?![洲式美元派])"
)
# 五块五, 9块9毛; not 五块五件.
_DIME = (
    r"(?P<dime>[0-9一二三四五六七八九])(?:[毛角]|(?![0-9.零一二三四五六七八九十百千万])"
    r"(?!\s?[天日周月年个件次倍折%小分号元块多几来条台份张盒瓶双套款种只片支颗]|\s?包(?!邮)))"
)
_AMOUNT = re.compile(
    rf"(?:(?P<pre>{PRE}){LINK}\s?)?(?P<core>(?:(?:¥|￥|rmb)\s?(?P<n0>{NUM})(?:\s?(?:-|~|到|至)\s?[¥￥]?(?P<to>{NUM}))?"
    rf"|(?<![第0-9.]){FROM_TO}\+?(?P<unit>{_CURRENCY})(?:(?<=块){_DIME})?))\s?(?P<post>{POST})?"
)
_COINS = re.compile(
    r"(?P<core>(?<![第0-9.零一二三四五六七八九十块])(?P<n1>[0-9一二两三四五六七八九])(?:毛钱?(?![衣巾绒病重利孩坯线笔刺不])|角(?![度落色斗膜质])))"
)
# What is counted is no money (补您100积分): a number without a unit ends its clause, or a word of money or courtesy follows.
_NO_UNIT = (
    r"(?=\s?(?:$|[^\w\s%％°℃/+*#$€£¥￥-]|[吧哦噢喔了呢哈啊呀嘛啦哟吗么嘞咯行可我您你咱都就也先给没是够能会怎]|到(?![0-9])|好(?![评友货物])|不(?:$|\W)|以?[内上下]?左右|以内|上下"
    r"|红包|现金|补偿|赔偿|赔付|补贴|差价|优惠|券|无门槛|运费|邮费|话费|作为|当作|当做|算是|算了|如何|支付宝|微信|然后|因为|成[吗不]"
    r"|私[了下]|封口|解决|处理|息事|消消|意思|打[款底住]|起(?!来)|呗|别|同意|满意|撤|删|差额|剩|另外|再|今天|明天|马上|这(?:钱|事|件事)"
    r"|[的](?:$|\W|红包|现金|补偿|赔偿|补贴|差价|优惠|券|无门槛|运费|话费|[哦吧呢哈啊呀吗]))"
    r"|\s(?![0-9a-z多几来天日周月年个件次倍折成小分点号元块条台份张包盒瓶双套款种只颗片支克斤寸米升毫码枚袋箱本对位人]))"
)
_PAYS = r"(?:(?<=[赔补返退减偿付贴给您你])|(?<=返现|红包|现金))"
# 补您一百五: an amount without a unit, after a verb of paying.
_BARE_AMOUNT = re.compile(
    rf"{_PAYS}(?:个|到|了)?(?P<pre>{PRE})?(?P<core>(?<![0-9.]){FROM_TO}(?<![几来多\s]))(?P<post>左右|以内|上下|以上)?{_NO_UNIT}"
)
# 两千五赔您, 1k补给您: before the verb only what can be no other number.
_BARE_BEFORE = re.compile(
    r"(?P<core>(?<![第0-9.a-z号单])(?P<n1>[0-9]{1,4}(?:\.[0-9])?[kw千万]|[一二两三四五六七八九][百千万][零一二三四五六七八九十百千]{0,6}))"
    r"(?=\s?(?:直接|全部|马上|现在)?[赔补返退](?:付|偿|给|还|现)?[给您你])"
)
_MONEY_THING = re.compile(
    rf"(?P<core>(?<![第0-9.a-z])(?P<n1>{NUM}))(?<!\s)(?=的?(?:红包|优惠券|代金券|现金券|抵扣券|无门槛|现金(?!流)))"
)
_PERCENT = re.compile(
    rf"(?P<core>百分之(?P<n1>{NUM})(?:(?:-|~|到|至)(?P<to>{NUM}))?|千分之(?P<mille>{NUM})|(?<![0-9.])(?P<n2>[0-9]{{1,4}}(?:\.[0-9]{{1,4}})?)"
    rf"(?:%?\s?(?:-|~|到|至)\s?(?P<up>[0-9]{{1,4}}(?:\.[0-9]{{1,4}})?))?\s?%|(?P<all>百分百)|(?P<half>半价)"
    rf"|(?<![第0-9.])(?P<n3>{NUM})\s?个(?:百分点|点(?![位击心赞评了])))"
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
_LEAST_BARE = 10


def chinese_money(text: str) -> Iterator[Quantity]:
    """All amounts and shares, pattern by pattern; overlaps are left to the caller."""
    for match in matches(_AMOUNT, text):
        yield from _amount(match)
    for match in _COINS.finditer(text):
        low, high = chinese_number(match["n1"]) or (Fraction(0), Fraction(0))
        yield stated(match, Kind.AMOUNT, Unit.CNY, (low / 10, high / 10))
    for pattern in (_BARE_AMOUNT, _BARE_BEFORE, _MONEY_THING):
        for match in pattern.finditer(text):
            yield from _bare(match)
    for match in _OFF.finditer(text):
        yield from _off(match)
    for match in _PERCENT.finditer(text):
        yield from _share(match)
    for match in _MULTIPLE.finditer(text):
        value = chinese_number(match["n1"] or match["n2"]) if not match["double"] else (Fraction(2), Fraction(2))
        if value is not None:
            yield stated(match, Kind.MULTIPLE, Unit.MULTIPLE, value)


def _amount(match: re.Match[str]) -> Iterator[Quantity]:
    if match["n0"]:
        value = chinese_ends(match["n0"], match["to"])
    else:
        value = from_to(match)
        # 一块 is far more often a piece or "together" than a sum.
        if match["unit"] == "块" and match["n1"] in ("一", "半") and not match["n2"] and not match["dime"]:
            return
    if value is None:
        return
    if match["dime"]:
        dimes = (chinese_number(match["dime"]) or value)[0] / 10
        value = (value[0] + dimes, value[1] + dimes)
    found = stated(match, Kind.AMOUNT, _CURRENCIES.get(match["unit"], Unit.CNY), value)
    is_open = found.direction is Direction.EXACT and "+" in match["core"]
    yield replace(found, direction=Direction.AT_LEAST) if is_open else found


def _bare(match: re.Match[str]) -> Iterator[Quantity]:
    """Sums from ten on, and with cents (补您9.9): 给您3 is too often a number of things."""
    value = from_to(match) if "more" in match.groupdict() else chinese_ends(match["n1"], None)
    if value is not None and (value[0] >= _LEAST_BARE or value[0].denominator != 1):
        yield stated(match, Kind.AMOUNT, Unit.CNY, value)


def _off(match: re.Match[str]) -> Iterator[Quantity]:
    """八折 is 20 % off; 七八折 20 to 30 %. The lowest price (最低八折, 八折起) is the highest discount."""
    ends = [_price_percent(match["n1"])] + ([_price_percent(match["n2"])] if match["n2"] else [])
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    found = stated(match, Kind.PERCENT, Unit.PERCENT, (100 - high, 100 - low), bounds=False)
    is_lowest = match["pre"] in ("最低", "低至") or bool(match["post"])
    yield replace(found, direction=Direction.AT_MOST if is_lowest else Direction.EXACT)


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
    if match["all"] or match["half"]:
        whole = Fraction(100 if match["all"] else 50)
        yield fixed(match, Kind.PERCENT, Unit.PERCENT, (whole, whole))
        return
    value = chinese_ends(match["n1"] or match["n2"] or match["n3"] or match["mille"], match["to"] or match["up"])
    if value is not None:
        part = 10 if match["mille"] else 1
        yield stated(match, Kind.PERCENT, Unit.PERCENT, (value[0] / part, value[1] / part))
