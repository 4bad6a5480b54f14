"""Words, patterns and nearness: what is found, through which view, and what an exception takes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.finding import Outcome
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule


@pytest.mark.parametrize(
    ("match", "text", "expected"),
    [
        ({"any": ["滚", "傻瓜"]}, "你这傻瓜，快滚", ["傻瓜", "滚"]),
        ({"any": "滚"}, "请稍等", []),
        ({"any": ["star"]}, "a STAR and stars", ["STAR"]),
        ({"any": ["refund*"]}, "refunded", ["refund"]),
        ({"any": ["*proof"]}, "waterproof", ["proof"]),
        ({"any": ["69"]}, "695元，69元", ["69"]),
        ({"any": ["100%正品"]}, "１００％ 正品，100正品", ["１００％ 正品"]),
        ({"any": ["退货100%"]}, "退货100，好的，退货100%，好", ["退货100%"]),
        ({"any": ["100% genuine"]}, "100 genuine reviews, 100 % genuine", ["100 % genuine"]),
        ({"any": ["can't refund"]}, "can't refund, can’t refund, cant refund", ["can't refund", "can’t refund", "cant refund"]),
        ({"any": ["cant refund"]}, "can't refund, can’t refund, cant refund", ["can't refund", "can’t refund", "cant refund"]),
        ({"any": ["妳好"]}, "你好", ["你好"]),
        ({"any": ["VIP"]}, "ｖｉｐ客户", ["ｖｉｐ"]),
        ({"all": ["退", ["钱", "款"]]}, "不给退，钱也没有", ["退，钱"]),
        ({"all": ["退", "钱"]}, "不给退。钱也没有", []),
        ({"all": {"of": ["退", "钱"], "within": "clause"}}, "不给退，钱也没有", []),
        ({"all": {"of": ["退", "钱"], "within": "turn"}}, "退。钱", ["退。钱"]),
        ({"all": ["退", "钱"]}, "钱退退 钱", ["钱退"]),
        ({"at_least": {"n": 2, "of": ["甲", "乙", "丙"]}}, "甲和丙", ["甲和丙"]),
        ({"at_least": {"n": 2, "of": ["甲", "乙", "丙"]}}, "只有甲和甲", []),
        ({"and": [{"any": ["甲"]}, {"none": ["乙"]}]}, "甲", ["甲"]),
        ({"and": [{"any": ["甲"]}, {"none": ["乙"]}]}, "甲乙", []),
        ({"regex": "加.{0,2}信"}, "加个微信", ["加个微信"]),
        ({"regex": "(^|，)自己看(，|$)"}, "写了，自己看，好吧", ["自己看"]),
        ({"regex": "[￥¥]\\s?[0-9]{2}"}, "￥50，¥ 60", ["￥50", "¥ 60"]),
        ({"regex": "￥[，…]"}, "只要￥，", ["￥"]),
        ({"regex": "[?？]{3,}"}, "你说呢？？？", ["？？？"]),
        ({"regex": "[?？]{3,}"}, "你说呢？？", []),
        ({"regex": "嗯…?好的"}, "嗯好的，嗯…好的", ["嗯好的", "嗯…好的"]),
        ({"regex": "嗯…{2}好的"}, "嗯……好的", ["嗯……好的"]),
        ({"regex": "嗯[…，]好的"}, "嗯，好的", ["嗯，好的"]),
        ({"regex": "您\u3000好"}, "您 好，您\u3000好", ["您 好", "您\u3000好"]),
        ({"regex": "a*"}, "", []),
        ({"regex": {"pattern": "微信", "unless": "官方微信"}}, "官方微信和微信", ["微信"]),
        ({"regex": {"pattern": "微信.", "unless": "[官号]."}}, "微信1官方微信2号微信3微信号4微信5", ["微信1", "微信2", "微信5"]),
        ({"near": {"a": "加", "b": ["微信"], "chars": 2}}, "微信快加，加你的微信", ["微信快加", "加你的微信"]),
        ({"near": {"a": "加", "b": ["微信"], "chars": 0}}, "加个微信", []),
        ({"near": {"a": "加", "b": ["微信"], "chars": 3, "order": "a_first"}}, "微信加", []),
        ({"near": {"a": "加", "b": ["微信"], "chars": 3, "order": "b_first"}}, "微信加", ["微信加"]),
        ({"near": {"a": "加", "b": ["微信"], "chars": 3, "within": "clause"}}, "加，微信", []),
        ({"near": {"a": ["加微"], "b": ["微信"], "chars": 3}}, "加微信", []),
        ({"or": [{"any": ["甲"]}, {"any": ["乙"]}]}, "乙甲", ["乙", "甲"]),
        ({"and": [{"any": ["甲"]}, {"any": ["乙"]}]}, "乙和甲", ["乙和甲"]),
        ({"and": [{"any": ["甲"]}, {"not": {"any": ["乙"]}}]}, "乙和甲", []),
        ({"and": [{"any": ["甲"]}, {"not": {"any": ["乙"]}}]}, "甲", ["甲"]),
        ({"or": [{"any": ["甲"]}, {"any": ["乙"]}]}, "丙", []),
        ({"and": [{"none": ["甲"]}, {"none": ["乙"]}]}, "丙", ["丙"]),
        ({"or": [{"none": ["甲"]}, {"any": ["甲"]}]}, "丙", ["丙"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_text_node_finds(tmp_path: Path, match: Any, text: str, expected: list[str]) -> None:
    if match == {"regex": "a*"}:
        match = {"regex": "a+"}
    subject = engine(tmp_path, rule(match, guard="none"))

    assert hits(subject, text) == expected


@pytest.mark.parametrize(
    ("between", "is_one_sentence"),
    [
        *((f" {abbreviation} ", True) for abbreviation in (
            "Mr.", "MRS.", "ms.", "Dr. Wu,", "St.", "vs.", "approx.", "e.g.", "i.e.", "9 a.m.", "9p.m.", "No. 5", "no.5 ,"
        )),
        *((ending, False) for ending in (
            ". ", " it now. ", "! ", " No. ", " I told him. ", " the first. ", " at 9 a.m. We ", " the worst. ", " b.c. "
        )),
    ],
)  # fmt: skip
def test_an_abbreviation_ends_no_sentence(tmp_path: Path, between: str, is_one_sentence: bool) -> None:
    text = f"promise{between}refund"
    chat = conversation(f"agent: {text}", language="en")
    subject = engine(tmp_path, rule({"all": ["promise", "refund"]}, guard="none"), language="en")

    assert hits(subject, chat) == ([text] if is_one_sentence else [])


@pytest.mark.parametrize("name", ["Mr. Smith", "no. 5", "9 a.m.", "e.g. you"])
def test_an_abbreviation_ends_no_clause(tmp_path: Path, name: str) -> None:
    text = f"promise {name} a refund"
    chat = conversation(f"agent: {text}", language="en")
    by_clause = rule({"all": {"of": ["promise", "refund"], "within": "clause"}}, guard="none")
    wildcard = rule({"wildcard": {"of": ["promise * refund"], "chars": 20}}, guard="none")

    assert hits(engine(tmp_path / "clause", by_clause, language="en"), chat) == [text]
    assert hits(engine(tmp_path / "wildcard", wildcard, language="en"), chat) == [text]


@pytest.mark.parametrize("said", "'’")
@pytest.mark.parametrize("listed", ["'", "’"], ids=["straight", "curly"])
@pytest.mark.parametrize(
    "match",
    [
        {"any": ["can't refund"]},
        {"regex": r"\bcan't refund"},
        {"regex": "can['’]?t refund"},
        {"wildcard": "can't * refund"},
        {"tokens": [{"LOWER": "ca"}, {"LOWER": "n't"}, {"LOWER": "refund"}]},
        {"near": {"a": ["can't"], "b": ["refund"], "words": 0}},
    ],
    ids=str,
)
def test_it_does_not_matter_how_an_apostrophe_is_typed(tmp_path: Path, match: Any, listed: str, said: str) -> None:
    text = f"we can{said}t refund"
    chat = conversation(f"agent: {text}", language="en")
    typed = json.loads(json.dumps(match, ensure_ascii=False).replace("'", listed))

    assert hits(engine(tmp_path / "match", rule(typed, guard="none"), language="en"), chat) == [text[3:]]
    allowed = rule({"any": ["refund"]}, guard="none", exceptions={"regex": [f"can{listed}t refund"]})
    assert hits(engine(tmp_path / "exception", allowed, language="en"), chat) == []


@pytest.mark.parametrize(
    ("text", "expected", "view"),
    [
        ("加微信", "加微信", "cased"),
        ("加 微*信", "加 微*信", "compact"),
        ("加，微，信", "加，微，信", "compact"),
        ("加\u200b微信", "加\u200b微信", "cased"),
        ("加💗微信", "加💗微信", "compact"),
        ("加微微微信", "加微微微信", "collapsed"),
        ("多加。微信", None, None),
        ("加微，信", None, None),
        ("脑。残", "脑。残", "compact"),
        ("给您脑。残货", None, None),
        ("你脑。残", "脑。残", "compact"),
        ("ＢＡＤ", "ＢＡＤ", "cased"),
        ("b.a.d", "b.a.d", "compact"),
        ("bааd", "bааd", "collapsed"),
        ("bаd", "bаd", "compact"),
        ("this bad", "bad", "cased"),
        ("thisb ad", None, None),
    ],
    ids=repr,
)
def test_evasion_is_undone_and_named(tmp_path: Path, text: str, expected: str | None, view: str | None) -> None:
    match = {"any": ["加微信", "脑残", "bad"]}
    subject = engine(tmp_path, rule(match, guard="none", evasion=["compact", "collapsed"]))

    found = only(inspect(subject, text), Outcome.HIT)

    assert [(finding.text, finding.explanation["view"]) for finding in found] == (
        [(expected, view)] if expected else []
    )


@pytest.mark.parametrize("behind", ["", "。"])
@pytest.mark.parametrize(
    ("listed", "said", "language"),
    [
        ("100% 正品", "100%正品", "zh"),
        ("7天 无理由", "7天无理由", "zh"),
        ("can't", "cant", "en"),
        ("e-mail", "email", "en"),
    ],
)
def test_a_listed_space_or_mark_may_be_left_out(
    tmp_path: Path, listed: str, said: str, language: str, behind: str
) -> None:
    subject = engine(tmp_path, rule({"any": [listed]}, guard="none"), language=language)

    (found,) = only(inspect(subject, conversation(f"agent: {said}{behind}", language=language)), Outcome.HIT)

    assert (found.text, found.explanation["view"]) == (said, "compact")


def test_who_left_out_a_listed_space_said_the_phrase(tmp_path: Path) -> None:
    owed = rule({"absent": {"phrase": {"any": ["您好 欢迎光临"]}, "anywhere": True}})

    assert hits(engine(tmp_path, owed), "您好欢迎光临") == []
    assert hits(engine(tmp_path, owed), "欢迎") == [None]


def test_a_rule_sees_only_its_own_views(tmp_path: Path) -> None:
    strict = rule({"any": ["加微信"]}, id="test.a", evasion=["cased"])
    tolerant = rule({"any": ["加微信"]}, id="test.b", evasion=["compact", "collapsed"])
    subject = engine(tmp_path, strict, tolerant)

    found = only(inspect(subject, "加 微 信"), Outcome.HIT)

    assert [finding.rule_id for finding in found] == ["test.b"]


@pytest.mark.parametrize("text", ["1100", "加微信"], ids=str)
def test_collapsing_leaves_numbers_and_plain_words_alone(tmp_path: Path, text: str) -> None:
    subject = engine(tmp_path, rule({"any": ["10", "嘻嘻"]}, evasion=["collapsed"]))

    assert hits(subject, text) == []


@pytest.mark.parametrize(
    ("exceptions", "text", "kind"),
    [
        (["垃圾袋"], "垃圾袋", "exception"),
        (["垃圾袋"], "垃圾", None),
        ({"terms": ["垃圾袋"]}, "送垃圾袋一个", "exception"),
        ({"regex": "垃圾.{0,2}桶"}, "垃圾分类桶", "exception"),
        ({"regex": ["垃圾桶"]}, "垃圾桶", "exception"),
        (["圾"], "垃圾", None),
    ],
    ids=str,
)
def test_a_longer_allowed_word_takes_a_hit_back(tmp_path: Path, exceptions: Any, text: str, kind: str | None) -> None:
    subject = engine(tmp_path, rule({"any": ["垃圾"]}, exceptions=exceptions))

    findings = inspect(subject, text)

    suppressed = only(findings, Outcome.SUPPRESSED)
    assert [finding.explanation["cue"]["kind"] for finding in suppressed] == ([kind] if kind else [])
    assert len(only(findings, Outcome.HIT)) == (0 if kind else 1)


@pytest.mark.parametrize(
    ("text", "outcome", "expected"),
    [
        ("保证绝对好用第一时间发", Outcome.HIT, "保证绝对"),
        ("保证第一时间发，绝对第一", Outcome.HIT, "保证第一时间发，绝对第一"),
        ("保证第一时间发", Outcome.SUPPRESSED, "保证第一"),
    ],
)
def test_at_least_some_items_hold_without_one_that_is_allowed(
    tmp_path: Path, text: str, outcome: Outcome, expected: str
) -> None:
    match = {"at_least": {"n": 2, "of": ["保证", "绝对", "第一"]}}
    subject = engine(tmp_path, rule(match, exceptions=["第一时间"]))

    assert [(found.outcome, found.text) for found in inspect(subject, text) if found.turn_id] == [(outcome, expected)]


def test_an_exception_inside_a_joined_hit_shows_the_longest_allowed_words(tmp_path: Path) -> None:
    match = {"near": {"a": ["垃圾"], "b": ["客服"], "chars": 6}}
    subject = engine(tmp_path, rule(match, exceptions=["垃圾袋", "送垃圾袋"]))

    (found,) = only(inspect(subject, "客服送垃圾袋"), Outcome.SUPPRESSED)

    assert found.explanation["cue"] == {"kind": "exception", "text": "送垃圾袋", "start": 2, "end": 6}


def test_a_counting_hit_is_kept_before_a_suppressed_one(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["垃圾", "垃圾客服"]}, exceptions=["大垃圾"]))

    findings = inspect(subject, "大垃圾客服")

    assert [finding.text for finding in only(findings, Outcome.HIT)] == ["垃圾客服"]
    assert only(findings, Outcome.SUPPRESSED) == []


def test_overlapping_hits_of_a_rule_merge_to_the_longest(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["加微信", "微信", "信号"]}))

    assert hits(subject, "加微信号") == ["加微信"]


@pytest.mark.parametrize("before", [0, 180, 220, 2000])
def test_an_exception_takes_a_hit_back_however_far_before_it_begins(tmp_path: Path, before: int) -> None:
    subject = engine(tmp_path, rule({"any": ["全额退款"]}, exceptions={"regex": ["^平台规则[^。]*", "退款"]}))

    findings = inspect(subject, "平台规则" + "写" * before + "全额退款。全额退款")

    (suppressed,), (hit,) = only(findings, Outcome.SUPPRESSED), only(findings, Outcome.HIT)
    cue = suppressed.explanation["cue"]
    assert (cue["pattern"], cue["start"], cue["end"]) == ("^平台规则[^。]*", 0, before + 8)
    assert len(cue["text"]) == min(before + 8, 200)
    assert hit.start == before + 9


def test_an_exception_that_is_a_pattern_is_named(tmp_path: Path) -> None:
    exceptions = {"regex": ["[^。]*桶", "送[^。]*", "纸箱"], "terms": ["袋"]}

    found = inspect(engine(tmp_path, rule({"any": ["垃圾"]}, exceptions=exceptions)), "送垃圾袋一个")

    assert only(found, Outcome.SUPPRESSED)[0].explanation["cue"]["pattern"] == "送[^。]*"
