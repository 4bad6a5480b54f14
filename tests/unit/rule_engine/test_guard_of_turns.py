"""The guard judges words: what stands for a turn is not taken back by what is said in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.finding import Finding, Outcome
from tests.unit.rule_engine.packs import engine, inspect, only, rule
from tests.unit.rule_engine.test_time import timed

_NO_ANSWER = {"any": ["不知道", "no idea"]}
_PLACED = (Outcome.HIT, Outcome.SUPPRESSED)


def _found(folder: Path, match: Any, agent: str, *, seconds: float = 900, **fields: Any) -> list[Finding]:
    chat = timed(["customer: 发货没？", f"agent[a]: {agent}"], 0, seconds)
    return [found for found in inspect(engine(folder, rule(match, **fields)), chat) if found.outcome in _PLACED]


@pytest.mark.parametrize(
    "match",
    [
        {"silence": {"over_seconds": 120}},
        {"waited": {"over_seconds": 120}},
        {"none": ["抱歉", "sorry"]},
        {"not": {"any": ["抱歉", "sorry"]}},
        {"sender": {"id": "a"}},
        {"fact": {"field": "language", "op": "eq", "value": "zh"}},
        {"position": {"first": 1}},
        {"after": {"match": {"any": ["发货"]}}},
        {"or": [_NO_ANSWER, {"silence": {"over_seconds": 120}}]},
    ],
    ids=str,
)
@pytest.mark.parametrize("agent", ["您是问订单号吗", "您说不能发货？", "which order number?"])
def test_a_hit_of_the_turn_stands_whatever_is_said(tmp_path: Path, match: Any, agent: str) -> None:
    (found,) = _found(tmp_path, match, agent)

    assert (found.outcome, found.text) == (Outcome.HIT, agent)


@pytest.mark.parametrize("text", ["请问还有什么可以帮您的吗？", "is there anything else, sir?"])
def test_a_question_that_is_repeated_is_repeated(tmp_path: Path, text: str) -> None:
    subject = engine(tmp_path, rule({"repeat": {"times": 2}}))

    (found,) = only(inspect(subject, [f"agent: {text}", f"agent: {text}"]), Outcome.HIT)

    assert (found.turn_id, found.text) == ("2", text)


@pytest.mark.parametrize(
    ("agent", "outcome", "text"),
    [
        ("不知道，您是问订单吗", Outcome.HIT, "不知道"),
        ("您说不知道", Outcome.SUPPRESSED, "不知道"),
        ("No idea. Who asks?", Outcome.HIT, "No idea"),
    ],
)
def test_words_beside_a_time_are_what_the_guard_reads(tmp_path: Path, agent: str, outcome: Outcome, text: str) -> None:
    (found,) = _found(tmp_path, {"and": [_NO_ANSWER, {"silence": {"over_seconds": 120}}]}, agent)

    assert (found.outcome, found.text) == (outcome, text)
    assert found.explanation["silence"]["seconds"] == 900


@pytest.mark.parametrize(
    ("agent", "seconds", "outcome", "text"),
    [
        ("您说不知道", 900, Outcome.HIT, "您说不知道"),
        ("我不知道", 900, Outcome.HIT, "不知道"),
        ("您说不知道", 9, Outcome.SUPPRESSED, "不知道"),
    ],
)
@pytest.mark.parametrize(
    "late", [{"silence": {"over_seconds": 120}}, {"not": {"position": {"first_seconds": 120}}}], ids=str
)
def test_either_words_or_the_turn(
    tmp_path: Path, late: Any, agent: str, seconds: float, outcome: Outcome, text: str
) -> None:
    (found,) = _found(tmp_path, {"or": [_NO_ANSWER, late]}, agent, seconds=seconds)

    assert (found.outcome, found.text) == (outcome, text)


@pytest.mark.parametrize("text", ["您好欢迎光临！", "Hello and welcome!"])
def test_what_is_allowed_may_be_repeated(tmp_path: Path, text: str) -> None:
    subject = engine(tmp_path, rule({"repeat": {"times": 2}}, exceptions=["您好欢迎", "welcome"]))

    findings = inspect(subject, [f"agent: {text}", f"agent: {text}"])

    assert only(findings, Outcome.HIT) == []
    assert [found.explanation["cue"]["kind"] for found in only(findings, Outcome.SUPPRESSED)] == ["exception"]
