"""Rules that can find nothing, or nothing of their own, are problems of a pack."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qa_service.rule_engine import check_folder, load_packs
from qa_service.rule_engine.impossible import over_rules
from tests.unit.rule_engine.packs import POLICIES, rule, write_packs, write_yaml

EXAMPLES = {"match": ["甲", "甲乙"], "no_match": ["丙", "丁"]}


def problems(folder: Path, *rules: dict[str, Any]) -> list[str]:
    write_packs(folder, *rules)
    policy = write_yaml(folder / "p.yaml", {"version": 1, "policies": POLICIES})
    return [f"{found.file}:{found.line}: {found.message}" for found in check_folder(folder, policy)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"match": {"any": ["甲"]}, "exceptions": ["甲", "乙"]}, "every word of it is an exception"),
        ({"match": {"and": [{"any": ["甲"]}, {"none": ["甲", "乙"]}]}}, "words and for none of them"),
        ({"match": {"and": [{"any": ["甲"]}, {"not": {"any": ["甲"]}}]}}, "words and for none of them"),
    ],
    ids=["excepted", "none", "not"],
)
def test_a_rule_that_can_never_hit_is_named_with_its_place(tmp_path: Path, fields: dict[str, Any], why: str) -> None:
    (found,) = problems(tmp_path, {**rule({}), "examples": EXAMPLES, **fields})
    assert found.startswith("zh/abuse.yaml:7: ")
    assert "test.rule can never hit: " in found
    assert why in found


def test_a_rule_that_finds_the_same_as_another_is_named(tmp_path: Path) -> None:
    first, second = (rule({"any": ["甲"]}, id=f"test.{name}", examples=EXAMPLES) for name in ("one", "two"))
    (found,) = problems(tmp_path, first, second)
    assert "test.two finds the same as test.one (zh/abuse.yaml:7)" in found


def test_words_in_another_order_and_grouping_are_the_same(tmp_path: Path) -> None:
    first = rule({"any": ["甲", "乙"]}, id="test.one", examples={**EXAMPLES, "match": ["甲", "乙"]})
    second = {**first, "id": "test.two", "match": {"or": [{"any": ["乙"]}, {"any": ["甲"]}]}}
    (found,) = problems(tmp_path, first, second)
    assert "test.two finds the same as test.one" in found


def test_a_word_that_two_rules_of_a_category_blame_is_warned_of(tmp_path: Path) -> None:
    examples = {**EXAMPLES, "match": ["甲", "甲甲"]}
    first = rule({"any": ["甲", "乙"]}, id="test.one", examples={**EXAMPLES, "match": ["甲", "乙"]})
    second = rule({"any": ["甲"]}, id="test.two", severity="minor", examples=examples)
    other = rule({"any": ["乙"]}, id="test.three", speakers=["customer"], status="shadow")
    del other["examples"]
    write_packs(tmp_path, first, second, other)
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})
    (found,) = check_folder(tmp_path, policy)
    assert found.is_warning
    assert "test.two: its word is also found by test.one (zh/abuse.yaml:7)" in found.message


def test_rules_that_only_look_alike_are_left_alone(tmp_path: Path) -> None:
    first = rule(
        {"and": [{"any": ["甲", "乙"]}, {"none": ["乙"]}]},
        id="test.one",
        examples={**EXAMPLES, "match": ["甲", "甲甲"]},
    )
    second = rule({"any": ["甲"]}, id="test.two", exceptions=["甲乙"], examples={**EXAMPLES, "match": ["甲", "甲甲"]})
    assert problems(tmp_path, first, second) == []


_TALK = {"any": ["甲"]}
_NEVER = {"and": [{"any": ["丙"]}, {"none": ["丙"]}]}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"after": {"match": {"any": ["允许"]}}}, "every word of its condition is an exception"),
        ({"before": {"match": _NEVER}}, "words and for none of them"),
        ({"somewhere": {"match": _NEVER, "role": "customer"}}, "words and for none of them"),
        ({"not": {"after": {"match": _NEVER}}}, "words and for none of them"),
        ({"sequence": {"steps": [{"match": _NEVER}, {"match": _TALK}]}}, "words and for none of them"),
        (
            {"sequence": {"steps": [{"match": _TALK}, {"match": _TALK, "role": "customer"}]}},
            "the last step is of the customer, and the turns asked are of the agent",
        ),
        (
            {"scope": {"match": _TALK, "anchor": {"match": _TALK, "role": "customer", "location": "at"}}},
            "the anchor's own turn is of the customer",
        ),
        (
            {
                "scope": {
                    "match": _TALK,
                    "range": {"from": 0, "to": 0},
                    "anchor": {"match": _TALK, "role": "customer", "location": "after"},
                }
            },
            "the anchor's own turn is of the customer",
        ),
        (
            {"scope": {"match": _TALK, "range": {"from": 1, "to": 2}, "anchor": {"match": _NEVER, "location": "after"}}},
            "words and for none of them",
        ),
        ({"after": {"match": {"sender": {"group": ["售后"]}}, "role": "customer"}}, "only agents have a group"),
    ],
    ids=[
        "after an exception", "before", "somewhere", "negated", "an earlier step", "the last step", "at", "the anchor alone",
        "anchor", "group of customers",
    ],
)  # fmt: skip
def test_a_condition_that_no_turn_can_meet_is_named_with_its_line(
    tmp_path: Path, condition: dict[str, Any], why: str
) -> None:
    subject = rule({"or": [_TALK, condition]}, exceptions=["允许"], examples=EXAMPLES)
    (found,) = problems(tmp_path, subject)
    written = (tmp_path / "zh" / "abuse.yaml").read_text(encoding="utf-8").splitlines()
    name = next(iter(condition.get("not", condition)))
    at = next(line for line, text in enumerate(written, start=1) if f"{name}:" in text)
    line = int(found.split(":")[1])
    assert at <= line <= at + 4
    assert why in found


@pytest.mark.parametrize(
    "condition",
    [
        {"after": {"match": {"or": [{"any": ["允许"]}, {"any": ["丙"]}]}}},
        {"scope": {"match": _TALK, "anchor": {"match": _TALK, "location": "at"}}},
        {
            "scope": {
                "match": _TALK,
                "range": {"from": 0, "to": 1},
                "anchor": {"match": _TALK, "role": "customer", "location": "after"},
            }
        },
        {"after": {"match": {"sender": {"group": ["售后"]}}, "role": "agent"}},
        {"before": {"match": {"after": {"match": _TALK, "role": "agent"}}}},
    ],
    ids=["one of two words", "at anybody", "and the next turn", "group of agents", "nested"],
)
def test_conditions_that_some_turn_can_meet_are_left_alone(tmp_path: Path, condition: dict[str, Any]) -> None:
    assert problems(tmp_path, rule({"or": [_TALK, condition]}, exceptions=["允许"], examples=EXAMPLES)) == []


_WORD = {"any": ["甲"]}


def _turns(op: str, value: int) -> dict[str, Any]:
    return {"figure": {"name": "turns", "op": op, "value": value}}


def _channel(name: str) -> dict[str, Any]:
    return {"fact": {"field": "channel", "op": "eq", "value": name}}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (
            {"and": [_turns("gt", 10), _turns("lt", 5)]},
            "no value of turns is in all of its ranges",
        ),
        (
            {"and": [_channel("taobao"), _channel("jd")]},
            "channel cannot be both taobao and jd",
        ),
        ({"mood": {"polarity_below": -0.5, "polarity_above": 0.5}}, "nothing is below -0.5 and above 0.5"),
        ({"count": {"of": _WORD, "at_least": 5, "turns": 3, "per": "turn"}}, "3 turns cannot have 5 turns with a hit"),
        (
            {"and": [{"position": {"first": 1}}, {"and": [{"not": {"position": {"first": 3}}}, _WORD]}]},
            "it asks for turns at the edge of the conversation and for none of them",
        ),
    ],
    ids=["figure", "fact", "mood", "count", "position"],
)  # fmt: skip
def test_a_condition_that_nothing_can_meet_is_named(tmp_path: Path, condition: Any, why: str) -> None:
    (found,) = problems(tmp_path, {**rule({"and": [_WORD, condition]}), "examples": EXAMPLES})
    assert "test.rule: can never be met: " in found
    assert why in found


@pytest.mark.parametrize(
    "condition",
    [
        {"quantity": {"kind": ["amount", "date"], "with": "退", "compare": {"policy": "return_days", "verdict": "better"}}},
        {"and": [_turns("ge", 5), _turns("le", 5)]},
        {"or": [_channel("taobao"), _channel("jd")]},
        {"and": [{"position": {"first": 3}}, {"not": {"position": {"first": 1}}}]},
    ],
    ids=["one-kind", "one-value", "either", "second-turn"],
)  # fmt: skip
def test_a_condition_that_something_meets_is_left_alone(tmp_path: Path, condition: Any) -> None:
    on_trial = rule({"and": [_WORD, condition]}, status="shadow")
    del on_trial["examples"]
    assert problems(tmp_path, on_trial) == []


def test_a_rule_whose_time_is_over_is_named(tmp_path: Path) -> None:
    packs = load_packs(write_packs(tmp_path, rule(_WORD, effective={"until": "2026-10-31"})))
    assert ["until 2026-10-31" in str(error) for error in over_rules(packs.rules, date(2026, 11, 1))] == [True]
    assert list(over_rules(packs.rules, date(2026, 10, 31))) == []
