"""Conditions on the conversation: what was said around a turn, how often, in what mood, under which facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood, TurnTone
from qa_service.rule_engine.nodes.repeat import similarity
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, hits, inspect, rule

_SAID = {"any": ["好的"]}


def _timed(lines: list[str], *seconds: float) -> Conversation:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    chat = conversation(*lines, language="zh")
    turns = tuple(
        type(turn)(
            id=turn.id, role=turn.role, text=turn.text, sender_id=turn.sender_id, at=first + timedelta(seconds=at)
        )
        for turn, at in zip(chat.turns, seconds, strict=True)
    )
    return Conversation(external_id="c", turns=turns, language="zh")


@pytest.mark.parametrize(
    ("anchor", "lines", "expected"),
    [
        ({"after": {"match": {"any": ["退款"]}}}, ["customer: 退款", "agent: 好的"], ["好的"]),
        ({"after": {"match": {"any": ["退款"]}}}, ["agent: 退款", "agent: 好的"], []),
        ({"after": {"match": {"any": ["退款"]}, "role": "agent"}}, ["agent: 退款", "agent: 好的"], ["好的"]),
        (
            {"after": {"match": {"any": ["退款"]}, "turns": 1}},
            ["customer: 退款", "customer: 在吗", "agent: 好的"],
            [],
        ),
        ({"after": {"match": {"any": ["退款"]}}}, ["agent: 好的", "customer: 退款"], []),
        ({"before": {"match": {"any": ["退款"]}}}, ["agent: 好的", "customer: 退款"], ["好的"]),
        ({"after": {"match": {"any": ["退款"]}, "seconds": 9}}, ["customer: 退款", "agent: 好的"], []),
        (
            {"after": {"match": {"fact": {"field": "shop", "op": "eq", "value": "x"}}}},
            ["customer: 退款", "agent: 好的"],
            [],
        ),
    ],
    ids=str,
)
def test_an_anchor_looks_at_other_turns(tmp_path: Path, anchor: Any, lines: list[str], expected: list[str]) -> None:
    subject = engine(tmp_path, rule({"and": [_SAID, anchor]}, guard="none"))

    assert hits(subject, lines) == expected


@pytest.mark.parametrize(("gap", "expected"), [(9, ["好的"]), (11, [])])
def test_an_anchor_may_be_bound_in_seconds(tmp_path: Path, gap: float, expected: list[str]) -> None:
    anchor = {"after": {"match": {"any": ["退款"]}, "seconds": 10}}
    subject = engine(tmp_path, rule({"and": [_SAID, anchor]}))

    assert hits(subject, _timed(["customer: 退款", "agent: 好的"], 0, gap)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["customer: 甲", "agent: 乙", "agent: 丙"], ["丙"]),
        (["agent: 乙", "customer: 甲", "agent: 丙"], []),
        (["customer: 甲", "agent: 丙"], []),
        (["customer: 甲", "agent: 好", "agent: 好", "agent: 乙", "agent: 丙"], []),
        (["customer: 甲", "customer: 甲", "agent: 乙", "agent: 丙"], ["丙"]),
        (["customer: 甲", "agent: 乙"], []),
    ],
    ids=str,
)
def test_a_sequence_happens_in_order_and_near(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    steps = [{"match": {"any": ["甲"]}, "role": "customer"}, {"match": {"any": ["乙"]}}, {"match": {"any": ["丙"]}}]
    subject = engine(tmp_path, rule({"sequence": {"steps": steps, "turns": 2}}))

    assert hits(subject, lines) == expected


def test_a_sequence_that_ends_with_the_customer_is_no_hit_of_an_agent(tmp_path: Path) -> None:
    steps = [{"match": {"any": ["甲"]}}, {"match": {"any": ["乙"]}, "role": "customer"}]
    subject = engine(tmp_path, rule({"sequence": {"steps": steps}}))

    assert hits(subject, ["agent: 甲", "customer: 乙", "agent: 乙"]) == []


def test_a_count_is_reached_once_and_by_one_speaker(tmp_path: Path) -> None:
    subject = engine(
        tmp_path, rule({"count": {"of": {"any": ["不"]}, "at_least": 3}}, guard="none", exceptions=["不错"])
    )

    lines = ["agent[a]: 不，不错", "agent[b]: 不", "agent[a]: 不", "agent[a]: 不", "agent[a]: 不"]
    found = [finding for finding in inspect(subject, lines) if finding.outcome is Outcome.HIT]

    assert [(finding.turn_id, finding.explanation["count"]) for finding in found] == [("4", 3)]
    assert hits(subject, ["agent: 不错", "agent: 好"]) == []


@pytest.mark.parametrize(
    ("options", "lines", "expected"),
    [
        ({"times": 2}, ["agent: 请您耐心等待", "agent: 请您，耐心等待！"], 1),
        ({"times": 2}, ["agent[a]: 请您耐心等待", "agent[b]: 请您耐心等待"], 0),
        ({"times": 2}, ["agent: 好的", "agent: 好的"], 0),
        ({"times": 2, "min_chars": 2}, ["agent: 好的", "agent: 好的"], 1),
        ({"times": 2, "except": ["耐心"]}, ["agent: 请您耐心等待", "agent: 请您耐心等待"], 0),
        ({"times": 2, "turns": 1}, ["agent: 请您耐心等待", "customer: ？", "agent: 请您耐心等待"], 0),
        ({"times": 2, "similarity": 0.7}, ["agent: 请您耐心等待哦", "agent: 请您耐心等待"], 1),
        ({"times": 3}, ["agent: 请您耐心等待", "agent: 请您耐心等待"], 0),
    ],
    ids=str,
)
def test_repeating_oneself_is_a_hit_over_the_turn(
    tmp_path: Path, options: Any, lines: list[str], expected: int
) -> None:
    subject = engine(tmp_path, rule({"repeat": options}))

    assert len(hits(subject, lines)) == expected


def test_texts_of_one_character_are_alike_only_if_equal() -> None:
    assert (similarity("好", "好"), similarity("好", "行")) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("position", "expected"), [({"first": 1}, ["1"]), ({"last": 2}, ["3", "5"])], ids=["first", "last"]
)
def test_a_position_counts_the_speakers_own_turns(tmp_path: Path, position: Any, expected: list[str]) -> None:
    subject = engine(tmp_path, rule({"position": position}))

    findings = inspect(subject, ["agent: 一", "customer: 二", "agent: 三", "bot: 四", "agent: 五"])

    assert [finding.turn_id for finding in findings if finding.outcome is Outcome.HIT] == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"field": "channel", "op": "eq", "value": "taobao"}, Outcome.HIT),
        ({"field": "channel", "op": "ne", "value": "taobao"}, Outcome.CLEAR),
        ({"field": "shop", "op": "eq", "value": "x"}, Outcome.NOT_APPLICABLE),
        ({"field": "shop", "op": "missing"}, Outcome.HIT),
        ({"field": "shop", "op": "exists"}, Outcome.CLEAR),
        ({"field": "language", "op": "contains", "value": "z"}, Outcome.HIT),
        ({"field": "language", "op": "not_contains", "value": "z"}, Outcome.CLEAR),
        ({"field": "attributes.amount", "op": "gt", "value": 10}, Outcome.HIT),
        ({"field": "attributes.amount", "op": "ge", "value": 20}, Outcome.HIT),
        ({"field": "attributes.amount", "op": "lt", "value": 20}, Outcome.CLEAR),
        ({"field": "attributes.amount", "op": "le", "value": 19}, Outcome.CLEAR),
        ({"field": "attributes.amount", "op": "between", "value": [10, 20]}, Outcome.HIT),
        ({"field": "attributes.stage", "op": "gt", "value": 10}, Outcome.NOT_APPLICABLE),
        ({"field": "attributes.amount", "op": "eq", "value": "20.0"}, Outcome.HIT),
        ({"field": "attributes.amount", "op": "ne", "value": "20.0"}, Outcome.CLEAR),
        ({"field": "attributes.amount", "op": "eq", "value": "020"}, Outcome.CLEAR),
        ({"field": "attributes.order", "op": "eq", "value": "9007199254740992"}, Outcome.CLEAR),
        ({"field": "attributes.rate", "op": "lt", "value": 10}, Outcome.NOT_APPLICABLE),
        ({"field": "attributes.note", "op": "missing"}, Outcome.HIT),
        ({"field": "attributes.note", "op": "exists"}, Outcome.CLEAR),
        ({"field": "attributes.note", "op": "ne", "value": "x"}, Outcome.NOT_APPLICABLE),
    ],
    ids=str,
)
def test_facts_compare(tmp_path: Path, fact: Any, expected: Outcome) -> None:
    subject = engine(tmp_path, rule({"and": [_SAID, {"fact": fact}]}))
    chat = conversation(
        "agent: 好的",
        language="zh",
        channel="taobao",
        attributes={"amount": "20", "stage": "after", "order": "9007199254740993", "rate": "nan", "note": " "},
    )

    assert [finding.outcome for finding in inspect(subject, chat)] == [expected]


def _mood(**fields: Any) -> ConversationMood:
    felt = TurnMood(
        **{
            "turn_id": "1",
            "status": MoodStatus.COMPLETE,
            "polarity": -0.8,
            "emotion": Emotion.ANGRY,
            "confidence": 0.9,
            **fields,
        }
    )
    return ConversationMood(status=MoodStatus.COMPLETE, turns=(felt,), shift=-0.6)


@pytest.mark.parametrize(
    ("node", "mood", "expected"),
    [
        ({"mood": {"emotion": ["angry", "abusive"]}}, _mood(), Outcome.HIT),
        ({"mood": {"emotion": "satisfied"}}, _mood(), Outcome.CLEAR),
        ({"mood": {"polarity_below": -0.5}}, _mood(), Outcome.HIT),
        ({"mood": {"polarity_above": 0.5}}, _mood(), Outcome.CLEAR),
        ({"mood": {"emotion": ["angry"], "confidence": 0.95}}, _mood(), Outcome.CLEAR),
        ({"mood": {"emotion": ["angry"]}}, _mood(status=MoodStatus.NOT_APPLICABLE, polarity=None), Outcome.CLEAR),
        (
            {"mood": {"emotion": ["angry"]}},
            _mood(status=MoodStatus.UNAVAILABLE, reason="too_long"),
            Outcome.UNAVAILABLE,
        ),
        ({"mood": {"emotion": ["angry"]}}, ConversationMood(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
        ({"mood": {"emotion": ["angry"]}}, ConversationMood(status=MoodStatus.COMPLETE), Outcome.CLEAR),
        ({"mood_shift": {"below": -0.5}}, _mood(), Outcome.HIT),
        ({"mood_shift": {"above": 0.5}}, _mood(), Outcome.CLEAR),
        ({"mood_shift": {"below": -0.5}}, ConversationMood(status=MoodStatus.NOT_APPLICABLE), Outcome.NOT_APPLICABLE),
        ({"mood_shift": {"below": -0.5}}, ConversationMood(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
    ],
    ids=str,
)
def test_a_mood_is_a_condition(tmp_path: Path, node: Any, mood: ConversationMood, expected: Outcome) -> None:
    subject = engine(tmp_path, rule({"and": [_SAID, node]}))

    findings = inspect(subject, ["customer: 太差了", "agent: 好的"], mood)

    assert [finding.outcome for finding in findings] == [expected]


def test_a_mood_rule_may_stand_alone_and_says_what_it_read(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"mood": {"emotion": ["angry"]}}))

    (found,) = inspect(subject, ["customer: 太差了", "agent: 好的"], _mood())

    assert found.text == "好的"
    assert found.explanation["mood"] == {"turn_id": "1", "emotion": "angry", "polarity": -0.8}


def _tone(**fields: Any) -> ConversationMood:
    tone = TurnTone(**{"turn_id": "1", "agent_id": None, "status": MoodStatus.COMPLETE, **fields})
    return ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,))


@pytest.mark.parametrize(
    ("mood", "expected"),
    [
        (_tone(suspicions={"abuse": 0.9}), Outcome.HIT),
        (_tone(suspicions={"abuse": 0.7}), Outcome.CLEAR),
        (_tone(status=MoodStatus.NOT_APPLICABLE), Outcome.CLEAR),
        (_tone(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
        (_tone(turn_id="7"), Outcome.CLEAR),
        (ConversationMood(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
    ],
    ids=["over", "under", "not applicable", "unavailable", "no tone", "no model"],
)
def test_a_suspicion_is_a_hit_over_the_turn(tmp_path: Path, mood: ConversationMood, expected: Outcome) -> None:
    suspicion = {"suspicion": {"category": "abuse", "at_least": 0.8}}
    subject = engine(tmp_path, rule(suspicion, status="advisory", guard="none"))

    assert [finding.outcome for finding in inspect(subject, "自己想办法", mood)] == [expected]


def test_a_suspicion_is_read_of_the_agent_though_the_customer_cannot_be_read(tmp_path: Path) -> None:
    suspicion = {"suspicion": {"category": "abuse", "at_least": 0.8}}
    subject = engine(tmp_path, rule(suspicion, status="advisory", guard="none"))
    mood = replace(_tone(suspicions={"abuse": 0.9}), status=MoodStatus.UNAVAILABLE, reason="written in Japanese")

    assert [finding.outcome for finding in inspect(subject, "自己想办法", mood)] == [Outcome.HIT]


@pytest.mark.parametrize(
    "node", [{"mood": {"emotion": ["angry"]}}, {"suspicion": {"category": "abuse", "at_least": 0.8}}]
)
def test_why_there_is_no_mood_is_said_in_words(tmp_path: Path, node: Any) -> None:
    subject = engine(tmp_path, rule(node, status="advisory", guard="none"))
    mood = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="the mood model failed")

    (found,) = inspect(subject, ["customer: 太差了", "agent: 好的"], mood)

    assert found.explanation["reason"] == "the mood model failed"


_SUSPECTED_WORDS = {"and": [{"any": ["自己"]}, {"suspicion": {"category": "abuse", "at_least": 0.8}}]}


def test_words_explain_a_suspicion(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule(_SUSPECTED_WORDS, status="scored"))

    (found,) = inspect(subject, "自己想办法", _tone(suspicions={"abuse": 0.9}))

    assert (found.outcome, found.text, found.start, found.end) == (Outcome.HIT, "自己", 0, 2)
    assert found.explanation["matched"] == ["自己"]
    assert found.explanation["suspicion"] == {"category": "abuse", "value": 0.9, "at_least": 0.8}


@pytest.mark.parametrize(
    ("said", "mood", "expected"),
    [
        ("自己想办法", _tone(suspicions={"abuse": 0.79}), Outcome.CLEAR),
        ("想想办法", _tone(suspicions={"abuse": 0.9}), Outcome.CLEAR),
        ("您说自己想办法", _tone(suspicions={"abuse": 0.9}), Outcome.SUPPRESSED),
        ("自己想办法", _tone(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
        ("自己想办法", ConversationMood(status=MoodStatus.UNAVAILABLE), Outcome.UNAVAILABLE),
        ("想想办法", ConversationMood(status=MoodStatus.UNAVAILABLE), Outcome.CLEAR),
    ],
    ids=["under", "no words", "quoted words", "turn not read", "no model", "no words, no model"],
)
def test_a_suspicion_beside_words_hits_only_with_both(
    tmp_path: Path, said: str, mood: ConversationMood, expected: Outcome
) -> None:
    subject = engine(tmp_path, rule(_SUSPECTED_WORDS, status="scored"))

    assert inspect(subject, said, mood)[0].outcome is expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"not": {"mood_shift": {"below": -1}}}, Outcome.UNAVAILABLE),
        ({"or": [{"mood_shift": {"below": -1}}, _SAID]}, Outcome.HIT),
        ({"or": [{"mood_shift": {"below": -1}}, {"any": ["坏"]}]}, Outcome.UNAVAILABLE),
        ({"and": [{"mood_shift": {"below": -1}}, {"fact": {"field": "shop", "op": "eq", "value": "x"}}]}, Outcome.UNAVAILABLE),
        ({"and": [{"fact": {"field": "shop", "op": "eq", "value": "x"}}, {"mood_shift": {"below": -1}}]}, Outcome.UNAVAILABLE),
        ({"and": [{"mood_shift": {"below": -1}}, {"any": ["坏"]}]}, Outcome.CLEAR),
        ({"count": {"of": {"and": [_SAID, {"mood_shift": {"below": -1}}]}, "at_least": 2}}, Outcome.UNAVAILABLE),
        ({"sequence": {"steps": [{"match": _SAID}, {"match": {"mood_shift": {"below": -1}}}]}}, Outcome.UNAVAILABLE),
        ({"and": [_SAID, {"after": {"match": {"mood_shift": {"below": -1}}}}]}, Outcome.UNAVAILABLE),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_unknown_stays_unknown_unless_the_rest_decides(tmp_path: Path, match: Any, expected: Outcome) -> None:
    subject = engine(tmp_path, rule(match))
    mood = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="mood_unavailable")

    assert [finding.outcome for finding in inspect(subject, ["customer: 嗯", "agent: 好的"], mood)] == [expected]
