"""The same words are blamed once: abuse before dismissive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation, TurnId
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import CallEvidence, ConversationMood, MoodStatus, TurnTone
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_engine.examples import run_examples
from tests.builders import conversation, turn
from tests.unit.rule_engine.packs import engine, inspect, rule, write_packs

_SUSPECTED = {"and": [{"any": ["笨"]}, {"not": {"suspicion": {"category": "privacy", "at_least": 0.9}}}]}


def _engine(
    folder: Path, abuse: dict[str, Any] | None = None, lesser: str = "dismissive", **fields: Any
) -> PackRuleEngine:
    write_packs(folder, rule({"any": ["自己笨怪谁", "自己看"]}, id="test.lesser", **fields), category=lesser)
    return engine(folder, abuse or rule({"any": ["笨"]}, id="test.graver"))


def _placed(found: tuple[Finding, ...]) -> list[tuple[str, str, str | None]]:
    return [(one.rule_id, str(one.outcome), one.text) for one in found if one.turn_id is not None]


def test_the_graver_category_takes_the_same_words_and_is_named(tmp_path: Path) -> None:
    found = inspect(_engine(tmp_path), "你自己笨怪谁")

    assert _placed(found) == [("test.lesser", "suppressed", "自己笨怪谁"), ("test.graver", "hit", "笨")]
    assert found[0].explanation["cue"] == {
        "kind": "graver", "text": "笨", "start": 3, "end": 4, "rule_id": "test.graver",
    }  # fmt: skip


def test_a_rule_that_lost_all_its_hits_is_clear(tmp_path: Path) -> None:
    found = inspect(_engine(tmp_path), "你自己笨怪谁")

    assert [(one.rule_id, one.outcome) for one in found if one.turn_id is None] == [("test.lesser", Outcome.CLEAR)]


@pytest.mark.parametrize(
    ("lines", "lesser"),
    [
        pytest.param(["agent: 笨。你自己看"], "自己看", id="other words of the turn"),
        pytest.param(["agent: 笨", "agent: 你自己看"], "自己看", id="another turn"),
    ],
)
def test_other_words_are_blamed_for_themselves(tmp_path: Path, lines: list[str], lesser: str) -> None:
    found = inspect(_engine(tmp_path), lines)

    assert ("test.lesser", "hit", lesser) in _placed(found)


@pytest.mark.parametrize(
    ("abuse", "lesser", "fields"),
    [
        pytest.param(rule({"any": ["笨"]}, id="test.graver", status="advisory"), "dismissive", {}, id="trusted less"),
        pytest.param(rule(_SUSPECTED, id="test.graver"), "dismissive", {}, id="known only at the close"),
        pytest.param(None, "privacy", {}, id="a wrong of another kind"),
    ],
)
def test_both_count_where_the_graver_one_cannot_stand_for_the_other(
    tmp_path: Path, abuse: dict[str, Any] | None, lesser: str, fields: dict[str, Any]
) -> None:
    found = inspect(_engine(tmp_path, abuse, lesser, **fields), "你自己笨怪谁")

    assert [outcome for _, outcome, _ in _placed(found)] == ["hit", "hit"]


def test_the_same_is_said_while_the_chat_goes_on(tmp_path: Path) -> None:
    session = _engine(tmp_path).open(_header())

    said = session.feed(turn("agent[a-1]: 你自己笨怪谁"))

    assert _placed((*said.exact, *said.provisional)) == [
        ("test.lesser", "suppressed", "自己笨怪谁"),
        ("test.graver", "hit", "笨"),
    ]


def test_an_example_is_of_its_own_rule(tmp_path: Path) -> None:
    subject = _engine(
        tmp_path, examples={"match": ["你自己笨怪谁", "你自己看"], "no_match": ["你自己笨怪谁呀", "在的"]}
    )

    failures = run_examples(subject, rule_id="test.lesser")

    assert [failure.message for failure in failures] == ["hits 自己笨怪谁, and must not, in '你自己笨怪谁呀'"]


def _header() -> Conversation:
    return conversation(language="zh")


def _suspects(category: str) -> ConversationMood:
    tone = TurnTone(turn_id=TurnId("1"), agent_id=None, status=MoodStatus.COMPLETE, suspicions={category: 0.9})
    return ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,))


_PROMISED = {"and": [{"any": ["退"]}, {"suspicion": {"category": "abuse", "at_least": 0.5}}]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("七天都能退", [("test.words", "hit", "都能退")], id="words tell it"),
        pytest.param("七天内您退吧", [("test.suspected", "hit", "退")], id="the model alone"),
        pytest.param(
            "都能退的。您退吧", [("test.words", "hit", "都能退"), ("test.suspected", "hit", "退")], id="other words"
        ),
    ],
)
def test_the_model_does_not_repeat_what_words_alone_tell(
    tmp_path: Path, line: str, expected: list[tuple[str, str, str]]
) -> None:
    packs = engine(tmp_path, rule({"any": ["都能退"]}, id="test.words"), rule(_PROMISED, id="test.suspected"))

    found = inspect(packs, line, _suspects("abuse"))

    assert _placed(found) == expected


_ALONE = {"suspicion": {"category": "abuse", "at_least": 0.5}}


def test_a_bare_suspicion_shows_the_words_that_it_rests_on(tmp_path: Path) -> None:
    shown = CallEvidence(call="suspicion.abuse", start=2, end=4, value=0.9, value_without=0.2)
    tone = TurnTone(
        turn_id=TurnId("1"),
        agent_id=None,
        status=MoodStatus.COMPLETE,
        suspicions={"abuse": 0.9},
        evidence=(replace(shown, call="tone", start=0), shown),
    )
    packs = engine(tmp_path, rule(_ALONE, id="test.alone", status="advisory"))

    found = inspect(packs, "您这脑子也配买", ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,)))

    assert _placed(found) == [("test.alone", "hit", "脑子")]


def test_a_bare_suspicion_of_joined_messages_marks_them_all(tmp_path: Path) -> None:
    shown = CallEvidence(call="suspicion.abuse", start=0, end=1, value=0.9, value_without=0.2)
    tones = tuple(
        TurnTone(
            turn_id=TurnId(number),
            agent_id=None,
            status=MoodStatus.COMPLETE,
            suspicions={"abuse": 0.9},
            evidence=(shown,),
        )
        for number in ("1", "2")
    )
    packs = engine(tmp_path, rule(_ALONE, id="test.alone", status="advisory", unit="merged"))

    found = inspect(
        packs, ["agent: 您这脑子", "agent: 也配买"], ConversationMood(status=MoodStatus.COMPLETE, tones=tones)
    )

    assert [len(one.explanation["matched"]) for one in found if one.outcome is Outcome.HIT] == [2]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param("advisory", {"test.words"}, id="told by another rule"),
        pytest.param("shadow", {"test.words", "test.alone"}, id="told by one that nobody sees"),
    ],
)
def test_a_bare_suspicion_is_left_out_where_another_rule_tells(tmp_path: Path, status: str, expected: set[str]) -> None:
    words = rule({"any": ["都能退"]}, id="test.words", status=status)
    packs = engine(tmp_path, words, rule(_ALONE, id="test.alone", status="advisory"))

    found = inspect(packs, "都能退的。您放心吧", _suspects("abuse"))

    assert {one.rule_id for one in found if one.outcome is Outcome.HIT} == expected


def test_an_advisory_rule_of_words_takes_no_scored_hit_of_the_model(tmp_path: Path) -> None:
    words = rule({"any": ["都能退"]}, id="test.words", status="advisory")
    packs = engine(tmp_path, words, rule(_PROMISED, id="test.suspected"))

    found = inspect(packs, "七天都能退", _suspects("abuse"))

    assert {one.rule_id for one in found if one.outcome is Outcome.HIT} == {"test.words", "test.suspected"}


def _value(verdict: str, **fields: Any) -> dict[str, Any]:
    compare = {"policy": "return_days", "verdict": verdict}
    return rule(
        {"quantity": {"kind": "duration", "with": ["能退"], "compare": compare}}, id=f"test.{verdict}", **fields
    )


def _loose(**fields: Any) -> dict[str, Any]:
    compare = {"policy": "return_days", "verdict": "better"}
    value = {"quantity": {"kind": "duration", "with": ["随便退"], "compare": compare}}
    return rule({"or": [value, {"any": ["天内都能退"]}]}, id="test.loose", **fields)


@pytest.mark.parametrize(
    ("line", "worse", "expected"),
    [
        pytest.param("两天内都能退", {}, {"test.worse"}, id="the verdict counts"),
        pytest.param("两天内都能退", {"status": "advisory"}, {"test.loose", "test.worse"}, id="trusted less"),
        pytest.param("天内都能退。两天后能退", {}, {"test.loose"}, id="other words"),
    ],
)
def test_of_one_policy_the_rule_that_judged_the_value_counts(
    tmp_path: Path, line: str, worse: dict[str, Any], expected: set[str]
) -> None:
    found = inspect(engine(tmp_path, _loose(), _value("worse", **worse)), line)

    assert {one.rule_id for one in found if one.outcome is Outcome.HIT} == expected


def test_the_rule_that_judged_the_value_is_named(tmp_path: Path) -> None:
    found = inspect(engine(tmp_path, _loose(), _value("worse")), "两天内都能退")

    (lost,) = [one for one in found if one.outcome is Outcome.SUPPRESSED]
    assert lost.explanation["cue"] == {
        "kind": "by_value", "text": "两天内都能退", "start": 0, "end": 6, "rule_id": "test.worse",
    }  # fmt: skip


def _suspects_words(start: int, end: int) -> ConversationMood:
    shown = CallEvidence(call="suspicion.abuse", start=start, end=end, value=0.9, value_without=0.2)
    tone = replace(_suspects("abuse").tones[0], evidence=(shown,))
    return ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,))


@pytest.mark.parametrize(
    ("line", "evidence", "status", "expected"),
    [
        pytest.param("我们不能都退", (2, 6), "scored", set(), id="negated"),
        pytest.param("别家都退", (2, 4), "scored", set(), id="reported"),
        pytest.param("别家的货卖得慢，都退", (8, 10), "scored", {"test.alone"}, id="the cue is further off"),
        pytest.param("不能都退，但是偷偷给您办", (5, 12), "scored", {"test.alone"}, id="it rests on other words"),
        pytest.param("不能都退", (2, 4), "shadow", {"test.alone"}, id="by a rule that nobody sees"),
    ],
)
def test_a_bare_suspicion_of_words_that_a_speech_act_takes_back_is_left_out(
    tmp_path: Path, line: str, evidence: tuple[int, int], status: str, expected: set[str]
) -> None:
    words = rule({"any": ["都退"]}, id="test.words", status=status)
    packs = engine(tmp_path, words, rule(_ALONE, id="test.alone", status="advisory", guard="none"))

    found = inspect(packs, line, _suspects_words(*evidence))

    assert {one.rule_id for one in found if one.outcome is Outcome.HIT} == expected


@pytest.mark.parametrize(
    ("allowed", "evidence", "expected"),
    [
        pytest.param(True, (0, 3), set(), id="the shop allows it"),
        pytest.param(True, (4, 7), {"test.alone"}, id="it rests on other words"),
        pytest.param(False, (4, 7), {"test.words"}, id="the shop forbids it"),
    ],
)
def test_a_bare_suspicion_of_what_the_shop_allows_is_left_out(
    tmp_path: Path, allowed: bool, evidence: tuple[int, int], expected: set[str]
) -> None:
    policy = {"key": "no_contact", "title": "站外", "allowed": allowed, "source": "平台规则"}
    words = rule({"any": ["加微信"]}, id="test.words", forbidden_by="no_contact")
    packs = engine(tmp_path, words, rule(_ALONE, id="test.alone", status="advisory"), policies=[policy])

    found = inspect(packs, "加微信，都能退", _suspects_words(*evidence))

    assert {one.rule_id for one in found if one.outcome is Outcome.HIT} == expected
