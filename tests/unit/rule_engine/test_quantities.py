"""Stated values are found in all the forms that people write."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.rule_engine.values.compare import Entitlement, Operator, Verdict, compares, verdict
from qa_service.rule_engine.values.extract import extract_quantities
from qa_service.rule_engine.values.numerals import chinese_number, english_number
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

F = Fraction


@pytest.mark.parametrize(
    ("text", "words", "low", "high", "unit"),
    [
        ("亲，七天内可以退", "七天", 7, 7, "day"),
        ("7 天", "7 天", 7, 7, "day"),
        ("柒天", "柒天", 7, 7, "day"),
        ("两周", "两周", 2, 2, "week"),
        ("半个月", "半个月", F(1, 2), F(1, 2), "month"),
        ("一个半月", "一个半月", F(3, 2), F(3, 2), "month"),
        ("一年半", "一年半", F(3, 2), F(3, 2), "year"),
        ("三五天", "三五天", 3, 5, "day"),
        ("七八天", "七八天", 7, 8, "day"),
        ("十几天", "十几天", 11, 19, "day"),
        ("3-5个工作日", "3-5个工作日", 3, 5, "workday"),
        ("3到5天", "3到5天", 3, 5, "day"),
        ("24h到", "24h", 24, 24, "hour"),
        ("当天发", "当天", 1, 1, "day"),
        ("大后天到", "大后天", 4, 4, "day"),
        ("两百块", "两百块", 200, 200, "CNY"),
        ("赔您一百五", "一百五", 150, 150, "CNY"),
        ("一千零五十元", "一千零五十元", 1050, 1050, "CNY"),
        ("两万三千元", "两万三千元", 23000, 23000, "CNY"),
        ("1k元", "1k元", 1000, 1000, "CNY"),
        ("1.5万元", "1.5万元", 15000, 15000, "CNY"),
        ("￥50", "￥50", 50, 50, "CNY"),
        ("百分之十", "百分之十", 10, 10, "percent"),
        ("10%", "10%", 10, 10, "percent"),
        ("百分百", "百分百", 100, 100, "percent"),
        ("假一赔十", "假一赔十", 10, 10, "multiple"),
        ("3倍", "3倍", 3, 3, "multiple"),
        ("双倍", "双倍", 2, 2, "multiple"),
        ("马上退", "马上", 0, 0, "day"),
        ("within 30 days", "30 days", 30, 30, "day"),
        ("a five-year guarantee", "five-year", 5, 5, "year"),
        ("3-5 business days", "3-5 business days", 3, 5, "workday"),
        ("a week", "a week", 1, 1, "week"),
        ("half an hour", "half an hour", F(1, 2), F(1, 2), "hour"),
        ("a couple of weeks", "a couple of weeks", 2, 2, "week"),
        ("twenty-five days", "twenty-five days", 25, 25, "day"),
        ("two hundred dollars", "two hundred dollars", 200, 200, "USD"),
        ("one thousand euros", "one thousand euros", 1000, 1000, "EUR"),
        ("$1,000", "$1,000", 1000, 1000, "USD"),
        ("£1.5k", "£1.5k", 1500, 1500, "GBP"),
        ("5 to 10 percent", "5 to 10 percent", 5, 10, "percent"),
        ("3x", "3x", 3, 3, "multiple"),
        ("triple", "triple", 3, 3, "multiple"),
        ("tomorrow", "tomorrow", 2, 2, "day"),
        ("instantly", "instantly", 0, 0, "day"),
    ],
    ids=str,
)
def test_a_value_is_read(text: str, words: str, low: Fraction, high: Fraction, unit: str) -> None:
    found = extract_quantities(text)

    assert [(text[q.start : q.end], q.low, q.high, q.unit) for q in found] == [(words, low, high, unit)]


@pytest.mark.parametrize(
    ("text", "direction", "outer"),
    [
        ("最多七天", "at_most", "最多七天"),
        ("不超过十五天", "at_most", "不超过十五天"),
        ("七天以内", "within", "七天以内"),
        ("最快3天", "at_least", "最快3天"),
        ("3天起", "at_least", "3天起"),
        ("大概三天", "about", "大概三天"),
        ("2-3天左右", "about", "2-3天左右"),
        ("十来天", "about", "十来天"),
        ("up to 7 days", "at_most", "up to 7 days"),
        ("within 7 days", "within", "within 7 days"),
        ("at least 7 days", "at_least", "at least 7 days"),
        ("by tomorrow", "within", "by tomorrow"),
        ("7 days", "exact", "7 days"),
    ],
    ids=str,
)
def test_a_bound_belongs_to_the_value(text: str, direction: str, outer: str) -> None:
    (found,) = extract_quantities(text)

    assert (found.direction, text[found.outer_start : found.outer_end]) == (direction, outer)


@pytest.mark.parametrize("text", ["终身保修", "随时退", "lifetime warranty", "any time"], ids=str)
def test_without_limit_is_a_value_without_ends(text: str) -> None:
    (found,) = extract_quantities(text)

    assert (found.kind, found.low, found.high) == (Kind.UNLIMITED, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "第三天", "3天前申请的", "都五天了", "2026年", "一块手表", "几天", "五三天", "二百百天", "一日之计", "补您5",
        "5-3元", "百分之五五", "五五倍", "赔您五五",
        "零几天", "5-3天", "一二三天", "3 days ago", "10 to 5 days", "five five days", "七", "days", "5-3 percent",
        "ten five percent", "five twenty dollars", "five twenty times",
    ],
    ids=str,
)  # fmt: skip
def test_dates_ordinals_and_narration_are_no_values(text: str) -> None:
    assert extract_quantities(text) == ()


@pytest.mark.parametrize("numeral", ["十百", "五五", "一二三"], ids=str)
def test_what_is_no_chinese_number_is_none(numeral: str) -> None:
    assert chinese_number(numeral) is None


def test_what_is_no_english_number_is_none() -> None:
    assert english_number("five twenty") is None


@given(st.integers(1, 99))
def test_arabic_and_chinese_numerals_agree(number: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    said = (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")

    assert chinese_number(said) == chinese_number(str(number)) == (number, number)


@given(st.text(alphabet="七7两半百分之十天个月小时元块%倍内最多 -~.,h零万kdaysin", max_size=40))
def test_spans_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    found = extract_quantities(text)

    assert all(0 <= q.outer_start <= q.start < q.end <= q.outer_end <= len(text) for q in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(q.low is None or q.high is None or q.low <= q.high for q in found)


def _days(
    low: int, high: int | None = None, *, unit: Unit = Unit.DAY, direction: Direction = Direction.EXACT
) -> Quantity:
    return Quantity(
        kind=Kind.DURATION, unit=unit, low=F(low), high=F(high or low), direction=direction,
        start=0, end=1, outer_start=0, outer_end=1,
    )  # fmt: skip


_ENDLESS = Quantity(
    kind=Kind.UNLIMITED, unit=Unit.UNLIMITED, low=None, high=None, direction=Direction.EXACT,
    start=0, end=1, outer_start=0, outer_end=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "value", "unit", "entitlement", "expected"),
    [
        (_days(7), 3, "day", "at_most", "better"),
        (_days(3), 3, "day", "at_most", None),
        (_days(1), 3, "day", "at_most", "worse"),
        (_days(1, 3), 3, "day", "at_most", None),
        (_days(1, unit=Unit.WEEK), 7, "day", "at_most", None),
        (_days(24, unit=Unit.HOUR), 1, "day", "at_most", None),
        (_days(1, unit=Unit.YEAR), 12, "month", "at_most", None),
        (_days(2, unit=Unit.YEAR), 12, "month", "at_most", "better"),
        (_days(5, direction=Direction.AT_LEAST), 3, "day", "at_most", "better"),
        (_days(1, direction=Direction.AT_LEAST), 3, "day", "at_most", None),
        (_ENDLESS, 3, "day", "at_most", "better"),
        (_ENDLESS, 3, "day", "at_least", None),
        (_ENDLESS, 50, "currency", "at_most", None),
        (_days(3), 7, "day", "at_least", "better"),
        (_days(7), 7, "day", "at_least", None),
        (_days(10), 7, "day", "at_least", "worse"),
        (_days(3, direction=Direction.AT_LEAST), 7, "day", "at_least", None),
        (_days(10, direction=Direction.AT_LEAST), 7, "day", "at_least", "worse"),
        (_days(5, unit=Unit.WORKDAY), 7, "day", "at_least", None),
        (_days(7), 5, "workday", "at_least", None),
        (_days(5, unit=Unit.WORKDAY), 5, "workday", "at_least", None),
        (_days(5), 50, "currency", "at_most", None),
        (_days(100, unit=Unit.USD), 50, "currency", "at_most", "better"),
        (_days(100, unit=Unit.USD), 50, "CNY", "at_most", None),
    ],
    ids=lambda value: str(value) if not isinstance(value, Quantity) else f"{value.low}-{value.high}{value.unit}",
)
def test_better_is_judged_from_the_customers_side(
    stated: Quantity, value: int, unit: str, entitlement: str, expected: str | None
) -> None:
    found = verdict(stated, value=F(value), unit=Unit(unit), entitlement=Entitlement(entitlement))

    assert found == (Verdict(expected) if expected else None)


@pytest.mark.parametrize(
    ("operator", "holds"),
    [("eq", False), ("ne", True), ("gt", True), ("ge", True), ("lt", False), ("le", False)],
)
def test_a_number_compares_with_the_upper_end(operator: str, holds: bool) -> None:
    assert compares(_days(1, 5), Operator(operator), value=F(3), unit=Unit.DAY) is holds
    assert compares(_days(5), Operator(operator), value=F(3), unit=Unit.PERCENT) is False


def test_what_is_shown_is_plain_json() -> None:
    assert _days(1, 3).as_json("x") == {"value": 3, "unit": "day", "text": "x", "low": 1}
    assert _ENDLESS.as_json("终身") == {"value": None, "unit": "unlimited", "text": "终身"}
    half = extract_quantities("最多半天")[0]
    assert half.as_json("半天") == {"value": 0.5, "unit": "day", "text": "半天", "direction": "at_most"}
