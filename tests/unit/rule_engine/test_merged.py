"""Adjacent messages of one sender read as one text, with evidence in the messages as they were sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation, TurnKind
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood
from qa_service.errors import ConfigError
from qa_service.rule_engine import PackRuleEngine
from tests.builders import conversation, turn
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_NEAR: dict[str, Any] = {"near": {"a": ["七天", "30 days"], "b": ["可以退", "refund*"], "chars": 12}}
_PROMISE: dict[str, Any] = {
    "quantity": {
        "kind": "duration", "with": ["可以退", "return*"], "compare": {"policy": "return_days", "verdict": "better"}
    }
}  # fmt: skip
_MONEY = {"quantity": {"kind": "amount", "with": ["赔"], "compare": {"value": 100, "unit": "currency", "op": "gt"}}}


def _merged(match: Any, **fields: Any) -> dict[str, Any]:
    return rule(match, unit="merged", **fields)


@pytest.mark.parametrize(
    ("match", "lines", "expected"),
    [
        (_NEAR, ["agent: 七天内", "agent: 都可以退的"], ["可以退"]),
        (_NEAR, ["agent: within 30 days", "agent: we refund you"], ["refund"]),
        (_NEAR, ["agent: 七天内", "customer: 嗯", "agent: 都可以退的"], []),
        (_NEAR, ["agent[x]: 七天内", "agent[y]: 都可以退的"], []),
        (_NEAR, ["agent: 七天内可以退"], ["七天内可以退"]),
        (_PROMISE, ["agent: 七天之内", "agent: 都可以退的"], ["可以退"]),
        (_PROMISE, ["agent: 30 days", "agent: to return it"], ["return"]),
        ({"any": ["加微信"]}, ["agent: 加", "agent: 微", "agent: 信"], ["信"]),
        ({"any": ["加微信"]}, ["agent: 您可以加微", "agent: 信聊"], ["信"]),
        ({"any": ["全额退款"]}, ["agent: 全额", "agent: 退款"], ["退款"]),
        ({"any": ["全额退款"]}, ["agent: 全", "agent: 额退", "agent: 款"], ["款"]),
        ({"any": ["全额退款"]}, ["agent: 全额。", "agent: 退款"], []),
        ({"any": ["退货"]}, ["agent: 给您退", "agent: 货到了"], []),
        ({"any": ["full refund"]}, ["agent: a full", "agent: refund"], ["refund"]),
        ({"any": ["full refund"]}, ["agent: a full ", "agent: refund*"], ["refund"]),
        ({"any": ["full refund"]}, ["agent: full.", "agent: refund"], []),
        ({"any": ["nowhere"]}, ["agent: now", "agent: here"], []),
        ({"any": ["13800"]}, ["agent: 13", "agent: 800"], []),
        ({"any": ["加vx聊"]}, ["agent: 加", "agent: vx聊"], ["vx聊"]),
        ({"near": {"a": ["全额"], "b": ["退款"], "chars": 0}}, ["agent: 全额", "agent: 退款"], ["退款"]),
        ({"near": {"a": ["全额"], "b": ["退款"], "chars": 1}}, ["agent: 全额都", "agent: 退款"], ["退款"]),
        ({"near": {"a": ["全额"], "b": ["退款"], "chars": 0}}, ["agent: 全额都", "agent: 退款"], []),
        ({"all": ["七天", "可以退"]}, ["agent: 七天", "agent: 可以退"], ["可以退"]),
        ({"all": {"of": ["七天", "可以退"], "within": "clause"}}, ["agent: 七天", "agent: 可以退"], []),
        ({"all": ["七天", "可以退"]}, ["agent: 七天。", "agent: 可以退"], []),
        (_MONEY, ["agent: 赔3", "agent: 000元"], []),
        ({"regex": "[，\\s]+"}, ["agent: 七天", "agent: 可以退"], []),
        ({"regex": "，"}, ["agent: 七天", "agent: 可以，退"], ["，"]),
        ({"regex": "[!！]{3}"}, ["agent: 退", "agent: ！！！"], ["！！！"]),
    ],
    ids=str,
)
def test_a_rule_may_read_adjacent_messages_as_one(
    tmp_path: Path, match: Any, lines: list[str], expected: list[str]
) -> None:
    assert hits(engine(tmp_path, _merged(match)), lines) == expected


def test_a_phrase_cut_between_messages_is_no_hidden_one(tmp_path: Path) -> None:
    subject = engine(tmp_path, _merged({"any": ["加微信", "full refund"]}, evasion="none"))

    (hit,) = only(inspect(subject, ["agent: 加微", "agent: 信"]), Outcome.HIT)

    assert hit.explanation["view"] == "cased"
    assert "undone" not in hit.explanation
    assert hit.explanation["evidence"] == [
        {"turn_id": "1", "start": 0, "end": 2, "text": "加微"},
        {"turn_id": "2", "start": 0, "end": 1, "text": "信"},
    ]
    assert hits(subject, ["agent: 加。微", "agent: 信"]) == []


def test_without_the_field_each_message_is_read_alone(tmp_path: Path) -> None:
    assert hits(engine(tmp_path, rule(_NEAR)), ["agent: 七天内", "agent: 都可以退的"]) == []


def test_the_evidence_names_each_message_as_it_was_sent(tmp_path: Path) -> None:
    subject = engine(tmp_path, _merged(_NEAR))

    (hit,) = only(inspect(subject, ["customer: 能退吗", "agent: 您好，七天内", "agent: 都可以退的"]), Outcome.HIT)

    assert (hit.turn_id, hit.start, hit.end, hit.text) == ("3", 1, 4, "可以退")
    assert hit.explanation["matched"] == ["七天", "可以退"]
    assert hit.explanation["evidence"] == [
        {"turn_id": "2", "start": 3, "end": 5, "text": "七天"},
        {"turn_id": "3", "start": 1, "end": 4, "text": "可以退"},
    ]


@pytest.mark.parametrize(
    ("lines", "cue"),
    [
        (["agent: 七天", "agent: 不支持退"], {"kind": "negation", "text": "不支持", "start": 0, "end": 3, "turn_id": "2"}),
        (["agent: 七天", "agent: 可以退吗"], {"kind": "question", "text": "吗", "start": 3, "end": 4, "turn_id": "2"}),
        (["agent: 七天可以退吗"], {"kind": "question", "text": "吗", "start": 5, "end": 6}),
    ],
    ids=str,
)  # fmt: skip
def test_the_guard_reads_the_whole_block(tmp_path: Path, lines: list[str], cue: dict[str, Any]) -> None:
    match = {"near": {"a": "七天", "b": "退", "chars": 12}}

    (found,) = only(inspect(engine(tmp_path, _merged(match)), lines), Outcome.SUPPRESSED)

    assert found.explanation["cue"] == cue


def test_an_anchor_is_shown_one_message_a_line(tmp_path: Path) -> None:
    match = {"and": [{"any": ["好的"]}, {"after": {"match": {"all": ["退", "钱"]}}}]}
    subject = engine(tmp_path, _merged(match))

    (hit,) = only(inspect(subject, ["customer: 退", "customer: 钱", "agent: 好的"]), Outcome.HIT)

    assert hit.explanation["after"] == {"turn_id": "2", "text": "退\n钱"}


def test_positions_and_agents_segments_count_blocks(tmp_path: Path) -> None:
    greeting = _merged({"absent": {"phrase": {"any": ["您好"]}, "first": 1}})

    assert hits(engine(tmp_path, greeting), ["agent: 在", "agent: 您好"]) == []
    assert hits(engine(tmp_path, greeting), ["agent: 在", "customer: 喂", "agent: 您好"]) == [None]


def test_an_image_ends_a_block(tmp_path: Path) -> None:
    turns = (
        turn("agent: 七天内", 1),
        turn("agent: x", 2, kind=TurnKind.IMAGE),
        turn("agent: 可以退", 3),
    )

    assert hits(engine(tmp_path, _merged(_NEAR)), Conversation(external_id="c", turns=turns, language="zh")) == []


def test_a_mood_is_that_of_the_last_message(tmp_path: Path) -> None:
    moods = tuple(
        TurnMood(turn_id=turn.id, status=MoodStatus.COMPLETE, polarity=polarity, emotion=emotion, confidence=1.0)
        for turn, polarity, emotion in zip(
            conversation("customer: 好", "customer: 差").turns,
            (0.5, -0.9),
            (Emotion.SATISFIED, Emotion.ANGRY),
            strict=True,
        )
    )
    subject = engine(tmp_path, _merged({"and": [{"any": ["您"]}, {"mood": {"emotion": "angry"}}]}))

    mood = ConversationMood(status=MoodStatus.COMPLETE, turns=moods)

    assert hits(subject, ["customer: 好", "customer: 差", "agent: 您"], mood) == ["您"]


def test_waits_are_those_of_the_messages_as_they_were_sent(tmp_path: Path) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    said = ((0, "customer: 在吗"), (20, "agent: 在"), (90, "agent: 您好"))
    turns = tuple(turn(line, number, at=first + timedelta(seconds=at)) for number, (at, line) in enumerate(said, 1))
    chat = Conversation(external_id="c", turns=turns, language="zh")
    waited = {"and": [{"any": ["您好"]}, {"waited": {"over_seconds": 10}}]}

    (hit,) = only(inspect(engine(tmp_path, _merged(waited)), chat), Outcome.HIT)

    assert hit.explanation["waited"]["seconds"] == 20


def test_an_unknown_unit_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: rules\[0\]\.unit: must be one of: turn, merged"):
        engine(tmp_path, rule(_NEAR, unit="chat"))


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    rules = [_merged({"any": ["退", "加微信"]}, guard="none", id="test.words"), _merged(_NEAR, id="test.near")]
    return engine(tmp_path_factory.mktemp("packs"), *rules)


_PIECES = st.sampled_from(["退", "七天", "加", "微信", "可以退", "，", "。", " ", "\u2028", "\n", "😀"])
_SENDERS = st.sampled_from(["customer", "agent[x]", "agent[y]"])


@given(
    lines=st.lists(
        st.tuples(_SENDERS, st.lists(_PIECES, max_size=6).map("".join)).map(": ".join), min_size=1, max_size=6
    )
)
def test_every_span_holds_its_words_in_the_message_as_it_was_sent(subject: PackRuleEngine, lines: list[str]) -> None:
    chat = conversation(*lines, language="zh")
    said = {turn.id: turn.text for turn in chat.turns}

    for finding in inspect(subject, chat):
        if finding.turn_id is not None:
            assert finding.text == said[finding.turn_id][finding.start : finding.end] != ""
            for part in finding.explanation.get("evidence", ()):
                assert part["text"] == said[part["turn_id"]][part["start"] : part["end"]]


_SHOP = {"zone": "UTC", "open": {"daily": "10:00-10:01"}}


@pytest.mark.parametrize(
    ("match", "seconds", "expected"),
    [
        ({"silence": {"over_seconds": 60}}, (0, 10, 65), False),
        ({"silence": {"over_seconds": 60}}, (0, 61, 62), True),
        ({"after": {"match": {"any": ["在吗", "hello"]}, "seconds": 30}}, (0, 5, 65), True),
        ({"after": {"match": {"any": ["在吗", "hello"]}, "seconds": 30}}, (0, 31, 32), False),
        ({"sequence": {"steps": [{"match": {"any": ["在吗", "hello"]}, "role": "customer"}, {"match": {"any": ["在的"]}}],
                       "seconds": 30}}, (0, 5, 65), True),
        ({"working_hours": _SHOP}, (0, 5, 65), True),
        ({"sent": {"from": "2026-01-01T10:00:00Z", "until": "2026-01-01T10:00:30Z"}}, (0, 5, 65), True),
        ({"position": {"first_seconds": 30}}, (0, 5, 65), True),
        ({"position": {"last_seconds": 30}}, (0, 5, 65), True),
        ({"and": [{"any": ["在的"]}, {"figure": {"name": "duration_seconds", "op": "eq", "value": 65}}]}, (0, 5, 65), True),
        ({"and": [{"any": ["在的"]}, {"figure": {"name": "longest_silence_seconds", "op": "eq", "value": 60}}]}, (0, 5, 65), True),
    ],
    ids=str,
)  # fmt: skip
def test_a_block_lasts_from_its_first_message_to_its_last(
    tmp_path: Path, match: Any, seconds: tuple[int, ...], expected: bool
) -> None:
    first = datetime(2026, 1, 1, 10, tzinfo=UTC)
    said = zip(("customer: 在吗", "agent: 在的", "agent: 请讲"), seconds, strict=True)
    turns = tuple(turn(line, number, at=first + timedelta(seconds=at)) for number, (line, at) in enumerate(said, 1))
    chat = Conversation(external_id="c", turns=turns, language="zh")

    assert bool(hits(engine(tmp_path, _merged(match, guard="none")), chat)) is expected


def test_a_rule_in_force_when_a_block_began_reads_it(tmp_path: Path) -> None:
    last_second = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    turns = (turn("agent: 七天内", 1, at=last_second), turn("agent: 可以退", 2, at=last_second + timedelta(seconds=9)))
    chat = Conversation(external_id="c", turns=turns, language="zh")
    until = _merged(_NEAR, effective={"until": "2026-01-31"}, id="test.until")
    since = _merged(_NEAR, effective={"from": "2026-02-01"}, id="test.since", severity="minor")

    found = only(inspect(engine(tmp_path, until, since), chat), Outcome.HIT)

    assert [finding.rule_id for finding in found] == ["test.until"]
