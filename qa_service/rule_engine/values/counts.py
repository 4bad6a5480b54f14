"""How many: 3次, 两个赠品, 3 gifts. Reads the folded text in both languages; time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.rule_engine.values import chinese_bounds, english_bounds
from qa_service.rule_engine.values.quantity import Kind, Quantity, Unit

# 个 counts anything but time and shares; a measure word at the beginning of another word counts nothing (一次性, 三本书店).
_MEASURES = (
    r"个(?![半月多来]|小时|钟头|星期|礼拜|工作日|自然日|季度|点(?![心读])|百分点)|次(?![性要品日数])|件|份|张|条(?!件)|台|包(?![装裹邮退赔])"
    r"|盒|瓶|双(?!倍)|套|款(?!式)|种|只(?![能要有是])|支(?![持付])|片|颗|袋|箱|罐|本(?![店人来])|把|枚|组|对(?![不的吗])"
    r"|辆|顶|根(?!据)|桶|杯|粒|副(?!作用|总)|遍|趟|单(?![独价号])"
)
_CHINESE = re.compile(
    rf"(?:(?P<pre>{chinese_bounds.PRE}){chinese_bounds.LINK}\s?)?"
    rf"(?P<core>(?<![第0-9.这那每某上下哪几月]){chinese_bounds.FROM_TO}(?:{_MEASURES}))(?P<post>{chinese_bounds.POST})?"
)
_THINGS = (
    r"times|gifts?|items?|pieces?|pcs|units?|repairs?|replacements?|vouchers?|coupons?|samples?|refunds?|exchanges?|returns?"
    r"|visits?|sets?|pairs?|packs?|packages?|parcels?|boxes|box|bottles?|bags?|copies|copy|products?|freebies|freebie"
)
_ENGLISH = re.compile(
    rf"(?:\b(?P<pre>{english_bounds.PRE_OF_NUMBERS})\s{english_bounds.LINK})?(?P<core>(?<![a-z0-9.,$€£]){english_bounds.FROM_TO}[\s-]?"
    rf"(?:(?:free|extra|more|additional|bonus|complimentary|new|small|little)\s){{0,2}}(?:{_THINGS})(?![a-z]))"
)


def chinese_counts(text: str) -> Iterator[Quantity]:
    """Numbers before a measure word. Not 第三次, 这两个."""
    for match in chinese_bounds.matches(_CHINESE, text):
        value = chinese_bounds.from_to(match)
        if value is not None:
            yield chinese_bounds.stated(match, Kind.COUNT, Unit.COUNT, value)


def english_counts(text: str) -> Iterator[Quantity]:
    """Numbers before a thing that shops give, mend or send."""
    for match in _ENGLISH.finditer(text):
        value = english_bounds.from_to(match)
        if value is not None:
            yield english_bounds.stated(match, Kind.COUNT, Unit.COUNT, value)
