"""Every way in which people write a value, read to its ends, unit and direction."""

from __future__ import annotations

import pytest

from qa_service.rule_engine.values.extract import extract_quantities


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
    ],
    ids=str,
)
def test_a_value_is_read(text: str, low: float, high: float, unit: str, direction: str) -> None:
    (found,) = extract_quantities(text)

    assert (found.low, found.high, str(found.unit), str(found.direction)) == (low, high, unit, direction)


@pytest.mark.parametrize("text", ["五三百块", "5个点位", "a grand opening", "三天前", "十百天"], ids=str)
def test_what_only_looks_like_a_value_is_none(text: str) -> None:
    assert extract_quantities(text) == ()
