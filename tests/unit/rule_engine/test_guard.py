"""Only what the agent asserts counts; the rest is kept with the words that say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_service.domain.finding import Outcome
from tests.unit.rule_engine.packs import engine, inspect, only, rule

_HIT = {"near": {"a": ["七天"], "b": ["可以退", "退货"], "chars": 10}}


@pytest.mark.parametrize(
    ("text", "kind", "cue"),
    [
        ("我们不支持七天退货", "negation", "不支持"),
        ("七天内是不能可以退的", "negation", "不能"),
        ("七天退货不了", "negation", "不了"),
        ("七天不退货", "negation", "不"),
        ("您是七天内退货吗", "question", "吗"),
        ("您是七天内退货吗亲", "question", "吗"),
        ("七天退货？", "question", "？"),
        ("能不能七天退货", "question", "能不能"),
        ("就算七天可以退，也是不行的", "hypothetical", "就算"),
        ("要是七天可以退就好了", "counterfactual", "就好了"),
        ("您说七天可以退", "quotation", "您说"),
        ("别家七天可以退", "reported", "别家"),
        ("快递会赔，七天退货另说？", "question", "？"),
        ("快递会赔您七天内退货的运费", "reported", "快递会赔"),
        ("谁说是不能换，七天是不能退货的", "negation", "不能"),
        ("七天退货吗，可以的话您发图", "question", "吗"),
        ("七天退货吗，可以的吗", "question", "吗"),
        ("请勿相信七天可以退", "warning", "请勿"),
        ("七天退货请勿相信", "warning", "请勿"),
        ("说七天可以退的都是骗子", "warning", "骗子"),
        ("七天可以退，说错了", "correction", "说错了"),
        ("> 七天可以退\n好的", "quotation", ">"),
        ("别家写着“七天可以退”", "quotation", "“"),
    ],
    ids=str,
)
def test_what_is_no_assertion_is_suppressed(tmp_path: Path, text: str, kind: str, cue: str) -> None:
    findings = inspect(engine(tmp_path, rule(_HIT)), text)

    (found,) = only(findings, Outcome.SUPPRESSED)
    shown = found.explanation["cue"]
    assert shown["kind"] == {"counterfactual": "hypothetical"}.get(kind, kind)
    assert shown["text"] == cue
    assert text[shown["start"]] == cue[0]
    assert only(findings, Outcome.HIT) == []


@pytest.mark.parametrize(
    "text",
    [
        "七天内不满意都可以退",
        "不满意的话七天内可以退",
        "七天可以退，您看行吗",
        "别家三天，我们七天可以退",
        "不支持换货但是七天可以退",
        "不支持换货，七天可以退",
        "就算拆了，七天也可以退",
        "支持“七天可以退”服务",
        "七天退货吗？可以的哦",
        "谁说七天内不能可以退的",
        "快递会赔的，七天可以退",
        "一般七天可以退",
        "七天可以退\n> 好的",
        "“好的”，七天可以退",
    ],
    ids=str,
)
def test_an_assertion_counts(tmp_path: Path, text: str) -> None:
    assert len(only(inspect(engine(tmp_path, rule(_HIT)), text), Outcome.HIT)) == 1


@pytest.mark.parametrize(("between", "outcome"), [(190, Outcome.SUPPRESSED), (210, Outcome.HIT)])
def test_a_cue_reaches_two_hundred_characters_of_the_sentence(tmp_path: Path, between: int, outcome: Outcome) -> None:
    findings = inspect(engine(tmp_path, rule(_HIT)), "七天可以退" + "的" * between + "是骗子")

    assert findings[0].outcome is outcome


def test_quote_marks_around_the_customers_words_quote(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule(_HIT))

    findings = inspect(subject, ["customer: 写着七天可以退啊", "agent: “七天可以退”这几个字"])

    assert [finding.explanation["cue"]["kind"] for finding in only(findings, Outcome.SUPPRESSED)] == ["quotation"]


def test_a_name_elsewhere_in_the_sentence_makes_quote_marks_a_quotation(tmp_path: Path) -> None:
    findings = inspect(engine(tmp_path, rule(_HIT)), "“七天可以退”是别家的")

    assert [finding.explanation["cue"]["kind"] for finding in only(findings, Outcome.SUPPRESSED)] == ["quotation"]


def test_a_hedge_suppresses_where_the_rule_asks_for_it(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule(_HIT, guard=["hedge"]))

    assert [
        finding.explanation["cue"]["kind"] for finding in only(inspect(subject, "一般七天可以退"), Outcome.SUPPRESSED)
    ] == ["hedge"]
    assert len(only(inspect(subject, "别家七天可以退"), Outcome.HIT)) == 1


def test_without_a_guard_and_without_cue_lists_everything_counts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    unguarded = engine(tmp_path / "a", rule(_HIT, guard="none"))
    (tmp_path / "b").mkdir()
    no_cues = engine(tmp_path / "b", rule(_HIT), cues={"agree": ["行"]})

    assert len(only(inspect(unguarded, "不支持七天退货"), Outcome.HIT)) == 1
    assert len(only(inspect(no_cues, "不支持七天退货"), Outcome.HIT)) == 1
