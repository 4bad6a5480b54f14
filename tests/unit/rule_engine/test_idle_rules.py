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
