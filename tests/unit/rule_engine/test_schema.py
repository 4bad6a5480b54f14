"""The schema for editors marks what the loader refuses of fields that go together, and nothing that it takes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from qa_service.errors import ConfigError
from qa_service.mood.figures import CATEGORY_OF_LABEL
from qa_service.rule_engine import load_packs, pack_schema
from qa_service.rule_engine.nodes.mood import Suspected
from tests.unit.rule_engine.operators import CONDITIONS, EXAMPLES
from tests.unit.rule_engine.packs import rule, write_packs

_VALIDATOR = jsonschema.Draft202012Validator(pack_schema())
_ANY = {"any": ["退款"]}
_BY_CONTENT = {"quantity"}
"""Which kinds of values compare in which unit only the loader knows."""
_ANCHOR = {"match": _ANY, "location": "after"}


def _taken(folder: Path, match: Any, **fields: Any) -> tuple[bool, bool]:
    """Whether the loader takes a rule, and whether the schema does."""
    conditions = {"conditions": CONDITIONS} if isinstance(match, dict) and "ref" in match else {}
    written = rule(match, **{"status": "shadow", **conditions, **fields})
    write_packs(folder, {name: value for name, value in written.items() if value is not None})
    try:
        is_loaded = bool(load_packs(folder).rules)
    except ConfigError:
        is_loaded = False
    document = yaml.safe_load((folder / "zh" / "abuse.yaml").read_text(encoding="utf-8"))
    return is_loaded, _VALIDATOR.is_valid(document)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(child)


def _with_less(name: str) -> Iterator[dict[str, Any]]:
    """An operator's examples, each with one field less than it has somewhere."""
    for example in EXAMPLES[name]:
        for at, mapping in enumerate(_mappings(example)):
            for left_out in mapping:
                less = copy.deepcopy(example)
                del list(_mappings(less))[at][left_out]
                yield {name: less}


def _with_more(name: str) -> Iterator[dict[str, Any]]:
    """Every two examples of an operator, as one with the fields of both."""
    mappings = [example for example in EXAMPLES[name] if isinstance(example, dict)]
    for one in mappings:
        yield from ({name: {**one, **other}} for other in mappings)
        yield from ({name: {**other, field: value}} for other in mappings for field, value in one.items())


def test_a_suspicion_is_of_a_category_that_the_model_suspects() -> None:
    assert {str(category) for category in Suspected} == set(CATEGORY_OF_LABEL.values())


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_both_agree_on_which_fields_go_together(tmp_path: Path, name: str) -> None:
    for match in (*_with_less(name), *_with_more(name)):
        is_loaded, is_valid = _taken(tmp_path, match)
        assert is_valid >= is_loaded, match
        if name not in _BY_CONTENT:
            assert is_valid == is_loaded, match


@pytest.mark.parametrize(
    ("match", "is_right"),
    [
        ({"near": {"a": ["退"], "b": ["款"]}}, False),
        ({"near": {"a": ["退"], "b": ["款"], "chars": 3, "words": 1}}, False),
        ({"near": {"a": ["退"], "b": ["款"], "without": ["不"], "chars": 3}}, False),
        ({"position": {"first": 1, "last": 1}}, False),
        ({"scope": {"match": _ANY}}, False),
        ({"scope": {"match": _ANY, "anchor": _ANCHOR}}, False),
        ({"scope": {"match": _ANY, "range": {"from": 0, "to": 1}}}, False),
        ({"scope": {"match": _ANY, "range": {"from": 0, "to": 1}, "anchor": _ANCHOR}}, True),
        ({"scope": {"match": _ANY, "anchor": {"match": _ANY, "location": "at"}}}, True),
        ({"scope": {"match": _ANY, "range": {"from": 1, "to": 1}, "anchor": {**_ANCHOR, "location": "at"}}}, False),
        ({"scope": {"match": _ANY, "range": {"from": 1, "to": 1}, "anchor": {**_ANCHOR, "hit": 0}}}, False),
        ({"scope": {"match": _ANY, "range": {"from": 1, "to": 1}, "anchor": {**_ANCHOR, "hit": -1}}}, True),
        ({"mood": {"confidence": 0.5}}, False),
        ({"sender": {}}, False),
        ({"sent": {}}, False),
        ({"absent": {"phrase": _ANY}}, False),
        ({"absent": {"phrase": _ANY, "first": 1, "last": 1}}, False),
        ({"absent": {"phrase": _ANY, "anywhere": False}}, False),
        ({"absent": {"phrase": _ANY, "after": {"match": _ANY}}}, False),
        ({"response_time": {"measure": "first", "over": 1}}, False),
        ({"response_time": {"measure": "unanswered", "over_seconds": 1}}, False),
        ({"fact": {"field": "mood", "op": "exists"}}, False),
        ({"fact": {"field": "shop", "op": "exists", "value": "A"}}, False),
        ({"fact": {"field": "shop", "op": "eq"}}, False),
        ({"fact": {"field": "shop", "op": "eq", "value": ["A", "B"]}}, False),
        ({"fact": {"field": "attributes.x", "op": "between", "value": 1}}, False),
        ({"figure": {"name": "transfers", "op": "between", "value": [1]}}, False),
        ({"figure": {"name": "transfers", "op": "ge", "value": [1]}}, True),
        ({"suspicion": {"category": "rude", "at_least": 0.5}}, False),
        ({"wildcard": {"of": ["加*号"], "chars": 51}}, False),
        ({"quantity": {"kind": "amount", "with": ["退"], "compare": {"value": 1, "unit": "CNY"}}}, False),
    ],
    ids=str,
)
def test_both_know_which_fields_need_or_exclude_each_other(tmp_path: Path, match: Any, is_right: bool) -> None:
    assert _taken(tmp_path, match) == (is_right, is_right)


@pytest.mark.parametrize(
    ("fields", "is_right"),
    [
        ({"effective": {}}, False),
        ({"exceptions": {}}, False),
        ({"match": None}, False),
        ({"examples": None}, True),
        ({"examples": None, "status": "advisory"}, False),
        ({"conditions": {"a": _ANY}, "when": "a"}, False),
        ({"conditions": {"a": _ANY}, "when": "a", "match": None}, True),
    ],
    ids=str,
)
def test_both_know_what_a_rule_needs(tmp_path: Path, fields: dict[str, Any], is_right: bool) -> None:
    assert _taken(tmp_path, fields.pop("match", _ANY), **fields) == (is_right, is_right)
