"""The examples of a rule run with the mood, times, facts and policies that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.rule_engine import run_examples
from tests.unit.rule_engine.packs import engine, rule

_NONE = ["丙", "丁"]


@pytest.mark.parametrize(
    ("match", "example"),
    [
        ({"any": ["坏"]}, {"turns": ["agent: 真坏"], "span": "坏"}),
        ({"mood": {"emotion": ["angry"]}}, {"turns": ["customer: 哼", "agent: 好"], "mood": {1: "angry"}}),
        ({"mood": {"polarity_above": 0.5}}, {"turns": ["customer: 哈", "agent: 好"], "mood": {1: "satisfied"}}),
        ({"mood_shift": {"below": -0.5}}, {"turns": ["agent: 好"], "mood_shift": -0.8}),
        (
            {"mood_shift": {"below": -0.5}},
            {"turns": ["customer: 哈", "customer: 哼", "agent: 好"], "mood": {2: "angry"}},
        ),
        ({"fact": {"field": "shop", "op": "eq", "value": "x"}}, {"turns": ["agent: 好"], "shop": "x"}),
        (
            {"fact": {"field": "attributes.a", "op": "eq", "value": "x"}},
            {"turns": ["agent: 好"], "attributes": {"a": "x"}},
        ),
        ({"fact": {"field": "channel", "op": "eq", "value": "x"}}, {"turns": ["agent: 好"], "channel": "x"}),
        (
            {"response_time": {"measure": "first", "over_seconds": 60}},
            {"turns": ["customer: 在吗", "agent[a]: 好"], "seconds": [0, 61]},
        ),
        (
            {"quantity": {"kind": "duration", "with": ["退"], "compare": {"policy": "return_days", "verdict": "better"}}},
            {"turns": ["agent: 三天内可退"], "policy": {"return_days": 2}},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_an_example_stands_for_a_whole_conversation(tmp_path: Path, match: Any, example: dict[str, Any]) -> None:
    subject = engine(tmp_path, rule(match, examples={"match": [example, example], "no_match": _NONE}))

    assert run_examples(subject) == []


def test_a_suspicion_can_be_given(tmp_path: Path) -> None:
    example = {"turns": ["agent: 好"], "suspicion": {1: {"abuse": 0.9}}}
    match = {"suspicion": {"category": "abuse", "at_least": 0.8}}
    subject = engine(tmp_path, rule(match, status="shadow", examples={"match": [example] * 2, "no_match": _NONE}))

    assert run_examples(subject) == []


def test_a_ban_can_be_lifted_and_a_language_chosen(tmp_path: Path) -> None:
    lifted = {"turns": ["agent: 坏"], "policy": {"no_contact": 1}}
    foreign = {"turns": ["agent: 坏"], "language": "en"}
    examples = {"match": ["坏", "坏人"], "no_match": [lifted, foreign]}
    subject = engine(tmp_path, rule({"any": ["坏"]}, forbidden_by="no_contact", examples=examples))

    assert run_examples(subject) == []


@pytest.mark.parametrize(
    ("match", "example", "expected", "message"),
    [
        ({"any": ["坏"]}, "坏", False, "hits 坏, and must not"),
        ({"absent": {"phrase": {"any": ["坏"]}, "first": 1}}, "好", False, "hits an absence, and must not"),
        ({"any": ["坏"]}, "不是坏", True, "must hit, and does not (suppressed: {'kind': 'negation'"),
        ({"any": ["坏"]}, {"turns": ["agent: 坏"], "span": "真坏"}, True, "must cover '真坏', and covers '坏'"),
        ({"any": ["坏"]}, {"turns": ["agent: 坏"], "policy": {"nowhere": 1}}, True, "there is no policy nowhere"),
    ],
    ids=["a hit too many", "an absence too many", "suppressed", "another span", "unknown policy"],
)
def test_a_wrong_example_is_named(tmp_path: Path, match: Any, example: Any, expected: bool, message: str) -> None:
    absent = "absent" in match
    right, wrong = ("好人" if absent else "坏人"), ("坏" if absent else "丙")
    examples = {"match": [right, example if expected else right], "no_match": [wrong, wrong if expected else example]}
    subject = engine(tmp_path, rule(match, examples=examples))

    (failure,) = run_examples(subject, rule_id="test.rule")

    assert failure.message.startswith(message)
    assert (
        failure.message.endswith(", in " + repr(example if isinstance(example, str) else "坏")) or "policy" in message
    )
    assert (failure.rule_id, failure.file) == ("test.rule", "zh/abuse.yaml")
    assert run_examples(subject, rule_id="test.other") == []
