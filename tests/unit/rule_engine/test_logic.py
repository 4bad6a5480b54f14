"""Named conditions, expressions over them, rules that require or replace others."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.errors import ConfigError
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_NAMES = ("a", "b", "c")
_CONDITIONS = {"a": {"any": ["甲", "alpha"]}, "b": {"any": ["乙", "beta"]}, "c": {"any": ["丙", "gamma"]}}


def _when(expression: str, **fields: Any) -> dict[str, Any]:
    whole = rule(None, when=expression, guard="none", **{"conditions": _CONDITIONS, **fields})
    del whole["match"]
    return whole


def _needed(expression: str) -> dict[str, Any]:
    return {name: condition for name, condition in _CONDITIONS.items() if name in expression}


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("a && b", "甲和乙", ["甲和乙"]),
        ("a && b", "只有甲", []),
        ("a&&!b", "只有甲", ["甲"]),
        ("a && !b", "甲和乙", []),
        ("a || b", "乙", ["乙"]),
        ("a && b || c", "丙", ["丙"]),
        ("a && (b || c)", "丙", []),
        ("a && (b || c)", "alpha then gamma", ["alpha then gamma"]),
        ("!(a || b) && c", "丙", ["丙"]),
        ("!(a || b) && c", "丙甲", []),
        ("!!a", "alpha", ["alpha"]),
    ],
    ids=str,
)
def test_an_expression_combines_conditions(tmp_path: Path, expression: str, text: str, expected: list[str]) -> None:
    subject = engine(tmp_path, _when(expression, conditions=_needed(expression)))

    found = hits(subject, text)

    assert found == (["alpha"] if expression == "!!a" else expected)


_EXPRESSIONS = st.recursive(
    st.sampled_from(_NAMES),
    lambda inner: st.one_of(
        inner.map(lambda one: f"!{one}" if one in _NAMES else f"!({one})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} && {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} || {pair[1]})"),
    ),
    max_leaves=6,
)


@given(expression=_EXPRESSIONS)
def test_an_expression_means_what_python_means(tmp_path_factory: pytest.TempPathFactory, expression: str) -> None:
    subject = engine(tmp_path_factory.mktemp("packs"), _when(expression, conditions=_needed(expression)))
    as_python = expression.replace("&&", " and ").replace("||", " or ").replace("!", " not ")

    for said in itertools.product((True, False), repeat=3):
        text = "。".join(word for word, is_said in zip("甲乙丙", said, strict=True) if is_said) or "好"
        wanted = bool(eval(as_python, {}, dict(zip(_NAMES, said, strict=True))))
        assert bool(hits(subject, text)) == wanted, (expression, text)


def test_a_condition_may_use_another_and_stand_in_a_match(tmp_path: Path) -> None:
    conditions = {"words": {"any": ["退"]}, "refusal": {"and": [{"ref": "words"}, {"any": ["不"]}]}}
    subject = engine(tmp_path, rule({"ref": "refusal"}, conditions=conditions, guard="none"))

    assert hits(subject, "不给退") == ["不给退"]
    assert hits(subject, "给退") == []


@pytest.mark.parametrize("expression", ["投诉 && !致歉", "投诉＆＆！（致歉）"])
def test_names_and_marks_may_be_typed_as_in_chinese(tmp_path: Path, expression: str) -> None:
    conditions = {"投诉": {"any": ["甲"]}, "致歉": {"ref": "乙说"}, "乙说": {"any": ["乙"]}}
    subject = engine(tmp_path, _when(expression, conditions=conditions))

    assert hits(subject, "甲") == ["甲"]
    assert hits(subject, "甲乙") == []


_NO_SORRY = {"absent": {"phrase": {"any": ["抱歉", "sorry"]}, "anywhere": True}}
_BROKEN = {"somewhere": {"match": {"any": ["坏了", "broken"]}, "role": "customer"}}
_LEFT_OPEN = {"response_time": {"measure": "unanswered", "over": 0}}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["customer: 坏了", "agent: 哦"], [None]),
        (["customer: it is broken", "agent: ok"], [None]),
        (["customer: 坏了", "agent: 抱歉"], []),
        (["customer: it is broken", "agent: so sorry"], []),
        (["customer: 你好", "agent: 哦"], []),
        (["agent: 抱歉", "customer: 人呢", "customer: 坏了"], [None]),
    ],
    ids=str,
)
@pytest.mark.parametrize("expression", ["broken && (no_sorry || left_open)", "!(!broken || !no_sorry && !left_open)"])
def test_an_expression_joins_judgements_of_agents(
    tmp_path: Path, expression: str, lines: list[str], expected: list[None]
) -> None:
    conditions = {"no_sorry": _NO_SORRY, "broken": _BROKEN, "left_open": _LEFT_OPEN}

    assert hits(engine(tmp_path, _when(expression, conditions=conditions)), lines) == expected


def test_a_match_joins_judgements_by_name(tmp_path: Path) -> None:
    conditions = {"owed": {"and": [{"ref": "no_sorry"}, _BROKEN]}, "no_sorry": _NO_SORRY}
    subject = engine(tmp_path, rule({"or": [{"ref": "owed"}, _LEFT_OPEN]}, conditions=conditions))

    assert hits(subject, ["customer: 坏了", "agent: 哦"]) == [None]
    assert hits(subject, ["customer: 坏了", "agent: 抱歉"]) == []


def test_a_named_condition_without_judgement_is_asked_of_one_turn(tmp_path: Path) -> None:
    conditions = {"no_sorry": _NO_SORRY, "both": {"and": [{"any": ["甲"]}, {"any": ["乙"]}]}}
    subject = engine(tmp_path, _when("no_sorry && both", conditions=conditions))

    assert hits(subject, ["agent: 甲乙"]) == [None]
    assert hits(subject, ["agent: 甲", "agent: 乙"]) == []


_MOVED = {"figure": {"name": "transfers", "op": "ge", "value": 1}}


@pytest.mark.parametrize(
    ("moved", "other", "expected"),
    [(_MOVED, {"fact": {"field": "language", "op": "eq", "value": "zh"}}, [None, None]), (_MOVED, {"any": ["甲"]}, ["甲"])],
    ids=["figures and facts", "beside words"],
)  # fmt: skip
def test_a_figure_means_the_same_in_an_expression_and_in_a_match(
    tmp_path: Path, moved: Any, other: Any, expected: list[str | None]
) -> None:
    lines = ["agent[x]: 甲", "agent[y]: 丙"]
    named = engine(tmp_path / "when", _when("moved && other", conditions={"moved": moved, "other": other}))

    assert hits(named, lines) == expected
    assert hits(engine(tmp_path / "match", rule({"and": [moved, other]}, guard="none")), lines) == expected


def test_of_several_words_those_that_share_characters_are_joined(tmp_path: Path) -> None:
    value = {"quantity": {"kind": "duration", "with": ["送到", "发出"]}}
    subject = engine(tmp_path, rule({"and": [value, {"regex": "(今天|明天)一定送到"}]}, guard="none"))

    assert hits(subject, "三天内发出。明天一定送到") == ["明天一定送到"]
    assert hits(subject, "明天一定送到。三天内发出") == ["明天一定送到"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (_when("a && d"), "zh/abuse.yaml:21: rules[0].when: there is no condition d; known are: a, b, c"),
        (_when("a && && b"), "rules[0].when: expected a condition before '&&'"),
        (_when("a &&"), "rules[0].when: expected a condition at the end"),
        (_when("a b"), "rules[0].when: expected && or || before 'b'"),
        (_when("(a && b"), "rules[0].when: a parenthesis is not closed"),
        (_when("a & b"), "rules[0].when: cannot read '&'"),
        (_when("!" * 30 + "a"), "rules[0].when: is nested more than 20 deep"),
        (_when("a" * 2_001), "rules[0].when: must have at most 2000 characters"),
        (_when("a && b"), "rules[0].conditions.c: condition c is used nowhere"),
        (_when("a", conditions={"a": {"ref": "a"}}), "rules[0].conditions.a.ref: condition a holds itself"),
        (
            _when("a", conditions={"a-b": {"any": ["甲"]}}),
            "a condition's name has letters (of any script), digits and _ only",
        ),
        (
            _when("a", conditions={"a": {"ref": "b"}, "b": {"and": [_NO_SORRY, {"ref": "a"}]}}),
            "rules[0].conditions.b.and[1].ref: condition a holds itself",
        ),
        (
            _when("a", conditions={"a": {"count": {"of": _NO_SORRY, "at_least": 2}}}),
            "rules[0].conditions.a.count.of: absent judges an agent's whole part of a chat",
        ),
        (
            rule({"somewhere": {"match": {"ref": "a"}}}, conditions={"a": _LEFT_OPEN}),
            "Here write `waited` or `silence`",
        ),
        (rule({"any": ["甲"]}, when="a"), "rules[0]: give one of match and when"),
        (rule({"ref": "x"}), "rules[0].match.ref: there is no condition x; known are: none"),
        (rule({"any": ["甲"]}, requires="no.rule"), "rules[0].requires: there is no rule no.rule"),
        (rule({"any": ["甲"]}, requires="test.rule"), "rules[0].requires: test.rule waits for rules that wait for it"),
        (rule({"any": ["甲"]}, replaces=["test.rule"]), "replaces[0]: test.rule is still the id of a rule"),
        (rule({"any": ["甲"]}, replaces=["a.b", "a.b"]), "replaces[1]: a.b is already replaced by test.rule"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_meant_is_an_error_with_its_place(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path, fields)

    assert message in caught.value.message


def _required(**fields: Any) -> dict[str, Any]:
    return rule({"any": ["乙"]}, id="test.second", requires=["test.rule"], **fields)


_CUSTOMER = {"speakers": ["customer"], "status": "advisory"}


@pytest.mark.parametrize(
    ("first", "lines", "expected"),
    [
        ({}, ["agent: 甲", "agent: 乙"], ["甲", "乙"]),
        ({}, ["agent: 乙", "agent: 甲"], ["乙", "甲"]),
        ({}, ["agent: 乙"], []),
        ({}, ["agent[x]: 甲", "agent[y]: 乙"], ["甲"]),
        ({}, ["agent: 不是甲", "agent: 乙"], []),
        (_CUSTOMER, ["customer: 甲", "agent[y]: 乙"], ["甲", "乙"]),
    ],
    ids=str,
)
def test_a_rule_is_asked_only_where_the_one_that_it_requires_has_hit(
    tmp_path: Path, first: dict[str, Any], lines: list[str], expected: list[str]
) -> None:
    subject = engine(tmp_path, _required(), rule({"any": ["甲"]}, **first))

    assert hits(subject, lines) == expected


def test_a_rule_without_its_prerequisite_says_so(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["甲"]}), _required())

    (outcome,) = [finding for finding in inspect(subject, "乙") if finding.rule_id == "test.second"]

    assert outcome.outcome is Outcome.NOT_APPLICABLE
    assert outcome.explanation["reason"] == "requires test.rule, which has no hit"


def test_a_prerequisite_that_could_not_be_judged_leaves_its_rule_open(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"mood": {"emotion": "angry"}}), _required())
    failed = ConversationMood(status=MoodStatus.UNAVAILABLE)

    outcomes = inspect(subject, ["customer: 喂", "agent: 乙"], failed)

    assert [finding.rule_id for finding in only(outcomes, Outcome.UNAVAILABLE)] == ["test.rule", "test.second"]


def test_an_absence_may_be_a_prerequisite(tmp_path: Path) -> None:
    greeting = rule({"absent": {"phrase": {"any": ["您好"]}, "first": 1}})
    subject = engine(tmp_path, greeting, _required())

    assert hits(subject, "乙") == ["乙", None]
    assert hits(subject, "您好，乙") == []


def test_a_rule_may_be_required_by_an_id_that_it_had_before(tmp_path: Path) -> None:
    subject = engine(
        tmp_path, rule({"any": ["乙"]}, id="a.first", requires="old.name"), rule({"any": ["甲"]}, replaces=["old.name"])
    )

    assert hits(subject, "甲，乙") == ["甲", "乙"]
    assert hits(subject, "乙") == []


def test_requirements_may_be_chained_in_any_order(tmp_path: Path) -> None:
    last = rule({"any": ["丙"]}, id="test.a_last", requires="test.second")
    subject = engine(tmp_path, last, _required(), rule({"any": ["甲"]}))

    assert hits(subject, "丙，乙，甲") == ["丙", "乙", "甲"]
    assert hits(subject, "丙，乙") == []
