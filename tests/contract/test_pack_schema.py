"""The loader and `rules/schema.json` refuse the same fields; both are made from the same shapes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from qa_service.errors import ConfigError
from qa_service.rule_engine import load_packs, pack_schema
from qa_service.rule_engine.nodes.registry import CHECKS, NODES
from qa_service.rule_engine.nodes.shapes import SHAPES
from qa_service.settings import REPOSITORY
from tests.unit.rule_engine.operators import CONDITIONS, EXAMPLES
from tests.unit.rule_engine.packs import rule, write_packs

PACKS = sorted(path for path in (REPOSITORY / "rules").glob("??/*.yaml") if path.name != "cues.yaml")
VALIDATOR = jsonschema.Draft202012Validator(pack_schema())
Path_ = tuple[str | int, ...]


def read(path: Path) -> Any:
    """As an editor reads YAML 1.2: dates and yes/no are text."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] != "timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def mappings(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """The place of every mapping in a document."""
    if isinstance(value, dict):
        yield at
        for name, child in value.items():
            yield from mappings(child, (*at, name))
    if isinstance(value, list):
        for number, child in enumerate(value):
            yield from mappings(child, (*at, number))


def test_the_file_is_the_one_that_the_program_prints() -> None:
    assert json.loads((REPOSITORY / "rules" / "schema.json").read_text(encoding="utf-8")) == pack_schema()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(pack_schema())


@pytest.mark.parametrize("path", PACKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_pack_is_valid_and_names_its_schema(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(path))] == []
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../schema.json\n")


def test_every_operator_has_a_shape_and_an_example() -> None:
    assert set(SHAPES) == {*NODES, *CHECKS}
    assert set(EXAMPLES) == set(SHAPES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_both_take_an_operators_example_and_neither_an_unknown_field(tmp_path: Path, name: str) -> None:
    matches = [{name: value} for value in EXAMPLES[name]]
    for match in matches:
        _assert_taken(tmp_path, match)
        for place in mappings(match):
            broken = copy.deepcopy(match)
            inner = broken
            for step in place:
                inner = inner[step]
            inner["no_such_field"] = 1
            _assert_refused(tmp_path, broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"colour": "red"},
        {"severity": "huge"},
        {"version": 0},
        {"id": "Loud"},
        {"guard": "all"},
        {"examples": {}},
        {"when": "a"},
        {"requires": ["Loud"]},
    ],
    ids=str,
)
def test_both_refuse_a_broken_rule(tmp_path: Path, broken: dict[str, Any]) -> None:
    _assert_refused(tmp_path, {"any": ["甲"]}, **broken)


def _assert_taken(folder: Path, match: Any) -> None:
    path = _write(folder, match)
    assert load_packs(folder).rules
    assert list(VALIDATOR.iter_errors(read(path))) == []


def _assert_refused(folder: Path, match: Any, **fields: Any) -> None:
    path = _write(folder, match, **fields)
    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: "):
        load_packs(folder)
    assert list(VALIDATOR.iter_errors(read(path))) != []


def _write(folder: Path, match: Any, **fields: Any) -> Path:
    conditions = {"conditions": CONDITIONS} if "ref" in match else {}
    write_packs(folder, rule(match, **{"status": "shadow", **conditions, **fields}))
    return folder / "zh" / "abuse.yaml"
