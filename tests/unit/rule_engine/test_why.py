"""Why a rule hits and why not: each condition with verdict, evidence and distance from its threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import (
    ConversationMood,
    Emotion,
    MoodStatus,
    Sentiment,
    TurnMood,
    TurnTone,
)
from qa_service.domain.reply_times import reply_times
from qa_service.domain.rule_explanation import ConditionExplanation, Measured, RuleExplanation
from qa_service.errors import NotFound
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine.answer import YES, Answer
from qa_service.rule_engine.nodes.base import Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.why import explain_rule
from tests.builders import conversation
from tests.unit.rule_engine.operators import CONDITIONS, EXAMPLES
from tests.unit.rule_engine.packs import NO_MOOD, engine, rule

BEGAN = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def explain(
    folder: Path, match: Any, chat: Conversation | list[str], mood: ConversationMood = NO_MOOD, **fields: Any
) -> RuleExplanation:
    if isinstance(chat, list):
        chat = conversation(*chat, language="zh")
    normalised = ConversationNormaliser().normalise(chat)
    subject = engine(folder, rule(match, **fields))
    return subject.explain("test.rule", normalised, mood, reply_times(chat))


def timed(*lines: str, seconds: tuple[int, ...]) -> Conversation:
    chat = conversation(*lines, language="zh")
    turns = (replace(t, at=BEGAN + timedelta(seconds=s)) for t, s in zip(chat.turns, seconds, strict=True))
    return replace(chat, turns=tuple(turns))


def tree(explained: RuleExplanation, turn_id: str) -> ConditionExplanation:
    condition = next(turn.condition for turn in explained.turns if turn.turn_id == turn_id)
    assert condition is not None
    return condition


def measured(explained: RuleExplanation, turn_id: str, name: str) -> Measured:
    found = [m for condition in tree(explained, turn_id).walk() for m in condition.measured if m.name == name]
    assert found, [m.name for condition in tree(explained, turn_id).walk() for m in condition.measured]
    return found[0]


def test_a_hit_shows_the_words_of_each_condition_and_where_the_pack_asks_for_them(tmp_path: Path) -> None:
    match = {"and": [{"any": ["退款"]}, {"any": ["马上"]}]}
    explained = explain(tmp_path, match, ["agent: 马上给您退款"])
    root = tree(explained, "1")
    assert (explained.outcome, root.name, root.truth) == (Outcome.HIT, "and", "yes")
    assert [(part.name, part.truth, part.evidence[0].text) for part in root.parts] == [
        ("any", "yes", "退款"), ("any", "yes", "马上"),
    ]  # fmt: skip
    assert [part.file for part in root.parts] == ["zh/abuse.yaml"] * 2
    assert root.line < root.parts[0].line < root.parts[1].line


def test_a_miss_names_the_condition_that_fails(tmp_path: Path) -> None:
    match = {"and": [{"any": ["退款"]}, {"not": {"any": ["稍等"]}}]}
    explained = explain(tmp_path, match, ["agent: 稍等给您退款"])
    assert explained.outcome is Outcome.CLEAR
    assert [(c.name, c.truth) for c in tree(explained, "1").walk()] == [
        ("and", "no"), ("any", "yes"), ("not", "no"), ("any", "yes"),
    ]  # fmt: skip


def test_a_stated_value_is_shown_beside_what_policy_allows(tmp_path: Path) -> None:
    match = {
        "quantity": {"kind": "duration", "with": ["退"], "compare": {"policy": "return_days", "verdict": "better"}}
    }
    stated = measured(explain(tmp_path, match, ["agent: 3天内可以退"]), "1", "stated")
    assert (stated.value["value"], stated.bound, stated.holds) == (3, "better than return_days, 3 day", False)


def test_a_value_whose_subject_the_customer_said_names_that_question(tmp_path: Path) -> None:
    match = {
        "quantity": {
            "kind": "duration",
            "with": ["退"],
            "compare": {"policy": "return_days", "verdict": "better"},
            "inherit": {"agree": ["可以"]},
        }
    }
    explained = explain(tmp_path, match, ["customer: 能退吗", "agent: 七天内都行"])

    measures = tree(explained, "2").measured

    assert [(item.name, item.holds) for item in measures] == [("answers turn 1", True), ("stated", True)]
    assert measures[0].value == "能退吗"


def test_a_value_too_far_from_its_subject_says_how_far(tmp_path: Path) -> None:
    match = {"quantity": {"kind": "duration", "with": ["退"], "chars": 2}}
    far = measured(explain(tmp_path, match, ["agent: 退货的话一般要7天"]), "1", "characters from 7天 to the subject")
    assert (far.value, far.bound, far.holds) == (6, "at most 2 in one sentence", False)


def test_no_value_at_all_is_said(tmp_path: Path) -> None:
    match = {"quantity": {"kind": "duration", "with": ["退"]}}
    assert measured(explain(tmp_path, match, ["agent: 可以退"]), "1", "values").value == 0


def test_a_suppressed_hit_names_the_cue_and_its_place(tmp_path: Path) -> None:
    explained = explain(tmp_path, {"any": ["退款"]}, ["agent: 我们不退款"], guard=["negation"])
    (finding,) = explained.turns[0].findings
    assert explained.turns[0].outcome is Outcome.SUPPRESSED
    assert finding.explanation["cue"] == {"kind": "negation", "text": "不", "start": 2, "end": 3}


def test_similar_repetitions_below_the_threshold_show_their_similarity(tmp_path: Path) -> None:
    match = {"repeat": {"times": 2, "similarity": 0.8}}
    alike = measured(
        explain(tmp_path, match, ["agent: 请您耐心等待一下", "agent: 请您耐心等候一下"]), "2", "similarity"
    )
    assert (alike.value, alike.bound, alike.holds) == (0.7143, "at least 0.8", False)


def test_seconds_short_of_a_reply_threshold_are_shown(tmp_path: Path) -> None:
    chat = timed("customer: 在吗", "agent[a-1]: 在的", seconds=(0, 55))
    explained = explain(tmp_path, {"response_time": {"measure": "first", "over_seconds": 60}}, chat)
    (agent,) = explained.agents
    assert [(m.value, m.bound, m.holds) for m in agent.measured] == [(55, "over 60", False)]


def test_a_reply_time_in_opening_hours_is_shown_as_it_was_judged(tmp_path: Path) -> None:
    hours = {"zone": "UTC", "open": {"mon-fri": "10:05-18:00"}}
    chat = timed("customer: 在吗", "agent[a-1]: 在的", seconds=(0, 330))

    match = {"response_time": {"measure": "first", "over_seconds": 60, "hours": hours}}
    (agent,) = explain(tmp_path, match, chat).agents

    assert agent.outcome is Outcome.CLEAR
    assert [(m.value, m.bound, m.holds) for m in agent.measured] == [(30, "over 60", False)]


def test_an_anchor_out_of_reach_says_how_far_it_is(tmp_path: Path) -> None:
    match = {"after": {"match": {"any": ["投诉"]}, "turns": 1, "seconds": 30}}
    chat = timed("customer: 投诉你们", "customer: 好了", "agent: 稍等", seconds=(0, 10, 55))
    explained = explain(tmp_path, match, chat, guard="none")
    turns, seconds = measured(explained, "3", "turns to turn 1"), measured(explained, "3", "seconds to turn 1")
    assert (turns.value, turns.bound, turns.holds) == (2, "at most 1", False)
    assert (seconds.value, seconds.bound, seconds.holds) == (55, "at most 30", False)
    assert [(part.label, part.truth) for part in tree(explained, "3").parts] == [("turn 2", "no"), ("turn 1", "yes")]


@pytest.mark.parametrize(
    "chat", [["agent: 在"], ["agent: 在", "customer: 在吗", "agent: 可以"], ["system: 接入", "agent: 可以"]]
)
def test_a_sequence_is_explained_where_nobody_wrote_before(tmp_path: Path, chat: list[str]) -> None:
    steps = [{"match": {"any": ["退款"]}, "role": "customer"}, {"match": {"any": ["催"]}}, {"match": {"any": ["可以"]}}]
    explained = explain(tmp_path, {"sequence": {"steps": steps, "turns": 1}}, chat)
    assert explained.outcome is Outcome.CLEAR
    assert tree(explained, "1" if chat[0].startswith("agent") else "2").measured == ()


def test_a_number_that_was_reached_before_is_not_reached_again(tmp_path: Path) -> None:
    chat = ["agent: 稍等稍等", "agent: 稍等"]
    explained = explain(tmp_path, {"count": {"of": {"any": ["稍等"]}, "at_least": 2}}, chat)
    assert [measured(explained, turn, "hits so far").holds for turn in ("1", "2")] == [True, False]
    assert measured(explained, "2", "hits so far").bound == "reaches 2 in this turn (was 2)"


def test_a_sequence_shows_each_step_where_it_came_nearest(tmp_path: Path) -> None:
    steps = [{"match": {"any": ["投诉"]}, "role": "customer"}, {"match": {"any": ["退款"]}}]
    chat = ["customer: 投诉", "agent: 好", "agent: 好", "agent: 退款"]
    explained = explain(tmp_path, {"sequence": {"steps": steps, "turns": 1}}, chat)
    labels = [(part.label, part.truth) for part in tree(explained, "4").parts]
    assert labels == [("step 1: turn 1", "yes"), ("step 2: this turn", "yes")]
    assert measured(explained, "4", "turns to turn 1").value == 3


def test_turns_that_the_rule_does_not_read_say_why(tmp_path: Path) -> None:
    chat = replace(conversation("customer: 退款", "agent: 退款", "agent: "), language="zh")
    explained = explain(tmp_path, {"any": ["退款"]}, chat)
    assert [turn.left_out for turn in explained.turns] == ["speaker is customer", None, "no_text"]


def test_a_conversation_in_another_language_is_left_out_whole(tmp_path: Path) -> None:
    explained = explain(tmp_path, {"any": ["退款"]}, conversation("agent: refund", language="en"))
    assert (explained.outcome, explained.reasons) == (Outcome.NOT_APPLICABLE, ("language is en",))
    assert explained.turns[0].left_out == "language is en"


def test_the_nearest_turns_come_first(tmp_path: Path) -> None:
    chat = ["agent: 您好", "agent: 退款", "agent: 马上退款", "customer: 马上退款"]
    explained = explain(tmp_path, {"and": [{"any": ["退款"]}, {"any": ["马上"]}]}, chat)
    assert [turn.turn_id for turn in explained.nearest] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("match", "chat", "name", "value", "holds"),
    [
        ({"all": {"of": ["退", "钱"], "within": "clause"}}, ["agent: 退，钱"], "items in one clause", 1, False),
        ({"all": {"of": ["退", "钱"], "within": "clause"}}, ["agent: 退，钱"], "items in the turn", 2, True),
        ({"near": {"a": ["退"], "b": ["钱"], "chars": 2}}, ["agent: 退给您的钱"], "characters apart", 3, False),
        ({"near": {"a": ["退"], "b": ["钱"], "chars": 2}}, ["agent: 退"], "characters apart", None, False),
        ({"count": {"of": {"any": ["退"]}, "at_least": 3}}, ["agent: 退退"], "hits so far", 2, False),
        ({"count": {"of": {"any": ["退"]}, "at_least": 2}}, ["agent: 退退"], "hits so far", 2, True),
        ({"near": {"a": ["退"], "b": ["钱"], "chars": 2, "order": "b_first"}}, ["agent: 退您钱"], "characters apart", 1, False),
        ({"near": {"a": ["退"], "b": ["钱"], "chars": 2}}, ["agent: 给您退。钱在路上"], "characters apart", 1, False),
        ({"near": {"a": ["退"], "b": ["钱"], "chars": 4}}, ["agent: 可退。钱，我退您钱"], "characters apart", 1, True),
        ({"near": {"a": ["退"], "without": ["钱"], "chars": 2}}, ["agent: 给您退。钱在路上"], "characters apart", 1, True),
        ({"near": {"a": ["退"], "without": ["钱"], "chars": 2}}, ["agent: 钱在路上"], "characters apart", None, False),
        ({"position": {"first": 1}}, ["agent: 甲", "agent: 退"], "turn from the start", 2, False),
        ({"position": {"last": 1}}, ["agent: 甲", "agent: 退"], "turn from the end", 1, True),
        ({"repeat": {"times": 3}}, ["agent: 请您稍等一下"], "times", 1, False),
        ({"fact": {"field": "shop", "op": "eq", "value": "乙"}}, ["agent: 退"], "shop", None, False),
        ({"after": {"match": {"any": ["投诉"]}}}, ["customer: 好", "agent: 退"], "turns that match", 0, False),
        ({"scope": {"match": {"any": ["退"]}, "range": {"from": 1, "to": 1}}}, ["agent: 好", "agent: 退"],
         "turn number among 2 (own)", 2, False),
    ],
)  # fmt: skip
def test_what_a_condition_measured_is_shown(
    tmp_path: Path, match: Any, chat: list[str], name: str, value: Any, holds: bool
) -> None:
    found = measured(explain(tmp_path, match, chat, guard="none"), str(len(chat)), name)
    assert (found.value, found.holds) == (value, holds)


def mood_of(turn_id: str) -> ConversationMood:
    felt = TurnMood(
        turn_id=turn_id, status=MoodStatus.COMPLETE, polarity=-0.4, sentiment=Sentiment.NEGATIVE,
        emotion=Emotion.ANXIOUS, probabilities={"anxious": 1.0}, confidence=0.7,
    )  # fmt: skip
    tone = TurnTone(turn_id="2", agent_id="a-1", status=MoodStatus.COMPLETE, tone=0.5, suspicions={"abuse": 0.71})
    return ConversationMood(status=MoodStatus.COMPLETE, turns=(felt,), tones=(tone,), shift=-0.3)


@pytest.mark.parametrize(
    ("match", "name", "value"),
    [
        ({"mood": {"polarity_below": -0.5}}, "polarity", -0.4),
        ({"mood": {"emotion": ["angry"], "polarity_above": 0.5}}, "emotion", "anxious"),
        ({"mood_shift": {"below": -0.5}}, "shift", -0.3),
        ({"suspicion": {"category": "abuse", "at_least": 0.8}}, "abuse", 0.71),
    ],
)
def test_moods_are_shown_beside_their_bounds(tmp_path: Path, match: Any, name: str, value: Any) -> None:
    chat = conversation("customer: 急死了", "agent[a-1]: 稍等", language="zh")
    explained = explain(tmp_path, match, chat, mood_of("1"), status="advisory")
    found = measured(explained, "2", name)
    assert (found.value, found.holds) == (value, False)


def test_no_mood_before_the_turn_is_said(tmp_path: Path) -> None:
    explained = explain(tmp_path, {"mood": {"polarity_below": -0.5}}, ["agent: 稍等"], mood_of("9"))
    assert measured(explained, "1", "customer turn with a mood").value is None


def test_an_owed_phrase_is_explained_where_it_was_owed(tmp_path: Path) -> None:
    owed = {"absent": {"phrase": {"any": ["抱歉"]}, "after": {"match": {"any": ["投诉"]}, "turns": 1}}}
    chat = ["customer: 投诉", "agent[a-1]: 好的", "agent[a-1]: 抱歉"]
    (agent,) = explain(tmp_path, owed, chat, guard="none").agents
    assert (agent.agent_id, agent.outcome) == ("a-1", Outcome.HIT)
    assert [(part.label, part.truth) for part in agent.parts] == [
        ("asked for by turn 1", "yes"), ("owed in turn 2", "no"),
    ]  # fmt: skip


@pytest.mark.parametrize("window", [{"first": 1}, {"last": 1}], ids=str)
def test_an_owed_greeting_is_explained_at_its_turns(tmp_path: Path, window: Any) -> None:
    owed = {"absent": {"phrase": {"any": ["您好"]}, **window}}
    (agent,) = explain(tmp_path, owed, ["agent[a-1]: 您好"]).agents
    assert [(part.label, part.truth) for part in agent.parts] == [("owed in turn 1", "yes")]


def test_joined_judgements_show_all_that_they_join(tmp_path: Path) -> None:
    match = {"and": [{"response_time": {"measure": "first", "over_seconds": 60}}, {"any": ["退"]}]}
    chat = timed("customer: 在吗", "agent[a-1]: 好", "agent[a-1]: 退", seconds=(0, 55, 60))
    (agent,) = explain(tmp_path, match, chat).agents
    assert [(m.name, m.value, m.holds) for m in agent.measured] == [("first (seconds)", 55, False)]
    assert [(part.label, part.truth) for part in agent.parts] == [("turn 3", "yes")]


def test_an_anchored_scope_shows_its_anchor(tmp_path: Path) -> None:
    anchor = {"match": {"any": ["投诉"]}, "role": "customer", "location": "after"}
    match = {"scope": {"match": {"any": ["退"]}, "range": {"from": 1, "to": 1}, "anchor": anchor}}
    explained = explain(tmp_path, match, ["customer: 投诉", "agent: 好", "agent: 退"], guard="none")
    found = measured(explained, "3", "turn number among 2 (own)")
    assert (found.value, found.bound, found.holds) == (2, "1 to 1", False)
    assert [(part.label, part.truth) for part in tree(explained, "3").parts] == [
        (None, "yes"), ("anchor in turn 1", "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("match", "name", "value"),
    [
        ({"silence": {"over_seconds": 60}}, "seconds of silence", 55),
        ({"waited": {"over_seconds": 60}}, "seconds waited", 55),
        ({"position": {"first_seconds": 30}}, "seconds from the start", 55),
        ({"and": [{"any": ["好"]}, {"figure": {"name": "own_turns", "op": "ge", "value": 2}}]}, "own_turns", 1),
    ],
)
def test_times_and_figures_are_shown_beside_their_bounds(tmp_path: Path, match: Any, name: str, value: Any) -> None:
    chat = timed("customer: 在吗", "agent[a-1]: 好", seconds=(0, 55))
    found = measured(explain(tmp_path, match, chat), "2", name)
    assert (found.value, found.holds) == (value, False)


def test_a_rule_of_merged_messages_is_explained_at_the_whole_block(tmp_path: Path) -> None:
    chat = ["agent[a-1]: 马上", "agent[a-1]: 退款"]
    explained = explain(
        tmp_path, {"all": {"of": ["马上", "退款"], "within": "turn"}}, chat, unit="merged", guard="none"
    )
    (block,) = explained.turns
    assert (block.text, block.outcome) == ("马上\n退款", Outcome.HIT)
    assert tree(explained, block.turn_id).truth == "yes"


def test_a_check_of_nobody_is_explained_by_its_reason(tmp_path: Path) -> None:
    (agent,) = explain(tmp_path, {"absent": {"phrase": {"any": ["您好"]}, "first": 1}}, ["customer: 您好"]).agents
    assert (agent.agent_id, agent.reason, agent.parts) == (None, "no_agent_turn", ())


def test_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    chat = ConversationNormaliser().normalise(conversation("agent: 好", language="zh"))
    with pytest.raises(NotFound, match=r"there is no rule none\.such"):
        engine(tmp_path, rule({"any": ["甲"]})).explain("none.such", chat, NO_MOOD, ())


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_operator_can_be_explained(tmp_path: Path, name: str) -> None:
    chat = timed(
        "customer: 退款吗", "agent[a-1]: 可以退款，7天退钱", "customer: 好", "agent[a-1]: 退款", seconds=(0, 5, 9, 99)
    )
    for value in EXAMPLES[name]:
        conditions = {"conditions": CONDITIONS} if name == "ref" else {}
        explained = explain(tmp_path, {name: value}, chat, mood_of("1"), status="shadow", **conditions)
        assert explained.agents or tree(explained, "2").name == (name if name != "ref" else "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewNode:
    """A node that says nothing about itself."""

    inner: Any

    @property
    def triggers(self) -> Triggers:
        return None

    def evaluate(self, place: Place) -> Answer:
        return YES


def test_a_node_that_says_nothing_of_itself_is_explained_by_its_parts(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["退"]}))
    (plain,) = subject.rules
    wrapped = replace(plain, node=_NewNode(inner=plain.node))
    chat = conversation("agent: 退", language="zh")
    reading = subject.read(ConversationNormaliser().normalise(chat), NO_MOOD, ())
    root = explain_rule(wrapped, reading, ()).turns[0].condition
    assert root is not None
    assert [(c.name, c.truth) for c in root.walk()] == [("_newnode", "yes"), ("any", "yes")]
