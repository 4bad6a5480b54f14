"""Hidden words are found, named for what hid them, placed exactly; ordinary words that sound or look alike are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.domain.finding import Outcome
from qa_service.rule_engine import PackRuleEngine
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_WORDS = [
    "加微信",
    "微信",
    "好评返现",
    "私下转账",
    "傻逼",
    "法院",
    "红包",
    "whatsapp",
    "free",
    "idiot",
    "guarantee",
    "100%",
]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    return engine(tmp_path_factory.mktemp("packs"), rule({"any": _WORDS}, guard="none", evasion="all"))


@pytest.mark.parametrize(
    ("text", "found", "undone"),
    [
        ("➕徽信", "➕徽信", [("symbols", "➕", "加"), ("shapes", "徽", "微")]),
        ("亲，加嶶信", "加嶶信", [("shapes", "嶶", "微")]),
        ("加 薇 ❤ 信", "加 薇 ❤ 信", [("compact", " ", ""), ("shapes", "薇", "微"), ("compact", " ❤ ", "")]),
        ("加微❤", "加微❤", [("sound", "❤", "信"), ("symbols", "❤", "心")]),
        ("薇芯", "薇芯", [("shapes", "薇", "微"), ("sound", "芯", "信")]),
        ("号评返鲜", "号评返鲜", [("sound", "号", "好"), ("sound", "鲜", "现")]),
        ("好评反线哦", "好评反线", [("sound", "反", "返"), ("sound", "线", "现")]),
        ("煞笔", "煞笔", [("sound", "煞", "傻"), ("sound", "笔", "逼")]),
        ("你傻bi啊", "傻bi", [("pinyin", "bi", "逼")]),
        ("私下zhuanzhang", "私下zhuanzhang", [("pinyin", "zhuan", "转"), ("pinyin", "zhang", "账")]),
        ("wei xin", "wei xin", [("pinyin", "wei", "微"), ("compact", " ", ""), ("pinyin", "xin", "信")]),
        ("氵去院", "氵去院", [("split", "氵去", "法")]),
        ("🧧", "🧧", [("symbols", "🧧", "红包")]),
        ("好评评评返现", "好评评评返现", [("collapsed", "评评评", "评")]),
        ("wh4ts@pp", "wh4ts@pp", [("letters", "4", "a"), ("letters", "@", "a")]),
        ("whatsssapp", "whatsssapp", [("collapsed", "sss", "s")]),
        ("ẅhàtsapp", "ẅhàtsapp", [("letters", "ẅ", "w"), ("letters", "à", "a")]),
        ("ᴡhatsapp", "ᴡhatsapp", [("letters", "ᴡ", "w")]),
        ("f.r.3.e", "f.r.3.e", [("compact", ".", ""), ("compact", ".", ""), ("letters", "3.e", "ee")]),
        ("an ID1OT", "ID1OT", [("letters", "1", "i")]),
        ("guarrantee", "guarrantee", [("collapsed", "rr", "r")]),
        ("加\u200b微\u0301信", "加\u200b微\u0301信", [("compact", "\u200b", ""), ("compact", "\u0301", "")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_disguise_is_undone_and_named(
    subject: PackRuleEngine, text: str, found: str, undone: list[tuple[str, str, str]]
) -> None:
    (finding,) = only(inspect(subject, text), Outcome.HIT)

    shown = finding.explanation["undone"]
    assert finding.text == found
    assert [(item["how"], item["text"], item["read_as"]) for item in shown] == undone
    assert all(text[item["start"] : item["end"]] == item["text"] for item in shown)


@pytest.mark.parametrize(
    "text",
    [
        "安徽信丰发货",
        "因为新款到了",
        "为新用户准备",
        "卫星接收器",
        "沙发和壁纸",
        "号评",
        "洪水包裹",
        "he is free-range",
        "fre shipping",
        "f33",
        "women",
        "1000%",
        "1OO",
        "家为新房",
        "翻线",
    ],
    ids=str,
)
def test_ordinary_words_are_no_disguise(subject: PackRuleEngine, text: str) -> None:
    hidden = [found for found in only(inspect(subject, text), Outcome.HIT) if found.explanation["view"] != "cased"]

    assert hidden == []


def test_exact_spelling_is_reported_as_such(subject: PackRuleEngine) -> None:
    (finding,) = only(inspect(subject, "加微信"), Outcome.HIT)

    assert finding.explanation["view"] == "cased"
    assert "undone" not in finding.explanation


@pytest.mark.parametrize(
    ("evasion", "expected"),
    [
        (["compact", "shapes"], ["加徽信"]),
        (["compact", "sound"], ["加微芯"]),
        (["compact", "symbols"], ["➕微信"]),
        ("none", []),
        ("all", ["加徽信", "加微芯", "➕微信"]),
    ],
    ids=str,
)
def test_each_transformation_is_switched_by_the_rule(tmp_path: Path, evasion: object, expected: list[str]) -> None:
    subject = engine(tmp_path, rule({"any": ["加微信"]}, guard="none", evasion=evasion))

    assert hits(subject, "加徽信，加微芯，➕微信") == expected


def test_a_pack_sets_what_its_rules_undo(tmp_path: Path) -> None:
    own = rule({"any": ["加微信"]}, id="test.own", guard="none", evasion=["cased"])
    subject = engine(tmp_path, rule({"any": ["加微信"]}, guard="none"), own, evasion=["compact", "shapes"])

    findings = only(inspect(subject, "加徽信"), Outcome.HIT)

    assert [finding.rule_id for finding in findings] == ["test.rule"]


def test_a_listed_word_is_no_homophone_of_another(tmp_path: Path) -> None:
    subject = engine(
        tmp_path, rule({"any": ["唯欣"]}, guard="none", evasion="all"), rule({"any": ["微信"]}, id="test.b")
    )

    assert [finding.rule_id for finding in only(inspect(subject, "用微信付"), Outcome.HIT)] == ["test.b"]


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("7 天 无 理 由 退 货", 7, "compact"),
        ("7️⃣天可以退货", 7, "compact"),
        ("7夭可以退货", 7, "shapes"),
        ("1o天可以退货", 10, "letters"),
        ("l5天可以退货", 15, "letters"),
        ("3 0 天 都 可 以 退 货", 30, "compact"),
    ],
    ids=str,
)
def test_values_are_read_through_disguise(tmp_path: Path, text: str, value: int, how: str) -> None:
    match = {
        "quantity": {"kind": "duration", "with": ["退货"], "compare": {"policy": "return_days", "verdict": "better"}}
    }
    tolerant = rule(match, guard="none", evasion="all")
    strict = rule(match, id="test.strict", guard="none", evasion="none")

    findings = only(inspect(engine(tmp_path, tolerant, strict), text), Outcome.HIT)

    assert [finding.rule_id for finding in findings] == ["test.rule"]
    assert findings[0].explanation["stated"]["value"] == value
    assert how in {item["how"] for item in findings[0].explanation["undone"]}


def test_patterns_are_matched_through_spaced_writing(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"regex": "加.{0,2}信"}, guard="none"))

    (finding,) = only(inspect(subject, "好的，加 个 微 信，加个微信"), Outcome.HIT)[:1]

    assert finding.text == "加 个 微 信"
    assert finding.explanation["view"] == "compact"


def test_a_negation_spelt_out_still_counts(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["微信"]}))

    assert hits(subject, "不 能 加 微 信") == []


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="加微薇徽信芯❤➕🧧氵去院 .，woeixn4@1\u200b\u0301V", max_size=40))
def test_what_is_undone_lies_inside_the_hit(subject: PackRuleEngine, text: str) -> None:
    for finding in only(inspect(subject, text), Outcome.HIT):
        assert finding.start is not None
        assert finding.end is not None
        assert text[finding.start : finding.end] == finding.text
        for item in finding.explanation.get("undone", ()):
            assert finding.start <= item["start"] < item["end"] <= finding.end
