"""Counting over own turns, and phrases owed anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.finding import Outcome
from qa_service.errors import ConfigError
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_SORRY = {"any": ["抱歉", "sorry"]}


@pytest.mark.parametrize(
    ("fields", "lines", "expected"),
    [
        ({}, ["抱歉抱歉", "sorry"], ["sorry"]),
        ({}, ["抱歉", "sorry", "抱歉", "抱歉"], ["抱歉"]),
        ({"per": "turn"}, ["抱歉抱歉", "sorry"], []),
        ({"per": "turn"}, ["抱歉抱歉", "sorry", "抱歉"], ["抱歉"]),
        ({"turns": 3}, ["抱歉", "好", "抱歉", "好", "抱歉"], []),
        ({"turns": 3}, ["抱歉", "好", "抱歉", "抱歉"], []),
        ({"turns": 3}, ["好", "抱歉", "抱歉", "抱歉"], ["抱歉"]),
        ({"turns": 2, "per": "hit"}, ["抱歉", "抱歉抱歉", "好"], ["抱歉抱歉"]),
    ],
    ids=str,
)
def test_the_turn_that_reaches_the_number_hits(
    tmp_path: Path, fields: dict[str, Any], lines: list[str], expected: list[str]
) -> None:
    subject = engine(tmp_path, rule({"count": {"of": _SORRY, "at_least": 3, **fields}}, guard="none"))

    assert hits(subject, [f"agent: {line}" for line in lines]) == expected


@pytest.mark.parametrize("per", ["hit", "turn"])
@pytest.mark.parametrize(
    "of",
    [{"none": ["您", "please"]}, {"not": {"any": ["您", "please"]}}, {"and": [_SORRY, {"none": ["您", "please"]}]}],
    ids=str,
)
def test_what_holds_without_words_counts_its_turns(tmp_path: Path, of: dict[str, Any], per: str) -> None:
    subject = engine(tmp_path, rule({"count": {"of": of, "at_least": 2, "per": per}}))

    assert hits(subject, ["agent: 抱歉", "agent: 您抱歉", "agent: 抱歉"]) == ["抱歉"]
    assert hits(subject, ["agent: sorry", "agent: please, sorry", "agent: please"]) == []


def test_each_agent_counts_the_own_turns(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"count": {"of": _SORRY, "at_least": 2}}, guard="none"))

    assert hits(subject, ["agent[x]: 抱歉", "agent[y]: 抱歉", "agent[y]: sorry"]) == ["sorry"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["agent: 好", "customer: 嗯", "agent: 通话会被录音", "agent: 再见"], []),
        (["agent: 好", "customer: 通话会被录音吗", "agent: 再见"], [None]),
        (["agent[x]: this call is recorded", "agent[y]: 你好"], [None]),
    ],
    ids=str,
)
def test_a_notice_may_be_owed_anywhere(tmp_path: Path, lines: list[str], expected: list[str | None]) -> None:
    notice = {"absent": {"phrase": {"any": ["录音", "recorded"]}, "anywhere": True}}
    subject = engine(tmp_path, rule(notice))

    assert hits(subject, lines) == expected
    for finding in only(inspect(subject, lines), Outcome.HIT):
        assert finding.explanation["absent"] == {"anywhere": True}


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ({"absent": {"phrase": _SORRY, "anywhere": False}}, "absent.anywhere: can only be true"),
        ({"absent": {"phrase": _SORRY}}, "absent: give one of first, last, after and anywhere"),
        ({"count": {"of": _SORRY, "at_least": 2, "per": "word"}}, "count.per: must be one of: hit, turn"),
    ],
    ids=str,
)
def test_what_cannot_be_counted_is_an_error_with_its_place(tmp_path: Path, match: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path, rule(match))

    assert message in caught.value.message


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["稍等", "稍等，稍等，请稍等一下"], "稍等，稍等，请稍等"),
        (["稍等，稍等，再稍等"], "稍等，稍等，再稍等"),
        (["wait", "Wait, wait, please wait"], "Wait, wait, please wait"),
    ],
    ids=str,
)
def test_the_turn_that_reaches_the_number_is_one_finding(tmp_path: Path, lines: list[str], expected: str) -> None:
    subject = engine(tmp_path, rule({"count": {"of": {"any": ["稍等", "wait"]}, "at_least": 3}}))

    assert hits(subject, [f"agent: {line}" for line in lines]) == [expected]
