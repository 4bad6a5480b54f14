"""The Chinese words that bound a value (最多, 以内), around the patterns of values. Owns no values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.rule_engine.values.numerals import CHINESE_NUMERAL as NUM
from qa_service.rule_engine.values.numerals import Range, chinese_ends, is_vague
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_BEFORE = {
    Direction.AT_MOST: (
        "最多", "最长", "最晚", "最迟", "最慢", "至多", "不超过", "不会超过", "不能超过", "不得超过", "没超过", "未超过", "不高于",
        "上限", "顶多", "少于", "低于", "不到", "不足", "不出", "用不了", "要不了",
    ),
    Direction.AT_LEAST: ("最少", "至少", "最快", "起码", "不少于", "不低于", "最低", "超过", "多于", "高于"),
    Direction.ABOUT: ("大概", "大约", "差不多", "约", "近"),
}  # fmt: skip
_AFTER = {
    Direction.WITHIN: ("以内", "之内", "内", "里", "之前", "以前", "前"),
    Direction.AT_MOST: ("封顶", "为限", "以下", "之下"),
    Direction.AT_LEAST: ("以后", "之后", "后", "以上", "起", "打底"),
    Direction.ABOUT: ("左右", "上下"),
}
_DIRECTIONS = {word: direction for table in (_BEFORE, _AFTER) for direction, words in table.items() for word in words}
_DIRECTIONS["+"] = Direction.AT_LEAST


def one_of(words: tuple[str, ...]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


PRE = one_of(tuple(word for words in _BEFORE.values() for word in words))
LINK = r"(?:[也都就只还才]{0,2}(?:需要|[是要得需等用花赔补退返给减]){0,2}[您你]?)"
"""What may stand between a bound and its value: 最快也要3天, 最多赔您50元."""
POST = one_of(tuple(word for words in _AFTER.values() for word in words if not word.endswith("前"))) + r"|\+(?![0-9])"
FROM_TO = rf"(?P<n1>{NUM})(?:\s?(?:-|~|—|–|至|到|或者?|、)\s?(?P<n2>{NUM}))?(?P<more>[多来几])?\s?"
"""One numeral or two, as `from_to` reads them."""


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern with `FROM_TO`; where 、 joins falling numbers (8、7天) the first is a list's, and left out."""
    for match in pattern.finditer(text):
        if match["n2"] and from_to(match) is None and text[match.end("n1") : match.start("n2")].strip() == "、":
            yield pattern.match(text, match.start("n2")) or match
        else:
            yield match


def from_to(match: re.Match[str]) -> Range | None:
    """The ends that `FROM_TO` names; None if there is no number in it."""
    ends = chinese_ends(match["n1"], match["n2"])
    if ends is not None and match["more"] == "几":
        return (ends[0] + 1, ends[1] + 9) if ends[0] % 10 == 0 and ends[0] > 0 else None
    return ends


def stated(match: re.Match[str], kind: Kind, unit: Unit, value: Range, *, bounds: bool = True) -> Quantity:
    """The quantity of a match with `core` and perhaps `pre`, `post` and `more`."""
    groups = match.groupdict()
    before, after = (groups.get("pre"), groups.get("post")) if bounds else (None, None)
    direction = _DIRECTIONS[before or after] if (before or after) else Direction.EXACT  # type: ignore[index]
    first = groups.get("n1") or ""
    if direction is Direction.EXACT and first.startswith("上"):
        direction = Direction.AT_LEAST
    if direction is Direction.EXACT and groups.get("more"):
        direction = Direction.ABOUT
    start, end = match.span("core")
    return Quantity(
        kind=kind, unit=unit, low=value[0], high=value[1], direction=direction,
        start=start, end=end,
        outer_start=match.start("pre") if before else start, outer_end=match.end("post") if after else end,
        vague=bool(first) and first[0] != "上" and is_vague(first),
    )  # fmt: skip


def fixed(match: re.Match[str], kind: Kind, unit: Unit, value: Range | None) -> Quantity:
    """The quantity of a whole match, exact; without `value` it has no ends."""
    low, high = value or (None, None)
    start, end = match.span()
    return Quantity(
        kind=kind, unit=unit, low=low, high=high, direction=Direction.EXACT,
        start=start, end=end, outer_start=start, outer_end=end,
    )  # fmt: skip
