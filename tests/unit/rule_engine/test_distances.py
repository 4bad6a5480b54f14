"""Words some way apart: nearness in characters, words and clauses, phrases with gaps, token patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.finding import Outcome
from qa_service.errors import ConfigError
from qa_service.rule_engine import PackRuleEngine
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule


def _near(**fields: Any) -> dict[str, Any]:
    return {"near": {"a": ["保证", "promise"], "b": ["退款", "refund"], **fields}}


@pytest.mark.parametrize(
    ("match", "text", "expected"),
    [
        (_near(words=2), "promise a full refund", ["promise a full refund"]),
        (_near(words=1), "promise a full refund", []),
        (_near(words=1), "promise today's refund", ["promise today's refund"]),
        (_near(words=2), "保证给你退款", ["保证给你退款"]),
        (_near(words=1), "保证给你退款", []),
        (_near(words=0), "refund promise", ["refund promise"]),
        (_near(words=9, order="a_first"), "refund promise", []),
        (_near(words=9), "保证。退款", []),
        (_near(clauses=0), "保证给您退款", ["保证给您退款"]),
        (_near(clauses=0), "保证给您，退款", []),
        (_near(clauses=1), "保证给您，退款", ["保证给您，退款"]),
        (_near(clauses=1), "I promise. You get a refund", ["promise. You get a refund"]),
        (_near(clauses=1, within="sentence"), "I promise. You get a refund", []),
        (_near(clauses=1), "保证，好的，退款", []),
        ({"near": {"a": "保证", "without": "退款", "chars": 3, "order": "a_first"}}, "保证给退款，保证好用", ["保证"]),
        ({"near": {"a": "保证", "without": "退款", "chars": 3}}, "保证给退款", []),
        ({"near": {"a": "promise", "without": "refund", "words": 1}}, "promise a full refund", ["promise"]),
        ({"near": {"a": "promise", "without": "refund", "clauses": 0}}, "refund, I promise", ["promise"]),
        ({"wildcard": "加*微信"}, "加一下我的微信", ["加一下我的微信"]),
        ({"wildcard": "加*微信"}, "加微信", ["加微信"]),
        ({"wildcard": "加*微信"}, "加油，微信", []),
        ({"wildcard": {"of": "加*微信", "chars": 2}}, "加一下我的微信", []),
        ({"wildcard": "第?名"}, "第一名和第二十名", ["第一名"]),
        ({"wildcard": "refund * days"}, "Refund within 3 days", ["Refund within 3 days"]),
        ({"wildcard": "refund * days"}, "refund days", ["refund days"]),
        ({"wildcard": "refund * days"}, "refunded in days", []),
        ({"wildcard": "refund* days"}, "refunded in days", ["refunded in days"]),
        ({"wildcard": "pay $* now"}, "pay $3.50 now", ["pay $3.50 now"]),
        ({"wildcard": ["妳*好", "甲*乙"]}, "甲和乙，你真好", ["甲和乙", "你真好"]),
        ({"wildcard": "*退*款*"}, "要退点款了", ["退点款"]),
        ({"tokens": [{"LOWER": "within"}, {"LIKE_NUM": True}, {"LOWER": {"IN": ["days", "hours"]}}]},
         "paid within 3 days.", ["within 3 days"]),
        ({"tokens": [{"LOWER": "refund"}, {"OP": "{0,3}"}, {"LOWER": "today"}]}, "Refund you all today", ["Refund you all today"]),
        ({"tokens": [{"LOWER": "退"}, {"IS_PUNCT": True, "OP": "!"}, {"LOWER": "款"}]}, "退个款，退，款", ["退个款"]),
        ({"tokens": [[{"LOWER": "甲"}], [{"LOWER": "乙", "LENGTH": 1}]]}, "乙甲", ["乙", "甲"]),
        ({"tokens": [{"IS_DIGIT": True, "LENGTH": {">=": 2}}]}, "7 and 30", ["30"]),
        ({"tokens": [{"PREFIX": "R"}]}, "I refunded it", ["refunded"]),
        ({"tokens": [{"SUFFIX": "ing"}, {"LOWER": "it"}]}, "Refunding it, bring it", ["Refunding it", "bring it"]),
        ({"tokens": [{"SUFFIX": {"IN": ["ing", "ded"]}}]}, "I refunded it", ["refunded"]),
        ({"tokens": [{"PREFIX": "退"}, {"SUFFIX": "款"}]}, "可以退款", ["退款"]),
        ({"tokens": [{"PREFIX": {"IN": ["退", "换"]}}, {"SUFFIX": {"NOT_IN": ["款"]}}]}, "退款，换货", ["换货"]),
        ({"tokens": [{"LIKE_NUM": True}, {"LOWER": "天"}]}, "满3.5天，15 天，1,000天", ["3.5天", "15 天", "1,000天"]),
        ({"tokens": [{"LIKE_EMAIL": True}]}, "发到 ab-c.d@shop.com吧", ["ab-c.d@shop.com"]),
        ({"tokens": [{"LIKE_URL": True}]}, "看www.shop.com/a?b=1，https://x.cn。", ["www.shop.com/a?b=1", "https://x.cn"]),
        ({"tokens": [{"LOWER": "vip"}, {"LOWER": "会"}]}, "ＶＩＰ会员，svip会员", ["ＶＩＰ会"]),
        ({"tokens": [{"LENGTH": {">=": 4}}]}, "退A4纸 don't", ["don't"]),
        ({"tokens": [{"LOWER": "a", "OP": "{1,2}"}]}, "a a b", ["a a"]),
        ({"tokens": [{"LOWER": "i"}, {"LOWER": "'m"}]}, "I'm here", ["I'm"]),
        ({"and": [{"wildcard": "加*信"}, _near(words=3)]}, "加个信，保证退款", ["加个信，保证退款"]),
        ({"or": [{"tokens": [{"LOWER": "甲"}]}, {"wildcard": "乙*丙"}]}, "甲，乙和丙", ["甲", "乙和丙"]),
    ],
    ids=str,
)  # fmt: skip
def test_it_finds(tmp_path: Path, match: Any, text: str, expected: list[str]) -> None:
    language = "en" if text.isascii() else "zh"
    subject = engine(tmp_path, rule(match, guard="none", languages=["zh", "en"]), language=language)

    assert hits(subject, conversation(f"agent: {text}", language=language)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不保证质量，保证退款", "保证退款"),
        ("保证一二三四五六七八九退款保证", "退款保证"),
        ("保证退款一二三四五六七八九保证", "保证退款"),
    ],
)
def test_near_takes_the_nearest_word(tmp_path: Path, text: str, expected: str) -> None:
    subject = engine(tmp_path, rule({"near": {"a": ["退款"], "b": ["保证"], "chars": 20}}))

    assert hits(subject, text) == [expected]


def test_near_takes_a_literal_word_before_a_nearer_hidden_one(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"near": {"a": ["退款"], "b": ["保证"], "chars": 20}}))

    assert hits(subject, "保证给您全额，保-证退款") == ["保证给您全额，保-证退款"]


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ({"wildcard": "不*退"}, "不好退"),
        ({"tokens": [{"LOWER": "好"}, {"LOWER": "退"}]}, "不好退"),
        ({"near": {"a": "好", "without": "坏", "words": 3}}, "不好退"),
    ],
    ids=str,
)
def test_exceptions_take_hits_back(tmp_path: Path, match: Any, text: str) -> None:
    subject = engine(tmp_path, rule(match, exceptions=["不好退"], guard="none"))

    (found,) = only(inspect(subject, text), Outcome.SUPPRESSED)

    assert found.explanation["cue"]["kind"] == "exception"


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"near": {"a": "甲", "b": "乙"}}, "near: give one of chars, words and clauses"),
        ({"near": {"a": "甲", "b": "乙", "chars": 1, "words": 1}}, "near: give one of chars, words and clauses"),
        ({"near": {"a": "甲", "chars": 1}}, "near: give one of b and without"),
        ({"wildcard": "甲*"}, "wildcard: needs at least two letters or characters beside * and ?"),
        ({"wildcard": {"of": "甲*乙", "chars": 51}}, "chars: must be at most 50"),
        (
            {"tokens": [{"LOWER": "a", "OP": "*"}]},
            "tokens[0].OP: must be !, ?, {n} or {n,m} with at least one token; * and",
        ),
        ({"tokens": [{"TEXT": {"REGEX": "a"}}]}, "tokens[0].TEXT: unknown field"),
        ({"tokens": [{"PREFIX": "re"}]}, "tokens[0].PREFIX: may have 1 character(s)"),
        ({"tokens": [{"SUFFIX": {"IN": ["ing", "able"]}}]}, "tokens[0].SUFFIX.IN[1]: may have 3 character(s)"),
        ({"tokens": [{"LOWER": "a"}, {"OP": "{0,7}"}]}, "tokens: has 7 optional tokens, and may have 6"),
        ({"tokens": [{"LOWER": "a", "OP": "?"}]}, "tokens: needs a token that must be there"),
        ({"tokens": [{"LOWER": "a", "OP": "!"}, {"OP": "{1,2}"}]}, "tokens: needs a token that must be there"),
        ({"tokens": [{}]}, "needs a token that must be there and of which something is asked"),
        ({"tokens": [{"LOWER": {}}]}, "tokens[0].LOWER: give IN or NOT_IN"),
        ({"tokens": [{"LENGTH": {}}]}, "tokens[0].LENGTH: give one of ==, >=, <=, >, <"),
        ({"tokens": [{"LOWER": "a", "OP": "{0}"}]}, "tokens[0].OP: must be !, ?, {n} or {n,m} with at least one token"),
        ({"tokens": [{"LOWER": "a", "OP": "{3,1}"}]}, "tokens[0].OP: {3,1} ends before it begins: say {1,3}"),
        (
            {"tokens": [{"LOWER": "退款"}]},
            "tokens[0].LOWER: '退款' is 2 tokens in zh; write one mapping each: {LOWER: 退}, {LOWER: 款}",
        ),
        ({"tokens": [[{"LOWER": {"IN": ["ok", "好的"]}}]]}, "tokens[0][0].LOWER.IN[1]: '好的' is 2 tokens in zh"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_sought_is_an_error_with_its_place(tmp_path: Path, match: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path, rule(match))

    assert caught.value.message.startswith("zh/abuse.yaml:")
    assert message in caught.value.message


def test_a_contraction_is_two_tokens_in_english_and_one_in_chinese(tmp_path: Path) -> None:
    contraction = rule({"tokens": [{"LOWER": "can’t"}]}, guard="none")

    assert hits(engine(tmp_path / "zh", contraction), "我can't") == ["can't"]
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path / "en", contraction, language="en")
    assert caught.value.message.endswith(
        "\"can't\" is 2 tokens in en; write one mapping each: {LOWER: ca}, {LOWER: n't}"
    )


def test_tokens_of_a_language_without_cue_lists_cannot_be_read(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"tokens": [{"LOWER": "好"}]}, languages=["zh", "ja"]))

    (outcome,) = inspect(subject, conversation("agent: 好", language="ja"))

    assert outcome.outcome is Outcome.NOT_APPLICABLE
    assert outcome.explanation["reason"] == "no cues.yaml for ja, so no parser"


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    matches: list[Any] = [
        _near(words=3), _near(clauses=2), {"wildcard": ["保*款", "re * fund"]},
        {"tokens": [{"LOWER": "保"}, {"OP": "{0,3}"}, {"LOWER": "款"}]},
    ]  # fmt: skip
    rules = [rule(match, id=f"test.r{at}", guard="none") for at, match in enumerate(matches)]
    return engine(tmp_path_factory.mktemp("packs"), *rules)


_PIECES = st.sampled_from(
    ["保证", "退款", "promise", "refund", "re", "fund", "保", "款", "，", "。", " ", "\n", "😀", "ﬁ", "İ"]
)


@given(text=st.lists(_PIECES, max_size=20).map("".join))
def test_every_hit_lies_in_the_text(subject: PackRuleEngine, text: str) -> None:
    for finding in inspect(subject, text):
        if finding.turn_id is not None:
            assert finding.text == text[finding.start : finding.end] != ""
