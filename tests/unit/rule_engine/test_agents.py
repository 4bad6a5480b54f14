"""Absences and reply times, judged for each agent over the own segment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation, TurnKind
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.errors import ConfigError
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, inspect, rule

_GREETING = {"any": ["您好"]}


def _outcomes(findings: tuple[Finding, ...]) -> list[tuple[str | None, Outcome]]:
    assert all(finding.turn_id is None and finding.start is None and finding.text is None for finding in findings)
    return [(finding.agent_id, finding.outcome) for finding in findings]


@pytest.mark.parametrize(
    ("absent", "lines", "expected"),
    [
        ({"first": 1}, ["customer: 在吗", "agent[a]: 您好"], Outcome.CLEAR),
        ({"first": 1}, ["customer: 在吗", "agent[a]: 嗯", "agent[a]: 您好"], Outcome.HIT),
        ({"first": 2}, ["agent[a]: 嗯", "agent[a]: 您好"], Outcome.CLEAR),
        ({"last": 1}, ["agent[a]: 您好", "agent[a]: 嗯"], Outcome.HIT),
        ({"first": 1, "min_turns": 2}, ["agent[a]: 嗯"], Outcome.NOT_APPLICABLE),
        ({"after": {"match": {"any": ["差"]}, "turns": 1}}, ["customer: 太差", "agent[a]: 您好"], Outcome.CLEAR),
        ({"after": {"match": {"any": ["差"]}, "turns": 1}}, ["customer: 太差", "agent[a]: 嗯", "agent[a]: 您好"], Outcome.HIT),
        ({"after": {"match": {"any": ["差"]}, "turns": 2}}, ["customer: 太差", "agent[a]: 嗯", "agent[a]: 您好"], Outcome.CLEAR),
        ({"after": {"match": {"any": ["差"]}, "turns": 1}}, ["customer: 好", "agent[a]: 嗯"], Outcome.NOT_APPLICABLE),
        ({"after": {"match": {"any": ["差"]}, "turns": 1}}, ["agent[a]: 嗯", "customer: 太差"], Outcome.NOT_APPLICABLE),
        ({"after": {"match": {"mood_shift": {"below": 0}}, "turns": 1}}, ["customer: 太差", "agent[a]: 嗯"], Outcome.UNAVAILABLE),
    ],
    ids=str,
)  # fmt: skip
def test_a_missing_phrase_is_a_hit_without_turn(
    tmp_path: Path, absent: Any, lines: list[str], expected: Outcome
) -> None:
    subject = engine(tmp_path, rule({"absent": {"phrase": _GREETING, **absent}}))
    mood = ConversationMood(status=MoodStatus.UNAVAILABLE)

    assert _outcomes(inspect(subject, lines, mood)) == [("a", expected)]


def test_a_phrase_that_cannot_be_judged_is_unavailable(tmp_path: Path) -> None:
    phrase = {"and": [_GREETING, {"mood_shift": {"below": 0}}]}
    subject = engine(tmp_path, rule({"absent": {"phrase": phrase, "first": 1}}))

    outcomes = _outcomes(inspect(subject, "您好", ConversationMood(status=MoodStatus.UNAVAILABLE)))

    assert outcomes == [("unknown", Outcome.UNAVAILABLE)]


def test_who_takes_a_chat_over_owes_no_opening(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"absent": {"phrase": _GREETING, "first": 1}}))

    findings = inspect(subject, ["agent[a]: 嗯", "agent[b]: 嗯"])

    assert _outcomes(findings) == [("a", Outcome.HIT), ("b", Outcome.NOT_APPLICABLE)]
    assert findings[0].explanation["absent"] == {"first": 1}
    assert findings[1].explanation["reason"] == "took_over"


def test_each_agent_of_a_transferred_chat_owes_the_end(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"absent": {"phrase": _GREETING, "last": 1}}))

    findings = inspect(subject, ["agent[a]: 您好", "agent[b]: 嗯"])

    assert _outcomes(findings) == [("a", Outcome.CLEAR), ("b", Outcome.HIT)]


def test_an_apology_is_owed_by_the_agent_who_answers(tmp_path: Path) -> None:
    absent = {"phrase": {"any": ["抱歉"]}, "after": {"match": {"any": ["差"]}, "turns": 1}}
    subject = engine(tmp_path, rule({"absent": absent}))

    findings = inspect(subject, ["customer: 太差", "agent[a]: 转接", "agent[b]: 嗯", "customer: 差", "agent[a]: 抱歉"])

    assert _outcomes(findings) == [("a", Outcome.HIT), ("b", Outcome.NOT_APPLICABLE)]
    assert findings[0].explanation["absent"]["after"] == {"turn_id": "1", "text": "太差"}


def test_without_an_agent_nothing_is_owed(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"absent": {"phrase": _GREETING, "first": 1}}))

    assert _outcomes(inspect(subject, ["customer: 在吗"])) == [(None, Outcome.NOT_APPLICABLE)]


def _timed(*lines: tuple[str, float | None]) -> Conversation:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    chat = conversation(*(line for line, _ in lines), language="zh")
    times = [first + timedelta(seconds=at) if at is not None else None for _, at in lines]
    return replace(chat, turns=tuple(replace(turn, at=at) for turn, at in zip(chat.turns, times, strict=True)))


_CHAT = (
    ("customer: 在吗", 0), ("agent[a]: 您好", 100), ("customer: 多少钱", 110), ("customer: ？", 120), ("agent[a]: 十元", 310),
    ("customer: 好的谢谢！", 320), ("agent[a]: 再见", 5000),
)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "chat", "expected"),
    [
        ({"measure": "first", "over_seconds": 99}, _CHAT, Outcome.HIT),
        ({"measure": "first", "over_seconds": 100}, _CHAT, Outcome.CLEAR),
        ({"measure": "longest", "over_seconds": 199}, _CHAT, Outcome.HIT),
        ({"measure": "longest", "over_seconds": 200}, _CHAT, Outcome.CLEAR),
        ({"measure": "average", "over_seconds": 149}, _CHAT, Outcome.HIT),
        ({"measure": "average", "over_seconds": 150}, _CHAT, Outcome.CLEAR),
        ({"measure": "unanswered", "over": 0}, _CHAT, Outcome.CLEAR),
        ({"measure": "unanswered", "over": 1}, (("agent[a]: 您好", 0), ("customer: 多少钱", 1), ("customer: ？", 2)), Outcome.HIT),
        ({"measure": "unanswered", "over": 0}, (("agent[a]: 您好", 0), ("customer: thanks", 1)), Outcome.CLEAR),
        ({"measure": "unanswered", "over": 0}, (("agent[a]: 您好", 0), ("customer: 多少钱", 1), ("bot: 十元", 2)), Outcome.HIT),
        ({"measure": "first", "over_seconds": 9}, (("customer: 在吗", None), ("agent[a]: 您好", 5)), Outcome.NOT_APPLICABLE),
        ({"measure": "first", "over_seconds": 9}, (("agent[a]: 您好", 0),), Outcome.NOT_APPLICABLE),
        ({"measure": "first", "over_seconds": 9}, (("customer: 在吗", 0),
         ("bot: 转接", 90), ("agent[a]: 您好", 95)), Outcome.HIT),
        ({"measure": "first", "over_seconds": 9}, (("customer: 在吗", 0), ("bot: 转接", 90), ("agent[a]: 您好", 100)), Outcome.HIT),
        ({"measure": "first", "over_seconds": 9}, (("bot: 欢迎", 0), ("agent[a]: 您好", 100)), Outcome.NOT_APPLICABLE),
        ({"measure": "first", "over_seconds": 9}, (("customer: 在吗", 0),
         ("system: 转接", 5), ("agent[a]: 您好", 10)), Outcome.CLEAR),
    ],
    ids=str,
)  # fmt: skip
def test_reply_times_are_measured(tmp_path: Path, options: Any, chat: Any, expected: Outcome) -> None:
    subject = engine(tmp_path, rule({"response_time": options}))

    assert _outcomes(inspect(subject, _timed(*chat))) == [("a", expected)]


def test_a_hit_says_what_was_measured(tmp_path: Path) -> None:
    first = rule({"response_time": {"measure": "first", "over_seconds": 1}}, id="test.a")
    longest = rule({"response_time": {"measure": "longest", "over_seconds": 1}}, id="test.b")

    findings = inspect(engine(tmp_path, first, longest), _timed(*_CHAT))

    assert [finding.explanation["measured"] for finding in findings] == [
        {"measure": "first", "value": 100.0, "over": 1.0},
        {"measure": "longest", "value": 200.0, "over": 1.0},
    ]


def test_a_reply_counts_for_the_agent_who_gives_it(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"response_time": {"measure": "first", "over_seconds": 60}}))

    findings = inspect(
        subject,
        _timed(
            ("customer: 在吗", 0),
            ("agent[a]: 您好", 5),
            ("customer: 价格", 10),
            ("system: 转接", 20),
            ("agent[b]: 十元", 100),
        ),
    )

    assert _outcomes(findings) == [("a", Outcome.CLEAR), ("b", Outcome.HIT)]


def test_a_reply_of_nobody_known_closes_the_wait(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"response_time": {"measure": "unanswered", "over": 0}}))

    findings = inspect(subject, ["agent[a]: 您好", "agent[b]: 您好", "customer: 价格", "agent: 十元"])

    assert _outcomes(findings) == [("a", Outcome.CLEAR), ("b", Outcome.CLEAR)]


@pytest.mark.parametrize(
    ("kind", "expected"), [("image", Outcome.HIT), ("recall", Outcome.CLEAR), ("text", Outcome.CLEAR)]
)
def test_an_image_needs_an_answer(tmp_path: Path, kind: str, expected: Outcome) -> None:
    subject = engine(tmp_path, rule({"response_time": {"measure": "unanswered", "over": 0}}))
    chat = conversation("agent[a]: 您好", "customer: ", language="zh")
    chat = replace(chat, turns=(chat.turns[0], replace(chat.turns[1], kind=TurnKind(kind))))

    assert _outcomes(inspect(subject, chat)) == [("a", expected)]


@pytest.mark.parametrize("speakers", [["bot"], ["customer"], ["agent", "bot"]], ids=str)
@pytest.mark.parametrize(
    "match",
    [
        {"absent": {"phrase": _GREETING, "first": 1}},
        {"response_time": {"measure": "first", "over_seconds": 60}},
        {"figure": {"name": "own_turns", "op": "gt", "value": 9}},
        {"and": [{"any": ["hello"]}, {"not": {"absent": {"phrase": _GREETING, "anywhere": True}}}]},
    ],
    ids=str,
)
def test_only_agents_are_judged_as_a_whole(tmp_path: Path, match: Any, speakers: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"^zh/abuse\.yaml:\d+: rules\[0\]\.speakers: .*judge agents"):
        engine(tmp_path, rule(match, speakers=speakers, status="advisory"))


def test_a_figure_beside_words_is_asked_of_any_speaker(tmp_path: Path) -> None:
    match = {"and": [{"any": ["差"]}, {"figure": {"name": "turns", "op": "ge", "value": 2}}]}
    subject = engine(tmp_path, rule(match, speakers=["customer"], status="advisory"))

    found = inspect(subject, ["customer: 太差", "agent: 抱歉"])

    assert [finding.text for finding in found if finding.outcome is Outcome.HIT] == ["差"]
