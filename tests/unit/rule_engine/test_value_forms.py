"""Every way in which people write a value, read to its ends, unit and direction."""

from __future__ import annotations

from fractions import Fraction

import pytest

from qa_service.rule_engine.values.compare import Entitlement, verdict
from qa_service.rule_engine.values.extract import extract_quantities
from qa_service.rule_engine.values.quantity import Kind, Unit


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "direction"),
    [
        ("七天", 7, 7, "day", "exact"),
        ("柒天内", 7, 7, "day", "within"),
        ("廿天", 20, 20, "day", "exact"),
        ("卅天", 30, 30, "day", "exact"),
        ("三五天", 3, 5, "day", "exact"),
        ("十七八天", 17, 18, "day", "exact"),
        ("十来天", 10, 10, "day", "about"),
        ("十几天", 11, 19, "day", "about"),
        ("7-15天", 7, 15, "day", "exact"),
        ("3到5天", 3, 5, "day", "exact"),
        ("三个工作日", 3, 3, "workday", "exact"),
        ("一周", 1, 1, "week", "exact"),
        ("个把星期", 1, 1, "week", "exact"),
        ("半个月", 0.5, 0.5, "month", "exact"),
        ("个把月", 1, 1, "month", "exact"),
        ("俩月", 2, 2, "month", "exact"),
        ("一个半月", 1.5, 1.5, "month", "exact"),
        ("半年", 0.5, 0.5, "year", "exact"),
        ("最多7天", 7, 7, "day", "at_most"),
        ("至少三天", 3, 3, "day", "at_least"),
        ("两百块", 200, 200, "CNY", "exact"),
        ("两三百块", 200, 300, "CNY", "exact"),
        ("五六百元", 500, 600, "CNY", "exact"),
        ("1k元", 1000, 1000, "CNY", "exact"),
        ("1w块", 10000, 10000, "CNY", "exact"),
        ("百分之十", 10, 10, "percent", "exact"),
        ("返5个点", 5, 5, "percent", "exact"),
        ("a week", 1, 1, "week", "exact"),
        ("within a fortnight", 2, 2, "week", "within"),
        ("a couple of days", 2, 2, "day", "exact"),
        ("a day or two", 1, 2, "day", "exact"),
        ("14 calendar days", 14, 14, "day", "exact"),
        ("half a year", 0.5, 0.5, "year", "exact"),
        ("a year and a half", 1.5, 1.5, "year", "exact"),
        ("two and a half weeks", 2.5, 2.5, "week", "exact"),
        ("five-year", 5, 5, "year", "exact"),
        ("a decade", 10, 10, "year", "exact"),
        ("two dozen dollars", 24, 24, "USD", "exact"),
        ("10k dollars", 10000, 10000, "USD", "exact"),
        ("20 bucks", 20, 20, "USD", "exact"),
        ("up to two grand", 2000, 2000, "currency", "at_most"),
        ("ten percent", 10, 10, "percent", "exact"),
        ("九折", 10, 10, "percent", "exact"),
        ("打八五折", 15, 15, "percent", "exact"),
        ("九点五折", 5, 5, "percent", "exact"),
        ("9.5折", 5, 5, "percent", "exact"),
        ("88折", 12, 12, "percent", "exact"),
        ("对折", 50, 50, "percent", "exact"),
        ("七八折", 20, 30, "percent", "exact"),
        ("七到九折", 10, 30, "percent", "exact"),
        ("最低八折", 20, 20, "percent", "at_most"),
        ("八折起", 20, 20, "percent", "at_most"),
        ("8、7天内", 7, 7, "day", "within"),
        ("5、3天内", 3, 3, "day", "within"),
        ("10、7天", 7, 7, "day", "exact"),
        ("两、三天", 2, 3, "day", "exact"),
        ("9、5元", 5, 5, "CNY", "exact"),
        ("几天内", 2, 9, "day", "within"),
        ("过几个工作日", 2, 9, "workday", "exact"),
        ("最多几天", 2, 9, "day", "at_most"),
        ("within a few days", 2, 9, "day", "within"),
        ("several business days", 2, 9, "workday", "exact"),
        ("7天之前都可以退", 7, 7, "day", "within"),
        ("赔您两三百", 200, 300, "CNY", "exact"),
        ("赔您三千五", 3500, 3500, "CNY", "exact"),
        ("补您大概一百二", 120, 120, "CNY", "about"),
        ("赔您一百到两百", 100, 200, "CNY", "exact"),
        ("赔您一到两百", 100, 200, "CNY", "exact"),
        ("一到两百块", 100, 200, "CNY", "exact"),
        ("三到五百元", 300, 500, "CNY", "exact"),
        ("1-2千元", 1000, 2000, "CNY", "exact"),
        ("¥50-100", 50, 100, "CNY", "exact"),
        ("$10-20", 10, 20, "USD", "exact"),
        ("$10 to $20", 10, 20, "USD", "exact"),
        ("$1,000-2,000", 1000, 2000, "USD", "exact"),
        ("$500-1,500", 500, 1500, "USD", "exact"),
        ("$1,000 to $2,500", 1000, 2500, "USD", "exact"),
        ("$1-2,000", 1, 2000, "USD", "exact"),
        ("5-10%", 5, 10, "percent", "exact"),
        ("百分之五到十", 5, 10, "percent", "exact"),
    ],
    ids=str,
)
def test_a_value_is_read(text: str, low: float, high: float, unit: str, direction: str) -> None:
    (found,) = extract_quantities(text)

    assert (found.low, found.high, str(found.unit), str(found.direction)) == (low, high, unit, direction)


@pytest.mark.parametrize(
    "text",
    [
        "五三百块",
        "5个点位",
        "a grand opening",
        "三天前",
        "十百天",
        "三折伞",
        "骨折",
        "第八折",
        "这几天",
        "好几天",
        "几天前买的",
        "a few days ago",
        "七天之前买的",
        "赔您3个",
        "给您2.0版",
        "给您十来个",
        "五到三折叠",
    ],
    ids=str,
)
def test_what_only_looks_like_a_value_is_none(text: str) -> None:
    assert [found for found in extract_quantities(text) if found.kind is not Kind.COUNT] == []


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("几天内退", 1, "better"),
        ("几天内退", 2, None),
        ("几天内退", 9, None),
        ("几天内退", 10, "worse"),
        ("returns within a few weeks", 7, "better"),
        ("returns within a few days", 7, None),
    ],
    ids=str,
)
def test_a_value_without_a_number_compares_only_with_limits_outside_of_it(
    text: str, limit: int, expected: str | None
) -> None:
    (found,) = extract_quantities(text)

    told = verdict(found, value=Fraction(limit), unit=Unit.DAY, entitlement=Entitlement.AT_MOST)

    assert told == expected
