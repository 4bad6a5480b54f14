"""Bounds, pieces, currencies and counts of stated values, as people write them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.rule_engine.values.compare import Entitlement, verdict
from qa_service.rule_engine.values.dates import settled
from qa_service.rule_engine.values.extract import extract_quantities
from qa_service.rule_engine.values.numerals import chinese_number, english_number
from qa_service.rule_engine.values.quantity import Kind, Unit

_SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@pytest.mark.parametrize(
    ("text", "direction", "outer"),
    [
        ("退款至少要3天", "at_least", "至少要3天"),
        ("最快也要3天", "at_least", "最快也要3天"),
        ("最多也就三天", "at_most", "最多也就三天"),
        ("最多赔您50元", "at_most", "最多赔您50元"),
        ("最慢三天", "at_most", "最慢三天"),
        ("不出三天", "at_most", "不出三天"),
        ("不到3天", "at_most", "不到3天"),
        ("超过3天", "at_least", "超过3天"),
        ("没超过3天", "at_most", "没超过3天"),
        ("50元以下", "at_most", "50元以下"),
        ("三天打底", "at_least", "三天打底"),
        ("3天+", "at_least", "3天+"),
        ("3+天", "at_least", "3+天"),
        ("上百块", "at_least", "上百块"),
        ("30+ days", "at_least", "30+ days"),
        ("30 days or more", "at_least", "30 days or more"),
        ("30 days or less", "at_most", "30 days or less"),
        ("30 days max", "at_most", "30 days max"),
        ("3 days at the latest", "at_most", "3 days at the latest"),
        ("at least another 3 days", "at_least", "at least another 3 days"),
        ("fewer than 30 days", "within", "fewer than 30 days"),
        ("as much as $50", "at_most", "as much as $50"),
        ("$50 or so", "about", "$50 or so"),
        ("最多送两个赠品", "exact", "两个"),
        ("最多两个赠品", "at_most", "最多两个"),
        ("within 3 days or less", "within", "within 3 days or less"),
    ],
    ids=str,
)
def test_a_bound_is_read_over_a_word_between_and_behind_the_value(text: str, direction: str, outer: str) -> None:
    (found,) = extract_quantities(text)

    assert (str(found.direction), text[found.outer_start : found.outer_end].strip()) == (direction, outer)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("1年6个月", 18, 18, "month"),
        ("一年零六个月", 18, 18, "month"),
        ("一年又三个月", 15, 15, "month"),
        ("1年+6个月", 18, 18, "month"),
        ("1 year and 6 months", 18, 18, "month"),
        ("1 year plus 6 months", 18, 18, "month"),
        ("2 days 12 hours", 60, 60, "hour"),
        ("1周3天", 10, 10, "day"),
        ("三天五天", 3, 5, "day"),
        ("十年八年", 8, 10, "year"),
        ("十天半个月", 10, 15, "day"),
    ],
    ids=str,
)
def test_what_is_said_in_two_pieces_is_one_value(text: str, low: int, high: int, unit: str) -> None:
    (found,) = extract_quantities(text)

    assert (found.low, found.high, str(found.unit), text[found.start : found.end]) == (low, high, unit, text)


@pytest.mark.parametrize(
    "text",
    ["三天内退，七天内换", "一年365天", "1天24小时", "最多3年6个月内退2天", "2年。6个月", "30 days, 1 year"],
    ids=str,
)
def test_values_that_do_not_belong_together_stay_apart(text: str) -> None:
    assert len(extract_quantities(text)) > 1


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("1k赔您", 1000, 1000, "CNY"),
        ("两千五赔给您", 2500, 2500, "CNY"),
        ("补您9.9", 9.9, 9.9, "CNY"),
        ("补您五块五", 5.5, 5.5, "CNY"),
        ("9块9包邮", 9.9, 9.9, "CNY"),
        ("赔您5毛", 0.5, 0.5, "CNY"),
        ("几十块", 20, 90, "CNY"),
        ("几百块", 200, 900, "CNY"),
        ("百八十块", 80, 100, "CNY"),
        ("二〇〇块", 200, 200, "CNY"),
        ("红包88", 88, 88, "CNY"),
        ("50的优惠券", 50, 50, "CNY"),
        ("补您50没问题", 50, 50, "CNY"),
        ("100美元", 100, 100, "USD"),
        ("20刀", 20, 20, "USD"),
        ("100日元", 100, 100, "JPY"),
        ("赔您100港币", 100, 100, "HKD"),
        ("50€", 50, 50, "EUR"),
        ("usd 100", 100, 100, "USD"),
        ("us$100", 100, 100, "USD"),
        ("50 cents", 0.5, 0.5, "USD"),
        ("one hundred and fifty dollars", 150, 150, "USD"),
        ("two thousand five hundred dollars", 2500, 2500, "USD"),
        ("a few hundred dollars", 200, 900, "USD"),
        ("百分之二点五", 2.5, 2.5, "percent"),
        ("千分之五", 0.5, 0.5, "percent"),
        ("五个百分点", 5, 5, "percent"),
        ("半价", 50, 50, "percent"),
        ("half price", 50, 50, "percent"),
        ("假一罚万", 10000, 10000, "multiple"),
        ("两个来月", 2, 2, "month"),
        ("一个季度", 3, 3, "month"),
        ("three hundred and sixty-five days", 365, 365, "day"),
        ("a one-year warranty", 1, 1, "year"),
        ("7d", 7, 7, "day"),
        ("3mo", 3, 3, "month"),
        ("eod", 1, 1, "day"),
        ("by the end of day", 1, 1, "day"),
        ("the day after tomorrow", 3, 3, "day"),
        ("7 banking days", 7, 7, "workday"),
        ("thirty (30) days", 30, 30, "day"),
        ("3次", 3, 3, "count"),
        ("5件", 5, 5, "count"),
        ("两个赠品", 2, 2, "count"),
        ("3 free gifts", 3, 3, "count"),
        ("two repairs", 2, 2, "count"),
    ],
    ids=str,
)
def test_a_value_is_read(text: str, low: float, high: float, unit: str) -> None:
    (found,) = extract_quantities(text)

    assert (float(found.low or 0), float(found.high or 0), str(found.unit)) == (low, high, unit)


@pytest.mark.parametrize(
    "text",
    [
        "补您100积分", "赔您200京豆", "给您补500克", "给您补100M流量", "给您补300毫升", "退您2000金币", "给您补60寸的电视",
        "给您补80码的", "一毛不拔", "下午三点五十分", "3d眼镜", "2026.1.5.3版",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_counted_or_measured_is_no_money_and_no_time(text: str) -> None:
    assert [found for found in extract_quantities(text.lower()) if found.kind is not Kind.COUNT] == []


@pytest.mark.parametrize("text", ["第三次", "这两个", "一次性", "每件", "三个月", "5个点", "零副作用"], ids=str)
def test_ordinals_words_and_other_values_are_no_counts(text: str) -> None:
    assert [found for found in extract_quantities(text) if found.kind is Kind.COUNT] == []


@pytest.mark.parametrize(
    "text",
    ["2026-11-30前", "2026/11/30前", "11/30前", "by 30 November", "by 30/11", "by 11/30", "by 2026-11-30"],
    ids=str,
)
def test_a_date_in_figures_is_counted_from_today(text: str) -> None:
    found = [settled(quantity, date(2026, 11, 24)) for quantity in extract_quantities(text.lower())]

    assert [(day.high, day.until) for day in found if day is not None] == [(7, date(2026, 11, 30))]


@pytest.mark.parametrize("text", ["by 10/11", "型号11/30", "1/2的量"], ids=str)
def test_figures_that_may_be_another_date_or_none_are_none(text: str) -> None:
    assert [found for found in extract_quantities(text) if found.kind is Kind.DATE] == []


@pytest.mark.parametrize(
    ("text", "limit", "unit", "expected"),
    [
        ("质保365天", 12, "month", None),
        ("质保366天", 1, "year", None),
        ("质保52周", 12, "month", None),
        ("质保367天", 12, "month", "better"),
        ("质保363天", 12, "month", "worse"),
        ("28天", 1, "month", None),
        ("31天", 1, "month", None),
        ("32天", 1, "month", "better"),
        ("27天", 1, "month", "worse"),
        ("一个月", 30, "day", None),
        ("一个月", 7, "day", "better"),
        ("半年", 6, "month", None),
        ("赔您100日元", 50, "currency", None),
        ("赔您100日元", 50, "JPY", "better"),
        ("赔您100美元", 50, "currency", "better"),
        ("赔您100美元", 50, "CNY", None),
        ("两个赠品", 1, "count", "better"),
        ("一个赠品", 1, "count", None),
        ("几百块", 50, "currency", "better"),
        ("几十块", 50, "currency", None),
    ],
    ids=str,
)
def test_values_of_other_units_compare_where_every_reading_agrees(
    text: str, limit: int, unit: str, expected: str | None
) -> None:
    (found,) = extract_quantities(text)

    told = verdict(found, value=Fraction(limit), unit=Unit(unit), entitlement=Entitlement.AT_MOST)

    assert told == expected


@given(st.integers(1, 999_999), st.booleans())
def test_english_number_words_are_read_back(number: int, has_and: bool) -> None:
    assert english_number(_english(number, " and " if has_and else " ")) == (number, number)


@given(st.integers(1, 9999))
def test_chinese_number_words_are_read_back(number: int) -> None:
    assert chinese_number(_chinese(number)) == (number, number)


@given(st.integers(1, 999), st.sampled_from(["days", "months", "dollars"]))
def test_a_number_in_words_is_one_value_of_a_sentence(number: int, unit: str) -> None:
    said = f"{_english(number, ' and ')} {unit}"
    text = f"you get {said} from us"

    (found,) = extract_quantities(text)

    assert (found.low, found.high, text[found.start : found.end]) == (number, number, said)


def _english(number: int, joint: str) -> str:
    if number >= 1000:
        rest = number % 1000
        head = f"{_english(number // 1000, joint)} thousand"
        return head if not rest else f"{head}{joint if rest < 100 else ' '}{_english(rest, joint)}"
    if number >= 100:
        head = f"{_SMALL[number // 100]} hundred"
        return head if not number % 100 else f"{head}{joint}{_english(number % 100, joint)}"
    if number < 20:
        return _SMALL[number]
    tens = _TENS[number // 10 - 2]
    return tens if not number % 10 else f"{tens}-{_SMALL[number % 10]}"


def _chinese(number: int) -> str:
    digits, said, is_gap = "零一二三四五六七八九", "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            said += ("零" if is_gap and said else "") + digits[digit] + name
        is_gap = not digit
    return said
