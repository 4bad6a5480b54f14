"""What holds for every text: spans, repetition, order of files, no crash."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, inspect, rule, write_packs, write_yaml

_MOOD = ConversationMood(status=MoodStatus.UNAVAILABLE)
_RULES: list[dict[str, Any]] = [
    rule({"any": ["坏", "加微信", "bad"]}, id="test.words", evasion=["compact", "collapsed"], exceptions=["坏人"]),
    rule({"all": ["退", "钱"]}, id="test.all"),
    rule({"near": {"a": "加", "b": ["微信", "vx"], "chars": 5}}, id="test.near"),
    rule({"regex": "加.{0,3}信"}, id="test.regex"),
    rule(
        {
            "quantity": {
                "kind": ["duration", "unlimited", "amount"],
                "with": ["退", "return*"],
                "compare": {"policy": "return_days", "verdict": "better"},
                "inherit": {"agree": "$agree", "turns": 2},
            }
        },
        id="test.quantity",
    ),
    rule({"repeat": {"times": 2, "similarity": 0.8}}, id="test.repeat"),
    rule({"and": [{"any": ["坏"]}, {"after": {"match": {"any": ["退"]}}}]}, id="test.after"),
    rule({"absent": {"phrase": {"any": ["您好"]}, "first": 2}}, id="test.absent"),
    rule({"response_time": {"measure": "unanswered", "over": 0}}, id="test.unanswered"),
]
_WORDS = st.sampled_from(
    ["坏", "加", "微", "信", "七天", "内", "可以退", "退", "钱", "不支持", "吗", "？", "，", "。", " ", "😀", "“", "”", "> ", "\n",
     "\u200b", "\u202e", "شكرا", "return", "30 days", "BAD", "ｂａｄ", "您说", "但是", "İ", "ß", "ﬁ", "e\u0301"]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=25).map("".join))
_ROLES = st.sampled_from(["customer", "agent", "agent[a]", "bot", "system"])
_LINES = st.lists(st.tuples(_ROLES, _TEXTS).map(": ".join), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    return _engine(tmp_path_factory.mktemp("packs"), _RULES)


def _engine(folder: Path, rules: list[dict[str, Any]]) -> PackRuleEngine:
    write_packs(folder, *rules)
    policy = write_yaml(folder / "p.yaml", {"version": 1, "policies": POLICIES})
    return PackRuleEngine(load_packs(folder), load_policies(policy))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_LINES)
def test_spans_hold_their_text_and_a_repeat_finds_the_same(subject: PackRuleEngine, lines: list[str]) -> None:
    chat = conversation(*lines, language="zh")

    findings = inspect(subject, chat, _MOOD)

    texts = {turn.id: turn.text for turn in chat.turns}
    for finding in findings:
        if finding.turn_id is not None:
            assert finding.text == texts[finding.turn_id][finding.start : finding.end] != ""
            cue = finding.explanation.get("cue")
            assert cue is None or 0 <= cue["start"] < cue["end"] <= len(texts[finding.turn_id])
    assert len({finding.key for finding in findings}) == len(findings)
    assert inspect(subject, chat, _MOOD) == findings


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(_RULES), lines=_LINES)
def test_the_order_of_rules_changes_nothing(
    tmp_path: Path, subject: PackRuleEngine, order: list[dict[str, Any]], lines: list[str]
) -> None:
    chat = conversation(*lines, language="zh")

    assert inspect(_engine(tmp_path, order), chat, _MOOD) == inspect(subject, chat, _MOOD)


@pytest.mark.parametrize("piece", ["坏", "七天可以退，", "1", "加微", "不", "加 微 信 ", "“"], ids=str)
def test_a_turn_of_twenty_thousand_characters_is_read(subject: PackRuleEngine, piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    chat = Conversation(external_id="c", turns=conversation("customer: 能退吗", f"agent: {text}").turns, language="zh")

    findings = subject.inspect(ConversationNormaliser().normalise(chat), _MOOD, ())

    assert all(finding.text is None or finding.text in text for finding in findings)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chats=st.lists(_LINES, min_size=1, max_size=4), data=st.data())
def test_splitting_a_file_into_batches_changes_nothing(
    subject: PackRuleEngine, chats: list[list[str]], data: st.DataObject
) -> None:
    """What is remembered of texts read before (in any order, by the same or another process) decides nothing."""
    files = [conversation(*lines, language="zh") for lines in chats]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(files)))) | {0, len(files)})

    whole = [inspect(subject.with_policies(subject.policies), chat, _MOOD) for chat in files]
    batched: dict[int, object] = {}
    for start, end in pairwise(cuts):
        engine = subject.with_policies(subject.policies)
        for at in data.draw(st.permutations(range(start, end))):
            batched[at] = inspect(engine, files[at], _MOOD)

    assert [batched[at] for at in range(len(files))] == whole


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(categories=["Cs"]), min_size=1, max_size=4),
            st.text(st.sampled_from("😀👍🏻❤️🐴⓿"), max_size=12),
            st.text(st.sampled_from("شكرا\u202e\u202c\u2066退款 7天"), max_size=20),
            st.sampled_from(["七天可以退，", "加 微 信 ", "a1", "坏"]).map(lambda piece: piece * 200),
        ),
        min_size=1,
        max_size=3,
    ).map("".join)
)
def test_no_text_is_too_odd(subject: PackRuleEngine, text: str) -> None:
    """Lone surrogates, nothing but emoji, mixed directions, thousands of characters."""
    findings = inspect(subject, conversation("customer: 能退吗", f"agent: {text}", language="zh"), _MOOD)

    assert all(finding.text is None or finding.text in text for finding in findings)
