"""Stated values about a subject, compared with policies; questions that the answer leaves out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.finding import Outcome
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, engine, hits, inspect, only, rule

_SUBJECT = ["退货", "可以退", "能退", "退"]


def _better(**fields: Any) -> dict[str, Any]:
    quantity = {
        "kind": ["duration", "unlimited"],
        "with": _SUBJECT,
        "without": ["换", "退款"],
        "compare": {"policy": "return_days", "verdict": "better"},
        "inherit": {"agree": "$agree", "turns": 2},
    }
    return rule({"quantity": {**quantity, **fields}}, exceptions=["退货险"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("亲，七天内不满意都可以退的哦", ["七天内不满意都可以退"]),
        ("可以退货的，最多半个月", ["可以退货的，最多半个月"]),
        ("随时可以退", ["随时可以退"]),
        ("三天内可以退", []),
        ("一天内可以退", []),
        ("七天内可以换", []),
        ("七天内可以换，退", []),
        ("3天内可退，7天内可换", []),
        ("七天。可以退", []),
        ("七天" + "很" * 21 + "可以退", []),
        ("七天退货险", []),
        ("退货险，七天内可以退", ["七天内可以退"]),
        ("我们有七天的无忧服务，可以退", ["七天的无忧服务，可以退"]),
    ],
    ids=str,
)
def test_a_promise_better_than_the_policy_hits(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert hits(engine(tmp_path, _better()), text) == expected


def test_the_explanation_compares_both_values(tmp_path: Path) -> None:
    (found,) = only(inspect(engine(tmp_path, _better()), "亲，七天内不满意都可以退的哦"), Outcome.HIT)

    assert (found.start, found.end) == (2, 12)
    assert found.explanation == {
        "title": "标题", "rationale": "理由", "reference": "依据", "view": "cased", "matched": ["七天内", "可以退"],
        "stated": {"value": 7, "unit": "day", "text": "七天", "direction": "within"},
        "policy": {"key": "return_days", "title": "退货", "source": "规定", "value": 3, "unit": "day"},
        "verdict": "better_than_policy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["customer: 七天内能退吗", "agent: 可以的亲"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 亲可以退的"], ["可以"]),
        (["customer: 七天内能退吗", "customer: 在?", "agent: 可以的亲"], []),
        (["customer: 七天内能退", "agent: 可以的亲"], []),
        (["customer: 三天内能退吗", "agent: 可以的亲"], []),
        (["customer: 七天内不能退吗", "agent: 可以的亲"], []),
        (["customer: 七天内到吗", "agent: 可以的亲"], []),
        (["customer: 七天内能退吗", "agent: 可以帮您查询一下物流信息"], []),
        (["customer: 七天内能退吗", "agent: 您稍等"], []),
        (["customer: 七天内能退吗", "agent: 帮您查，可以吗"], []),
        (["customer: 七天内能退吗", "agent: 行不通的哦"], []),
        (["customer: 七天内能退吗", "agent: 行，我帮您看一下"], []),
        (["customer: 七天内能退吗", "agent: 行，稍等"], []),
        (["customer: 七天内能退吗", "agent: 可以的，但是这款不支持的哦"], []),
        (["customer: 七天内能退吗", "agent: 可以的，不用寄回"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 可以的，稍等我给您登记"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 可以的，拆封了就不能退了"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 等一下，行不行"], []),
        (["customer: 七天内能退吗", "agent: 等一下，可以嗎"], []),
        (["customer: 七天内能退吗", "agent: 可以么么哒"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 可以的，三天内"], []),
        (["customer: 七天内能退吗", "agent: 您好", "agent: 可以的亲"], ["可以"]),
        (["customer: 七天内能退吗", "agent: 您好", "agent: 您好", "agent: 可以的亲"], []),
        (["customer: 能退吗", "agent: 七天内都行"], ["七天内"]),
        (["customer: 能退吗", "agent: 七天内都行，不过运费要您自己承担的哦，麻烦您看一下页面的说明"], []),
        (["agent: 可以的亲"], []),
    ],
    ids=str,
)
def test_an_answer_inherits_what_the_question_said(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    assert hits(engine(tmp_path, _better()), lines) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Sure", ["Sure"]),
        ("Sure, not a problem", ["Sure"]),
        ("Of course you can", ["Of course"]),
        ("Sure, just don't remove the tags", ["Sure"]),
        ("Of course, let me find your order", ["Of course"]),
        ("Sure, hold on to the receipt", ["Sure"]),
        ("I'm not sure", []),
        ("Not entirely sure yet", []),
        ("We aren't sure", []),
        ("Of course not", []),
        ("Sure, let me look into that", []),
        ("Sure. I'll just check with the team", []),
        ("Sure, one moment", []),
        ("No, sure only elsewhere", []),
        ("Sure, but sorry we can't return it", []),
        ("No, of course you can!", ["of course"]),
        ("No, of course you can't", []),
        ("No, of course you can only exchange it", []),
    ],
    ids=str,
)
def test_an_english_answer_that_refuses_or_looks_first_is_no_yes(
    tmp_path: Path, answer: str, expected: list[str]
) -> None:
    cues = {
        "asks": ["can i", "?"],
        "agree": ["sure", "of course"],
        "pseudo_negation": ["not sure"],
        "negation": ["not"],
    }
    better = _better(**{"with": ["return"], "without": ["refund"]})
    subject = engine(tmp_path, better, language="en", cues=cues)
    chat = conversation("customer: Can I return it within 30 days?", f"agent: {answer}", language="en")

    assert hits(subject, chat) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("30 days", ["30 days"]),
        ("30 days, I'll ask them to note it", ["30 days"]),
        ("I'll call them and it's 30 days", ["30 days"]),
        ("I'll ask them in 30 days", []),
        ("We follow it up in 30 days", []),
        ("I'm off for 30 days, Tom will know", []),
        ("They decide in 30 days", []),
        ("I'll check your account in 30 days", []),
        ("Check your account in 30 days", ["in 30 days"]),
        ("After the check it takes 30 days", ["30 days"]),
        ("By the look of it 30 days", ["30 days"]),
        ("I'll ask the driver to come in 30 days", ["in 30 days"]),
    ],
    ids=str,
)
def test_a_time_of_asking_or_looking_answers_nothing(tmp_path: Path, answer: str, expected: list[str]) -> None:
    better = _better(**{"with": ["return"], "without": ["refund"]})
    subject = engine(tmp_path, better, language="en", cues={"asks": ["can i", "?"], "agree": ["sure"]})
    chat = conversation("customer: How long can I return it?", f"agent: {answer}", language="en")

    assert hits(subject, chat) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("亲 3-5天可以退", {"value": 5, "unit": "day", "text": "3-5天", "low": 3}),
        ("可以退 1-9 天", {"value": 9, "unit": "day", "text": "1-9 天", "low": 1}),
        ("可以退 1 0 - 2 0 天", {"value": 20, "unit": "day", "text": "1 0 - 2 0 天", "low": 10}),
        ("可以退 1 0 0天", {"value": 100, "unit": "day", "text": "1 0 0天"}),
        ("可以退 1.0.0天", {"value": 100, "unit": "day", "text": "1.0.0天"}),
    ],
    ids=str,
)
def test_what_is_spelt_out_keeps_the_marks_of_numbers(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    (found,) = only(inspect(engine(tmp_path, _better()), text), Outcome.HIT)

    assert found.explanation["stated"] == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("送您两个赠品", ["送您两个"]), ("送您一个赠品", []), ("送您两天", [])], ids=str
)
def test_a_count_compares_with_a_policy(tmp_path: Path, text: str, expected: list[str]) -> None:
    gifts = {"key": "gifts", "title": "赠品", "value": 1, "unit": "count", "direction": "at_most", "source": "规定"}
    match = {"quantity": {"kind": "count", "with": ["送您"], "compare": {"policy": "gifts", "verdict": "better"}}}

    assert hits(engine(tmp_path, rule(match), policies=[gifts]), text) == expected


def test_an_inherited_value_names_the_question(tmp_path: Path) -> None:
    (found,) = only(inspect(engine(tmp_path, _better()), ["customer: 七天内能退吗", "agent: 可以的亲"]), Outcome.HIT)

    assert found.explanation["inherited"] == {"turn_id": "1", "text": "七天内能退吗"}
    assert found.explanation["stated"]["text"] == "七天"


def test_a_refused_answer_is_suppressed(tmp_path: Path) -> None:
    (found,) = only(
        inspect(engine(tmp_path, _better()), ["customer: 七天内能退吗", "agent: 不可以的"]), Outcome.SUPPRESSED
    )

    assert found.explanation["cue"]["kind"] == "negation"


def test_a_shorter_limit_is_another_rule(tmp_path: Path) -> None:
    compare = {"policy": "return_days", "verdict": "worse"}
    worse = _better(kind="duration", direction=["within", "at_most"], compare=compare)
    del worse["match"]["quantity"]["inherit"]
    subject = engine(tmp_path, worse)

    assert hits(subject, "一天内可以退") == ["一天内可以退"]
    assert hits(subject, "昨天就可以退，1天") == []
    assert hits(subject, "七天内可以退") == []


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        ({"value": 5, "unit": "day", "op": "gt"}, ["七天内可以退"]),
        ({"value": 5, "unit": "day", "op": "lt"}, []),
        (None, ["七天内可以退"]),
    ],
    ids=["over", "under", "any"],
)
def test_a_value_compares_with_a_number_or_with_nothing(tmp_path: Path, compare: Any, expected: list[str]) -> None:
    quantity = {"kind": "duration", "with": _SUBJECT}
    subject = engine(tmp_path, rule({"quantity": {**quantity, **({"compare": compare} if compare else {})}}))

    assert hits(subject, "七天内可以退") == expected


def test_the_policy_in_force_when_it_was_said_counts(tmp_path: Path) -> None:
    dated = [
        {**POLICIES[0], "until": "2026-06-30"},
        {**POLICIES[0], "value": 7, "from": "2026-07-01", "until": "2026-07-31"},
    ]
    subject = engine(tmp_path, _better(), policies=dated)

    def outcome(moment: datetime | None) -> list[Outcome]:
        chat = conversation("agent: 七天内可以退", language="zh", started_at=moment)
        return [finding.outcome for finding in inspect(subject, chat)]

    assert outcome(datetime(2026, 6, 30, tzinfo=UTC)) == [Outcome.HIT]
    assert outcome(datetime(2026, 7, 1, tzinfo=UTC)) == [Outcome.CLEAR]
    assert outcome(datetime(2026, 8, 1, tzinfo=UTC)) == [Outcome.NOT_APPLICABLE]
    assert outcome(None) == [Outcome.NOT_APPLICABLE]


def test_a_ban_is_shown_and_a_permission_lifts_it(tmp_path: Path) -> None:
    forbidden = rule({"any": ["加微信"]}, forbidden_by="no_contact")
    banned = engine(tmp_path, forbidden)
    allowed = engine(tmp_path, forbidden, policies=[{**POLICIES[2], "allowed": True}])
    expired = engine(tmp_path, forbidden, policies=[{**POLICIES[2], "until": "2020-01-01"}])

    (found,) = inspect(banned, "加微信")
    assert found.explanation["policy"] == {"key": "no_contact", "title": "站外", "source": "平台规则", "allowed": False}
    assert [finding.outcome for finding in inspect(allowed, "加微信")] == [Outcome.NOT_APPLICABLE]
    assert [finding.outcome for finding in inspect(expired, "加微信")] == [Outcome.NOT_APPLICABLE]
