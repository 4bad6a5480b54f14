"""The loader and the schemas of policies and cues refuse the same fields; both are made from the same shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qa_service.errors import ConfigError
from qa_service.rule_engine import cue_schema, load_packs, load_policies, policy_schema
from qa_service.settings import REPOSITORY
from tests.contract.test_pack_schema import read
from tests.unit.rule_engine.packs import CUES, POLICIES, rule, write_packs, write_yaml

RULES = REPOSITORY / "rules"
SCHEMAS = {"policy.schema.json": policy_schema(), "cues.schema.json": cue_schema()}
SHIPPED = [
    *((path, "policy.schema.json") for path in sorted(RULES.glob("policies/*.yaml"))),
    *((path, "cues.schema.json") for path in sorted(RULES.glob("??/cues.yaml"))),
]
CALENDAR = {"zone": "Asia/Shanghai", "open": {"mon-fri": "09:00-22:00"}}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_file_is_the_one_that_the_program_prints(name: str) -> None:
    assert json.loads((RULES / name).read_text(encoding="utf-8")) == SCHEMAS[name]
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("path", "name"), SHIPPED, ids=lambda value: str(value).rsplit("rules/", 1)[-1])
def test_every_shipped_file_is_valid_and_names_its_schema(path: Path, name: str) -> None:
    assert _complaints(name, path) == []
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema=../{name}\n")


@pytest.mark.parametrize(
    "fields",
    [
        {"from": "2026-01-01", "until": "2026-12-31"},
        {"when": {"shop": ["A店", "B店"], "channel": "app"}},
        {"when": {"category": "生鲜", "attributes.tier": "vip"}},
    ],
    ids=["dates", "shops", "attributes"],
)
def test_both_take_a_policy(tmp_path: Path, fields: dict[str, Any]) -> None:
    path = _policy_file(tmp_path, {**POLICIES[0], **fields})
    assert load_policies(path).entries
    assert _complaints("policy.schema.json", path) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"value": -1},
        {"value": "many"},
        {"unit": "furlong"},
        {"direction": "up"},
        {"allowed": True},
        {"from": "tomorrow"},
        {"when": {"weather": "rain"}},
        {"key": None},
    ],
    ids=["unknown", "below zero", "no number", "unit", "direction", "value and permission", "date", "when", "no key"],
)
def test_both_refuse_a_broken_policy(tmp_path: Path, fields: dict[str, Any]) -> None:
    policy = {name: value for name, value in {**POLICIES[0], **fields}.items() if value is not None}
    path = _policy_file(tmp_path, policy)
    with pytest.raises(ConfigError, match=r"p\.yaml:\d+: "):
        load_policies(path)
    assert _complaints("policy.schema.json", path) != []


@pytest.mark.parametrize(
    ("calendar", "is_taken"), [(CALENDAR, True), ({**CALENDAR, "holidays": []}, False)], ids=["good", "unknown field"]
)
def test_both_know_a_calendar(tmp_path: Path, calendar: dict[str, Any], is_taken: bool) -> None:
    path = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES, "calendars": {"shop": calendar}})
    assert (_complaints("policy.schema.json", path) == []) is is_taken
    if is_taken:
        assert load_policies(path).calendars
    else:
        with pytest.raises(ConfigError, match=r"p\.yaml:\d+: .*holidays"):
            load_policies(path)


@pytest.mark.parametrize(
    "broken",
    [{"cues": {**CUES, "negation": "不"}}, {"cues": {**CUES, "negation": []}}, {"cues": CUES, "more": 1}, {}],
    ids=["one word", "no words", "unknown", "nothing"],
)
def test_both_refuse_broken_cues(tmp_path: Path, broken: dict[str, Any]) -> None:
    write_packs(tmp_path, rule({"any": ["甲"]}))
    path = write_yaml(tmp_path / "zh" / "cues.yaml", broken)
    with pytest.raises(ConfigError, match=r"zh/cues\.yaml:\d+: "):
        load_packs(tmp_path)
    assert _complaints("cues.schema.json", path) != []


def test_a_cue_of_the_guard_is_a_word_and_no_group(tmp_path: Path) -> None:
    write_packs(tmp_path, rule({"any": ["甲"]}), cues={**CUES, "negation": ["不", "$agree"]})
    with pytest.raises(ConfigError, match=r"zh/cues\.yaml:\d+: cues\.negation\[1\]: must be a word"):
        load_packs(tmp_path)


def _policy_file(folder: Path, policy: dict[str, Any]) -> Path:
    return write_yaml(folder / "p.yaml", {"version": 1, "policies": [policy]})


def _complaints(name: str, path: Path) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(read(path))]
