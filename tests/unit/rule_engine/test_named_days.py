"""Days that are named (周五前, 12号, by the 5th) are durations from the message's time on, or no value at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.finding import Outcome
from qa_service.domain.rule_explanation import Measured
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine.values.dates import settled
from qa_service.rule_engine.values.extract import extract_quantities
from tests.builders import conversation
from tests.unit.rule_engine.packs import NO_MOOD, engine, inspect, only, rule

WEDNESDAY = date(2026, 11, 25)


def values(text: str, today: date | None = WEDNESDAY) -> list[tuple[str, int, int, str]]:
    """Words, days from and to, direction of what has a value."""
    counted = [settled(quantity, today) for quantity in extract_quantities(text)]
    return [(text[q.outer_start : q.outer_end], int(q.low), int(q.high), str(q.direction)) for q in counted if q]


@pytest.mark.parametrize(
    ("text", "words", "low", "high", "direction"),
    [
        ("今晚发出", "今晚", 1, 1, "exact"),
        ("明早到", "明早", 2, 2, "exact"),
        ("后天送到", "后天", 3, 3, "exact"),
        ("大后天送到", "大后天", 4, 4, "exact"),
        ("周三送到", "周三", 1, 1, "exact"),
        ("周五前送到", "周五前", 3, 3, "within"),
        ("最晚周五送到", "最晚周五", 3, 3, "at_most"),
        ("周五之后才发", "周五之后", 3, 3, "at_least"),
        ("星期二能到的", "星期二", 7, 7, "exact"),
        ("下周三送到", "下周三", 8, 8, "exact"),
        ("下下周一发货", "下下周一", 13, 13, "exact"),
        ("本周日送到", "本周日", 5, 5, "exact"),
        ("下周一定到", "下周", 6, 12, "exact"),
        ("周末送到", "周末", 5, 5, "exact"),
        ("月底前退款", "月底前", 6, 6, "within"),
        ("下个月底到账", "下个月底", 37, 37, "exact"),
        ("下个月到账", "下个月", 7, 37, "exact"),
        ("12月底到货", "12月底", 37, 37, "exact"),
        ("年底前发货", "年底前", 37, 37, "within"),
        ("28号到货", "28号", 4, 4, "exact"),
        ("二十八号到货", "二十八号", 4, 4, "exact"),
        ("5号到货", "5号", 11, 11, "exact"),
        ("24号之前到货", "24号之前", 30, 30, "within"),
        ("下个月3号到货", "下个月3号", 9, 9, "exact"),
        ("3月5日发货", "3月5日", 101, 101, "exact"),
        ("2026年12月1日发货", "2026年12月1日", 7, 7, "exact"),
        ("3号到5号到货", "5号", 11, 11, "exact"),
        ("arrives tonight", "tonight", 1, 1, "exact"),
        ("by tomorrow", "by tomorrow", 2, 2, "within"),
        ("by friday", "by friday", 3, 3, "within"),
        ("by fri", "by fri", 3, 3, "within"),
        ("it arrives next monday", "next monday", 6, 6, "exact"),
        ("from monday on", "from monday", 6, 6, "at_least"),
        ("this weekend", "this weekend", 5, 5, "exact"),
        ("by the 5th", "by the 5th", 11, 11, "within"),
        ("by the 20th", "by the 20th", 26, 26, "within"),
        ("on the 5th of december", "on the 5th of december", 11, 11, "exact"),
        ("december 5", "december 5", 11, 11, "exact"),
        ("may 5th", "may 5th", 162, 162, "exact"),
        ("by the end of the month", "by the end of the month", 6, 6, "within"),
        ("by the end of next week", "by the end of next week", 12, 12, "within"),
        ("end of the year", "end of the year", 37, 37, "exact"),
        ("next week", "next week", 6, 12, "exact"),
        ("next month", "next month", 7, 37, "exact"),
    ],
)  # fmt: skip
def test_a_named_day_counts_from_the_message(text: str, words: str, low: int, high: int, direction: str) -> None:
    assert values(text) == [(words, low, high, direction)]


@pytest.mark.parametrize(
    "text",
    [
        "上周三发的", "周三发的", "周五已经发出了", "20号寄了", "12号发货", "11月12日发货", "每周三发货", "周一至周五发货",
        "3号楼", "3号链接", "工号12号", "去年底", "13月5日", "2月30号", "31号楼下", "it shipped on friday", "last friday",
        "every monday", "monday to friday", "black friday", "on the 5th floor", "on the 12th.", "february 30", "we may 5 think",
    ],
)  # fmt: skip
def test_what_is_told_or_is_no_day_has_no_value(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize("text", ["周五前", "12号", "by friday", "the end of the month", "下个月"])
def test_without_the_time_of_the_message_there_is_no_value(text: str) -> None:
    assert values(text, None) == []


PHRASES = st.sampled_from(
    [
        "周一", "周日前", "本周三", "下周五", "下下周二", "周末", "月底", "下月底", "本月3号", "5号", "12号之前", "31号",
        "2月29日", "3月底", "12月31日", "年底", "下个月", "下周", "monday", "by sunday", "next friday", "by the 5th",
        "on the 31st.", "february 29", "month end", "next month", "end of the year",
    ]
)  # fmt: skip


@given(PHRASES, st.dates())
def test_no_named_day_lies_in_the_past(text: str, today: date) -> None:
    for words, low, high, _ in values(text, today):
        assert 1 <= low <= high, words


@given(PHRASES, st.dates(max_value=date(2500, 1, 1)))
def test_the_last_day_is_as_far_off_as_the_value_says(text: str, today: date) -> None:
    for quantity in extract_quantities(text):
        found = settled(quantity, today)
        if found is not None and found.until is not None:
            assert found.until == today + timedelta(days=int(found.high) - 1)


def _refund(**fields: Any) -> dict[str, Any]:
    quantity = {
        "kind": ["duration", "date"],
        "with": ["退款", "到账"],
        "compare": {"policy": "refund_days", "verdict": "better"},
    }
    return rule({"quantity": {**quantity, **fields}})


def _at(text: str, moment: datetime | None) -> Any:
    chat = conversation(f"agent: {text}", language="zh")
    return replace(chat, turns=(replace(chat.turns[0], at=moment),))


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_day_is_held_against_the_policy_and_explained(tmp_path: Path) -> None:
    (found,) = only(inspect(engine(tmp_path, _refund()), _at("周五前退款到账", NOON)), Outcome.HIT)

    assert found.explanation["stated"] == {
        "value": 3, "unit": "day", "text": "周五", "direction": "within", "until": "2026-11-27",
    }  # fmt: skip
    assert found.explanation["verdict"] == "better_than_policy"


@pytest.mark.parametrize(
    ("text", "moment", "is_hit"),
    [
        ("周五前退款到账", NOON, True),
        ("下周三前退款到账", NOON, False),
        ("下周二前退款到账", NOON, False),
        ("下周一前退款到账", NOON, True),
        ("周五前退款到账", None, False),
    ],
    ids=["3 of 7 days", "8 of 7", "7 of 7", "6 of 7", "no time"],
)
def test_the_message_s_time_decides(tmp_path: Path, text: str, moment: datetime | None, is_hit: bool) -> None:
    assert bool(only(inspect(engine(tmp_path, _refund()), _at(text, moment)), Outcome.HIT)) is is_hit


def test_the_day_is_that_of_the_message_s_own_zone(tmp_path: Path) -> None:
    late = datetime(2026, 11, 25, 23, tzinfo=timezone(timedelta(hours=8)))
    subject = engine(tmp_path, _refund())

    for moment, value in ((late, 3), (late.astimezone(timezone(timedelta(hours=10))), 2)):
        (found,) = only(inspect(subject, _at("周五退款到账", moment)), Outcome.HIT)
        assert found.explanation["stated"]["value"] == value


@pytest.mark.parametrize(
    ("moment", "bound"),
    [(None, "the time of the message"), (NOON, "a day that had not passed when the message was sent")],
    ids=["no time", "passed"],
)
def test_explain_says_why_a_day_has_no_value(tmp_path: Path, moment: datetime | None, bound: str) -> None:
    chat = ConversationNormaliser().normalise(_at("12号退款到账", moment))

    explained = engine(tmp_path, _refund()).explain("test.rule", chat, NO_MOOD, ())

    condition = explained.turns[0].condition
    assert condition is not None
    assert Measured(name="days to 12号", value=None, bound=bound, holds=False) in condition.measured
