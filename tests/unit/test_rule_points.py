"""Points and dimension from the pack to the finding, held against the rubric before a pack is in force."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.document import finding_document
from qa_service.domain.finding import Outcome
from qa_service.errors import ConfigError
from qa_service.rule_engine import load_packs
from qa_service.rule_wiring import build_rule_engine, costless_rules
from qa_service.settings import load_settings
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, inspect, only, rule, write_packs, write_yaml


def engine_of(folder: Path, **fields: Any) -> Any:
    write_packs(folder / "rules", rule({"any": ["坏"]}, **fields))
    policy = write_yaml(folder / "p.yaml", {"version": 1, "policies": POLICIES})
    rubric = load_settings().rubric_path
    return build_rule_engine(load_settings(rules_dir=folder / "rules", policy=policy, rubric=rubric))


def test_findings_carry_what_the_pack_says(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, points=12.5, dimension="compliance")

    (found,) = only(inspect(engine, conversation("agent: 坏", language="zh")), Outcome.HIT)

    assert (found.points, found.dimension) == (Decimal("12.5"), "compliance")
    assert finding_document(found)["points"] == 12.5


def test_a_finding_without_them_is_written_as_ever(tmp_path: Path) -> None:
    (found,) = only(inspect(engine_of(tmp_path), conversation("agent: 坏", language="zh")), Outcome.HIT)

    assert not finding_document(found).keys() & {"points", "dimension"}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"dimension": "speed"}, "has no dimension speed"),
        ({"dimension": "compliance"}, "give the rule points, too"),
        ({"points": 101}, "from 0 to 100"),
        ({"points": -1}, "from 0 to 100"),
        ({"points": 1.005}, "at most two digits"),
        ({"points": "many"}, "must be a number"),
    ],
    ids=str,
)
def test_what_is_wrong_is_refused_with_file_and_line(tmp_path: Path, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: .*") as caught:
        engine_of(tmp_path, **fields)

    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "category", "is_named"),
    [
        ({}, "abuse", False),
        ({}, "abusee", True),
        ({"status": "auto_confirmed"}, "abusee", True),
        ({"status": "advisory"}, "abusee", False),
        ({"points": 5, "dimension": "compliance"}, "abusee", False),
    ],
    ids=str,
)
def test_a_scored_rule_that_no_criterion_looks_at_is_warned_of(
    tmp_path: Path, fields: dict[str, Any], category: str, *, is_named: bool
) -> None:
    packs = load_packs(write_packs(tmp_path, rule({"any": ["坏"]}, **fields), category=category))
    settings = load_settings()

    warnings = [str(error) for error in costless_rules(packs.rules, settings)]

    assert [category in warning and "deducts nothing" in warning for warning in warnings] == [True] * is_named
