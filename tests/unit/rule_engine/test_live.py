"""Turn by turn: what is exact is never taken back, and the close is the batch result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, AgentId, Conversation, TurnId
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import ConversationMood, MoodStatus, TurnTone
from qa_service.domain.reply_times import reply_times
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import LiveSession, PackRuleEngine, load_packs
from qa_service.rule_engine.nodes.registry import CHECKS
from qa_service.rule_engine.rule import Capability
from tests.builders import conversation
from tests.unit.rule_engine.operators import EXAMPLES
from tests.unit.rule_engine.packs import NO_MOOD, POLICIES, engine, inspect, rule, write_packs

_MOOD = ConversationMood(status=MoodStatus.COMPLETE, shift=-0.8, negative_share=0.5)
_SAID = {"any": ["可以", "退款", "refund"]}
_START = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)


def _rules() -> list[dict[str, Any]]:
    """One rule an example of every operator, alone and beside words."""
    rules = []
    for name, examples in EXAMPLES.items():
        if name in ("ref", "phrases_from"):
            continue
        for number, example in enumerate(examples):
            fields = {"status": "shadow", "speakers": ["agent", "customer"]}
            alone = {"status": "shadow"} if name in CHECKS else fields
            rules.append(rule({name: example}, id=f"test.{name}_{number}", **alone))
            if name not in ("absent", "response_time"):
                both = {"and": [_SAID, {name: example}]}
                rules.append(rule(both, id=f"test.{name}_{number}_said", effective={"from": "2026-11-01"}, **fields))
    return rules


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    policies = [
        {**POLICIES[0], "until": "2026-11-05"},
        {**POLICIES[0], "value": 30, "from": "2026-11-06"},
        *POLICIES[1:],
    ]
    return engine(tmp_path_factory.mktemp("packs"), *_rules(), policies=policies)


_WORDS = st.sampled_from(
    ["退", "钱", "款", "退款", "不退款", "refund", "可以", "七天", "内", "200元", "吗", "？", "，", "好的", "请稍等", "您好",
     "您说", "“退款”"]
)  # fmt: skip
_LINES = st.lists(
    st.tuples(
        st.sampled_from(["customer", "agent", "agent[a]", "agent[a]", "agent[b]", "bot", "system"]),
        st.lists(_WORDS, min_size=1, max_size=5).map("".join),
    ).map(": ".join),
    min_size=1,
    max_size=8,
)  # fmt: skip
_HEADERS = st.fixed_dictionaries(
    {
        "language": st.sampled_from([None, "zh", "zh", "en"]),
        "agents": st.sampled_from([(), (Agent(id=AgentId("a")),), (Agent(id=AgentId("a")), Agent(id=AgentId("b")))]),
        "started_at": st.sampled_from([None, _START]),
        "shop": st.sampled_from([None, "A店"]),
    }
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(lines=_LINES, header=_HEADERS, data=st.data())
def test_nothing_exact_is_withdrawn_and_the_close_is_the_batch(
    subject: PackRuleEngine, lines: list[str], header: dict[str, Any], data: st.DataObject
) -> None:
    gaps = data.draw(st.lists(st.sampled_from([0, 30, 90, 86_400, None]), min_size=len(lines), max_size=len(lines)))
    chat = _timed(conversation(*lines, **header), gaps)
    agents = reply_times(chat)
    batch = subject.inspect(_normalised(chat), _MOOD, agents)
    session = subject.open(replace(chat, turns=()))

    for turn in chat.turns:
        progress = session.feed(turn)
        assert set(map(_shown, progress.exact)) <= set(map(_shown, batch))

    assert session.close(_MOOD, agents) == batch


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(lines=_LINES, gaps=st.lists(st.sampled_from([0, 30, 90, 86_400, None]), min_size=8, max_size=8))
def test_where_nothing_can_change_all_that_exact_rules_find_is_told(
    subject: PackRuleEngine, lines: list[str], gaps: list[int | None]
) -> None:
    people = (Agent(id=AgentId("a")), Agent(id=AgentId("b")))
    chat = _timed(conversation(*lines, language="zh", agents=people, started_at=_START), gaps[: len(lines)])
    exact = {rule.id for rule in subject.rules if rule.capability is Capability.EXACT}
    session = subject.open(chat)

    for turn in chat.turns:
        progress = session.feed(turn)

    batch = subject.inspect(_normalised(chat), _MOOD, reply_times(chat))
    told = [finding for finding in batch if finding.rule_id in exact and finding.turn_id is not None]
    assert sorted(map(_shown, progress.exact)) == sorted(map(_shown, told))
    assert progress.provisional == ()


def _shown(finding: Finding) -> str:
    return repr(finding)


def _timed(chat: Conversation, gaps: list[int | None]) -> Conversation:
    at = _START
    turns = []
    for turn, gap in zip(chat.turns, gaps, strict=True):
        at += timedelta(seconds=gap or 0)
        turns.append(replace(turn, at=None if gap is None else at))
    return replace(chat, turns=tuple(turns))


def _normalised(chat: Conversation) -> Any:

    return ConversationNormaliser().normalise(chat)


def test_a_finding_is_told_with_its_turn(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["坏", "bad"]}), rule({"position": {"last": 1}}, id="test.last"))
    chat = conversation("agent[a]: bad", "agent[a]: 好", language="zh", started_at=_START)
    session = subject.open(chat)

    told = [[finding.text for finding in session.feed(turn).exact] for turn in chat.turns]

    assert told == [["bad"], ["bad"]]
    closed = session.close(NO_MOOD, ())
    assert [(finding.rule_id, finding.text) for finding in closed if finding.outcome is Outcome.HIT] == [
        ("test.rule", "bad"),
        ("test.last", "好"),
    ]


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("agent: 坏", {"language": "zh", "started_at": _START}),
        ("agent[a]: 坏", {"started_at": _START}),
        ("agent[a]: 坏", {"language": "zh"}),
    ],
    ids=["whose turn", "language", "time"],
)
def test_what_a_later_turn_could_change_is_provisional(tmp_path: Path, line: str, header: dict[str, Any]) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}))
    chat = conversation(line, **header)

    progress = subject.open(chat).feed(chat.turns[0])

    assert ([finding.text for finding in progress.exact], [finding.text for finding in progress.provisional]) == (
        [],
        ["坏"],
    )


@pytest.mark.parametrize("hit", ["any", 1, 2])
def test_a_later_turn_that_is_not_known_takes_nothing_back(tmp_path: Path, hit: Any) -> None:
    anchor = {"match": {"position": {"first_seconds": 60}}, "role": "customer", "location": "after", "hit": hit}
    scope = {"match": {"any": ["可以退款", "refund"]}, "range": {"from": 1, "to": 3}, "anchor": anchor}
    lines = ["customer: 能退吗", "customer: 退款", "agent[a]: 可以退款", "customer: 好的", "agent[a]: refund"]
    chat = _timed(conversation(*lines, language="zh", started_at=_START), [5, 0, 5, None, 60])
    subject = engine(tmp_path, rule({"scope": scope}))
    session = subject.open(chat)

    told = [[finding.text for finding in session.feed(turn).exact] for turn in chat.turns]

    assert told == [[], [], ["可以退款"], ["可以退款"], ["可以退款", "refund"]]
    closed = [finding.text for finding in session.close(NO_MOOD, ()) if finding.outcome is Outcome.HIT]
    assert closed == ["可以退款", "refund"]


def test_each_turn_is_read_once(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}))
    asked: list[int] = []
    original = subject.ask

    class Counting:
        read = staticmethod(subject.read)
        inspect = staticmethod(subject.inspect)
        may_be_doubted = staticmethod(subject.may_be_doubted)

        @staticmethod
        def ask(reading: Any, turn: Any) -> Any:
            asked.append(turn.index)
            return original(reading, turn)

    chat = conversation(*["agent[a]: 坏"] * 50, language="zh", started_at=_START)
    session = LiveSession(Counting(), chat)
    for turn in chat.turns:
        progress = session.feed(turn)

    assert asked == list(range(50))
    assert len(progress.exact) == 50


@pytest.mark.parametrize(
    ("match", "capability"),
    [
        ({"any": ["坏"]}, "exact"),
        ({"and": [{"any": ["坏"]}, {"after": {"match": {"any": ["退款"]}}}]}, "exact"),
        ({"and": [{"any": ["坏"]}, {"before": {"match": {"any": ["退款"]}}}]}, "deferred"),
        ({"position": {"first": 1}}, "exact"),
        ({"position": {"last_seconds": 9}}, "deferred"),
        ({"silence": {"over_seconds": 9}}, "exact"),
        ({"waited": {"over_seconds": 9}}, "deferred"),
        ({"mood": {"emotion": "angry"}}, "deferred"),
        ({"absent": {"phrase": {"any": ["您好"]}, "first": 1}}, "deferred"),
    ],
    ids=str,
)
def test_a_rule_says_whether_it_waits_for_the_close(tmp_path: Path, match: Any, capability: str) -> None:
    (only_rule,) = load_packs(write_packs(tmp_path, rule(match))).rules

    assert only_rule.capability == capability


def test_a_session_keeps_the_rules_that_it_began_with(tmp_path: Path) -> None:
    old = engine(tmp_path / "old", rule({"any": ["坏"]}))
    chat = conversation("agent[a]: 坏", language="zh", started_at=_START)
    session = old.open(chat)
    engine(tmp_path / "new", rule({"any": ["好"]}))
    session.feed(chat.turns[0])

    assert session.close(NO_MOOD, ()) == inspect(old, chat)


def _tone(suspicion: float) -> TurnTone:
    suspicions = {"abuse": suspicion}
    return TurnTone(turn_id=TurnId("1"), agent_id=AgentId("a"), status=MoodStatus.COMPLETE, suspicions=suspicions)


@pytest.mark.parametrize(
    ("suspicion", "status"),
    [(0.5, RuleStatus.SCORED), (0.08, RuleStatus.ADVISORY), (0.01, RuleStatus.SHADOW)],
    ids=["trusted", "doubted", "hidden"],
)
def test_a_doubt_is_told_with_the_turn_where_its_tone_is_given(
    tmp_path: Path, suspicion: float, status: RuleStatus
) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}, doubt_below=0.15))
    chat = conversation("agent[a]: 坏", language="zh", started_at=_START)
    session, tone = subject.open(chat), _tone(suspicion)

    progress = session.feed(chat.turns[0], tone)

    assert [finding.status for finding in progress.exact] == [status]
    closed = session.close(ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,)), ())
    assert set(map(_shown, progress.exact)) <= set(map(_shown, closed))


@pytest.mark.parametrize(
    ("doubt", "status", "capability"),
    [
        (0.15, "scored", "exact with tone"),
        (0, "scored", "exact"),
        (0.15, "auto_confirmed", "exact"),
        (0.15, "shadow", "exact"),
    ],
)
def test_without_a_tone_what_may_be_doubted_is_provisional(
    tmp_path: Path, doubt: float, status: str, capability: str
) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}, doubt_below=doubt, status=status))
    chat = conversation("agent[a]: 坏", language="zh", started_at=_START)

    progress = subject.open(chat).feed(chat.turns[0])

    assert [only_rule.capability for only_rule in subject.rules] == [capability]
    assert (len(progress.exact), len(progress.provisional)) == ((1, 0) if capability == "exact" else (0, 1))
