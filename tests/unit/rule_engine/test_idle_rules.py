"""Rules that can find nothing, or nothing of their own, are problems of a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.rule_engine import check_folder
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
