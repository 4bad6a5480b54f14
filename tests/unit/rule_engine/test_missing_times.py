"""What hangs on a time that is missing is not applicable: neither passed nor held against anybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.finding import Outcome
from tests.unit.rule_engine.packs import engine, inspect, rule
from tests.unit.rule_engine.test_time import timed
from tests.unit.rule_engine.test_why import explain

_ASKED = {"any": ["退款", "refund"]}
_REFUND = {"match": _ASKED, "seconds": 60}
_STEPS = [{"match": _ASKED, "role": "customer"}, {"match": {"any": ["可以", "sure"]}}]
_SEQUENCE = {"sequence": {"steps": _STEPS, "seconds": 60}}
_APOLOGY = {
    "absent": {
        "phrase": {"any": ["抱歉", "sorry"]},
        "after": {"match": {"any": ["坏了", "broken"]}, "turns": 3, "seconds": 300},
    }
}

Seconds = list[float | None]


def outcomes(folder: Path, match: Any, lines: list[str], seconds: Seconds, **fields: Any) -> set[Outcome]:
    subject = engine(folder, rule(match, **fields))
    return {finding.outcome for finding in inspect(subject, timed(lines, *seconds))}


@pytest.mark.parametrize(
    "match",
    [
        {"after": _REFUND},
        {"not": {"after": _REFUND}},
        _SEQUENCE,
        {"and": [{"any": ["可以", "sure"]}, {"not": _SEQUENCE}]},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "lines", [["customer: 退款", "agent: 可以"], ["customer: refund please", "agent: Sure"]], ids=str
)
@pytest.mark.parametrize("seconds", [[None, None], [0, None], [None, 0]], ids=str)
def test_a_distance_in_seconds_needs_both_times(tmp_path: Path, match: Any, lines: list[str], seconds: Seconds) -> None:
    assert outcomes(tmp_path, match, lines, seconds) == {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("seconds", [[0, None, 30], [None, 0, 30]], ids=str)
def test_one_turn_that_is_near_enough_will_do(tmp_path: Path, seconds: Seconds) -> None:
    lines = ["customer: 退款", "customer: 退款", "agent: 可以"]

    assert outcomes(tmp_path, {"after": _REFUND}, lines, seconds) == {Outcome.HIT}
    assert outcomes(tmp_path, _SEQUENCE, lines, seconds) == {Outcome.HIT}


def test_a_missing_time_of_another_turn_leaves_nothing_open(tmp_path: Path) -> None:
    lines = ["customer: 退款", "customer: 喂", "agent: 可以"]

    assert outcomes(tmp_path, {"after": _REFUND}, lines, [0, None, 61]) == {Outcome.CLEAR}
    assert outcomes(tmp_path, _SEQUENCE, lines, [0, None, 61]) == {Outcome.CLEAR}


def test_before_asks_for_times_too(tmp_path: Path) -> None:
    match = {"not": {"before": _REFUND}}

    assert outcomes(tmp_path, match, ["agent: 可以", "customer: 退款"], [0, None]) == {Outcome.NOT_APPLICABLE}
    assert outcomes(tmp_path, match, ["agent: 可以", "customer: 退款"], [0, 61]) == {Outcome.HIT}


@pytest.mark.parametrize(
    ("lines", "seconds", "expected"),
    [
        (["customer: 坏了", "agent: 非常抱歉"], [None, None], Outcome.NOT_APPLICABLE),
        (["customer: it is broken", "agent: so sorry"], [0, None], Outcome.NOT_APPLICABLE),
        (["customer: 坏了", "agent: 哦"], [None, None], Outcome.NOT_APPLICABLE),
        (["customer: 坏了", "agent: 抱歉", "agent: 在查"], [0, 10, None], Outcome.CLEAR),
        (["customer: 坏了", "agent: 在查", "agent: 抱歉"], [0, 10, None], Outcome.NOT_APPLICABLE),
        (["customer: 坏了", "agent: 在查", "agent: 抱歉"], [0, 301, None], Outcome.HIT),
        (["customer: 坏了", "agent: 在查", "agent: 好", "agent: 行", "agent: 抱歉"], [0, 1, 2, 3, None], Outcome.HIT),
        (["customer: 坏了", "agent: 抱歉", "customer: 坏了", "agent: 抱歉"], [None, None, 5, 6], Outcome.NOT_APPLICABLE),
    ],
    ids=str,
)  # fmt: skip
def test_a_phrase_owed_in_time_needs_times(
    tmp_path: Path, lines: list[str], seconds: Seconds, expected: Outcome
) -> None:
    assert outcomes(tmp_path, _APOLOGY, lines, seconds) == {expected}


@pytest.mark.parametrize(
    ("lines", "seconds", "expected"),
    [
        (["customer: 在吗", "agent: 在的", "customer: 好"], [0, None, 400], Outcome.NOT_APPLICABLE),
        (["customer: Hello", "agent: Yes", "customer: ok"], [None, 0, 400], Outcome.NOT_APPLICABLE),
        (["customer: 在吗", "agent: 在的", "customer: 好"], [0, 10, None], Outcome.NOT_APPLICABLE),
        (["customer: 在吗", "agent: 在的", "customer: 好", "agent: 嗯"], [0, None, 100, 500], Outcome.HIT),
        (["customer: 在吗", "agent: 在的", "system: 转接", "customer: 好"], [0, 10, None, 400], Outcome.HIT),
    ],
    ids=str,
)
def test_the_longest_silence_is_not_known_where_a_missing_time_may_lie_in_it(
    tmp_path: Path, lines: list[str], seconds: Seconds, expected: Outcome
) -> None:
    figure = {"figure": {"name": "longest_silence_seconds", "op": "gt", "value": 300}}

    assert outcomes(tmp_path, figure, lines, seconds) == {expected}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([None, None, 1000], Outcome.NOT_APPLICABLE),
        ([0, None, 1000], Outcome.CLEAR),
        ([None, 900, 1000], Outcome.CLEAR),
        ([980, None, 1000], Outcome.HIT),
    ],
    ids=str,
)
@pytest.mark.parametrize("edge", ["first_seconds", "last_seconds"])
def test_a_period_ends_at_an_edge_that_is_known(tmp_path: Path, edge: str, seconds: Seconds, expected: Outcome) -> None:
    """Mirrored for `last_seconds`: the turns stand behind the greeting, and so do their times."""
    lines = ["customer: 在吗", "customer: hello", "agent: 您好"]
    if edge == "last_seconds":
        lines, seconds = lines[::-1], [None if at is None else 1000 - at for at in seconds[::-1]]
    match = {"and": [{"any": ["您好"]}, {"position": {edge: 30}}]}

    assert outcomes(tmp_path, match, lines, seconds) == {expected}


def test_where_the_start_is_stated_no_turn_is_earlier(tmp_path: Path) -> None:
    chat = timed(["customer: 在吗", "agent: 您好"], None, 20)
    subject = engine(tmp_path, rule({"and": [{"any": ["您好"]}, {"position": {"first_seconds": 30}}]}))

    (finding,) = inspect(subject, replace(chat, started_at=timed(["agent: 您好"], 0).turns[0].at))

    assert finding.outcome is Outcome.HIT


def test_an_explanation_shows_the_missing_time(tmp_path: Path) -> None:
    chat = timed(["customer: 坏了", "agent[a]: 非常抱歉"], 0, None)

    explained = explain(tmp_path, _APOLOGY, chat)

    (agent,) = explained.agents
    assert (agent.outcome, agent.reason) == (Outcome.NOT_APPLICABLE, "no_time")
    assert [(m.name, m.value, m.bound, m.holds) for m in agent.measured] == [
        ("seconds from turn 1 to turn 2", None, "at most 300", False)
    ]
    assert [(part.label, part.truth) for part in agent.parts] == [
        ("asked for by turn 1", "yes"), ("owed in turn 2", "yes"),
    ]  # fmt: skip


def test_an_explanation_measures_what_came_too_late(tmp_path: Path) -> None:
    explained = explain(tmp_path, _APOLOGY, timed(["customer: 坏了", "agent[a]: 非常抱歉"], 0, 301))

    (agent,) = explained.agents
    assert [(m.value, m.holds) for m in agent.measured] == [(301, False)]


@pytest.mark.parametrize("seconds", [[None, None], [0, None], [None, 0]], ids=str)
@pytest.mark.parametrize(
    "lines", [["customer: 能退吗", "agent: 能的"], ["customer: can I return it", "agent: yes"]], ids=str
)
def test_a_wait_without_times_is_not_judged(tmp_path: Path, lines: list[str], seconds: Seconds) -> None:
    subject = engine(tmp_path, rule({"waited": {"over_seconds": 60}}))

    (finding,) = inspect(subject, timed(lines, *seconds))

    assert (finding.outcome, finding.explanation["reason"]) == (Outcome.NOT_APPLICABLE, "no_reply_time")


def test_a_turn_that_ends_no_wait_needs_no_time(tmp_path: Path) -> None:
    match = {"waited": {"over_seconds": 60}}

    assert outcomes(tmp_path, match, ["agent: 能的", "customer: 好的谢谢"], [None, None]) == {Outcome.CLEAR}


def test_a_sequence_ends_with_whom_the_rule_reads(tmp_path: Path) -> None:
    steps = [{"match": {"any": ["稍等", "one moment"]}}, {"match": {"any": ["投诉", "complain"]}}]
    subject = engine(tmp_path, rule({"sequence": {"steps": steps}}, speakers=["customer"], status="advisory"))

    findings = inspect(subject, ["agent: 稍等", "customer: 投诉你们", "customer: I complain"])

    assert [finding.text for finding in findings if finding.outcome is Outcome.HIT] == ["投诉", "complain"]
