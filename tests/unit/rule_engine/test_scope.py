"""In which turns a condition is asked: ranges from the ends and beside an anchor, somewhere, by sender."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, AgentId
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.errors import ConfigError
from qa_service.rule_engine.nodes.turn_range import Location, TurnRange, first_covering
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_SIZE = 12
_EACH = {"regex": "[0-9]+"}


def _scope(from_: int | None = None, to: int | None = None, **fields: Any) -> dict[str, Any]:
    turns = {} if from_ is None else {"range": {"from": from_, "to": to}}
    return rule({"scope": {"match": _EACH, **turns, **fields}}, guard="none")


def _anchor(location: str, **fields: Any) -> dict[str, Any]:
    return {"match": {"any": ["退款", "refund"]}, "location": location, **fields}


@pytest.mark.parametrize(
    ("from_", "to", "expected"),
    [
        (1, 3, "123"), (3, 1, "123"), (-1, -3, "345"), (-3, -1, "345"), (2, -2, "234"), (-2, 2, "234"), (3, -3, "3"),
        (4, -4, ""), (1, -1, "12345"), (6, 9, ""), (4, 9, "45"), (-9, -4, "12"), (5, 5, "5"), (-5, -5, "1"),
    ],
)  # fmt: skip
def test_a_range_counts_from_both_ends(tmp_path: Path, from_: int, to: int, expected: str) -> None:
    subject = engine(tmp_path, _scope(from_, to))

    assert "".join(map(str, hits(subject, [f"agent: {n}" for n in range(1, 6)]))) == expected


# Own turns 1 to 6; the customer's anchor between 3 and 4.
_BESIDE_CUSTOMER = ["agent: 1", "agent: 2", "agent: 3", "customer: 退款", "agent: 4", "agent: 5", "agent: 6"]
# The anchor is the agent's own turn 4.
_BESIDE_OWN = ["agent: 1", "agent: 2", "agent: 3", "agent: refund 4", "agent: 5", "agent: 6", "agent: 7"]


@pytest.mark.parametrize(
    ("location", "from_", "to", "beside_customer", "beside_own"),
    [
        ("before", 1, 1, "3", "3"),
        ("before", 1, 2, "23", "23"),
        ("before", -1, -1, "1", "1"),
        ("before", 1, -1, "123", "123"),
        ("before", 2, -1, "12", "12"),
        ("before", 0, 1, "3", "34"),
        ("before", 0, -1, "123", "1234"),
        ("before", 0, 0, "", "4"),
        ("before", -2, -9, "23", "23"),
        ("after", 1, 1, "4", "5"),
        ("after", 1, 2, "45", "56"),
        ("after", -1, -1, "6", "7"),
        ("after", -1, -2, "56", "67"),
        ("after", 0, 2, "45", "456"),
        ("after", 9, 9, "", ""),
        ("around", -1, 1, "34", "345"),
        ("around", 1, 2, "45", "56"),
        ("around", -2, -1, "23", "23"),
        ("around", 0, 0, "", "4"),
        ("around", 2, -9, "12345", "123456"),
    ],
)
def test_a_range_counts_away_from_its_anchor(
    tmp_path: Path, location: str, from_: int, to: int, beside_customer: str, beside_own: str
) -> None:
    subject = engine(tmp_path, _scope(from_, to, anchor=_anchor(location)))

    assert "".join(map(str, hits(subject, _BESIDE_CUSTOMER))) == beside_customer
    assert "".join(map(str, hits(subject, _BESIDE_OWN))) == beside_own


def test_at_means_the_turn_of_the_anchor(tmp_path: Path) -> None:
    subject = engine(tmp_path, _scope(anchor=_anchor("at")))

    assert hits(subject, _BESIDE_OWN) == ["4"]
    assert hits(subject, _BESIDE_CUSTOMER) == []


@pytest.mark.parametrize(
    ("hit", "expected"),
    [("any", "123"), (1, "1"), (2, "2"), (3, "3"), (4, ""), (-1, "3"), (-3, "1"), (-4, ""), ("every", "123")],
)
def test_an_anchor_counts_at_its_hits(tmp_path: Path, hit: Any, expected: str) -> None:
    lines = ["customer: 退款", "agent: 1", "customer: refund", "agent: 2", "customer: 退款", "agent: 3"]
    subject = engine(tmp_path, _scope(1, 1, anchor=_anchor("after", hit=hit)))

    assert "".join(map(str, hits(subject, lines))) == expected


def test_every_hit_of_an_anchor_needs_its_own_answer(tmp_path: Path) -> None:
    lines = ["customer: 退款", "agent: 1", "customer: 退款", "agent: 好", "agent: 2"]

    assert hits(engine(tmp_path, _scope(1, 1, anchor=_anchor("after", hit="every"))), lines) == []
    assert hits(engine(tmp_path, _scope(1, 2, anchor=_anchor("after", hit="every"))), lines) == ["1", "2"]


@pytest.mark.parametrize(("lines", "expected"), [(["1", "2", "好"], ["1", "2"]), (["1", "好", "2"], [])], ids=str)
def test_every_turn_of_a_range_may_have_to_hold(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    subject = engine(tmp_path, _scope(1, 2, every_turn=True))

    assert hits(subject, [f"agent: {line}" for line in lines]) == expected


@pytest.mark.parametrize(("among", "expected"), [("own", ["1", "3"]), ("role", ["1", "2"]), ("all", ["1"])])
def test_a_range_counts_own_turns_those_of_the_role_or_all(tmp_path: Path, among: str, expected: list[str]) -> None:
    lines = ["agent[x]: 1", "customer: 在吗", "agent[x]: 2", "system: 转接", "agent[y]: 3"]

    assert hits(engine(tmp_path, _scope(1, 1 if among == "own" else 2, among=among)), lines) == expected


def test_an_anchor_may_ask_for_a_role_and_explains_itself(tmp_path: Path) -> None:
    subject = engine(tmp_path, _scope(1, 1, anchor=_anchor("after", role="customer")))

    (hit,) = only(inspect(subject, ["agent: refund", "agent: 1", "customer: refund", "agent: 2"]), Outcome.HIT)

    assert hit.text == "2"
    assert hit.explanation["scope"] == {
        "location": "after", "from": 1, "to": 1, "anchor": {"turn_id": "3", "text": "refund"}
    }  # fmt: skip


@pytest.mark.parametrize("hit", ["any", "every", 1])
def test_an_anchor_that_is_not_known_leaves_the_rule_open(tmp_path: Path, hit: Any) -> None:
    anchor = {"match": {"mood": {"emotion": "angry"}}, "role": "customer", "location": "after", "hit": hit}
    subject = engine(tmp_path, _scope(1, 1, anchor=anchor))

    outcomes = inspect(subject, ["customer: 喂", "agent: 1"], ConversationMood(status=MoodStatus.UNAVAILABLE))

    assert [finding.outcome for finding in outcomes] == [Outcome.UNAVAILABLE]


def test_a_range_whose_other_turns_are_not_known_leaves_the_rule_open(tmp_path: Path) -> None:
    either = {"or": [_EACH, {"fact": {"field": "shop", "op": "eq", "value": "s"}}]}
    subject = engine(
        tmp_path, rule({"scope": {"match": either, "range": {"from": 1, "to": 2}, "every_turn": True}}, guard="none")
    )

    assert [finding.outcome for finding in inspect(subject, ["agent: 1", "agent: 好"])] == [Outcome.NOT_APPLICABLE]


@pytest.mark.parametrize(
    ("somewhere", "lines", "expected"),
    [
        ({"role": "customer"}, ["agent: 1", "customer: 退款"], ["1"]),
        ({"role": "customer"}, ["agent: 1", "agent: 退款"], []),
        ({}, ["agent: 1", "agent: 退款"], ["1"]),
        ({}, ["agent[x]: 1", "agent[y]: refund"], []),
        ({"role": "agent"}, ["agent[x]: 1", "agent[y]: refund"], ["1"]),
    ],
    ids=str,
)
def test_somewhere_looks_at_all_turns(
    tmp_path: Path, somewhere: dict[str, Any], lines: list[str], expected: list[str]
) -> None:
    there = {"somewhere": {"match": {"any": ["退款", "refund"]}, **somewhere}}
    subject = engine(tmp_path, rule({"and": [_EACH, there]}, guard="none"))

    assert hits(subject, lines) == expected
    for finding in only(inspect(subject, lines), Outcome.HIT):
        assert finding.explanation["somewhere"][0]["text"] in ("退款", "refund")


def test_two_places_somewhere_are_both_explained(tmp_path: Path) -> None:
    there = [{"somewhere": {"match": {"any": [word]}, "role": "customer"}} for word in ("甲", "乙")]
    subject = engine(tmp_path, rule({"and": [_EACH, *there]}, guard="none"))

    (hit,) = only(inspect(subject, ["customer: 甲", "customer: 乙", "agent: 1"]), Outcome.HIT)

    assert [place["text"] for place in hit.explanation["somewhere"]] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("sender", "expected"),
    [({"id": "x"}, ["1"]), ({"id": ["x", "y"]}, ["1", "2"]), ({"group": "售后"}, ["2"]), ({"id": "z"}, [])],
    ids=str,
)
def test_a_sender_is_known_by_id_or_group(tmp_path: Path, sender: dict[str, Any], expected: list[str]) -> None:
    people = (Agent(id=AgentId("x")), Agent(id=AgentId("y"), group="售后"))
    chat = conversation("agent[x]: 1", "agent[y]: 2", language="zh", agents=people)

    assert hits(engine(tmp_path, rule({"and": [_EACH, {"sender": sender}]})), chat) == expected


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (_scope(0, 2), "rules[0].match.scope.range.from: 0 is the anchor's turn, and there is no anchor"),
        (_scope(1, 1.5), "range.to: must be a whole number"),
        (_scope(), "scope: range is missing"),
        (_scope(1, 1, anchor=_anchor("at")), "at means the anchor's turn and takes no range"),
        (_scope(1, 1, anchor=_anchor("after", hit=0)), "anchor.hit: must be any, every, or a number"),
        (_scope(1, 1, anchor=_anchor("nearby")), "location: must be one of: before, around, after, at"),
        (_scope(1, 1, anchor={"match": _EACH}), "anchor: location is missing"),
        (rule({"sender": {}}), "rules[0].match.sender: give id or group"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_scope_that_cannot_be_meant_is_an_error_with_its_place(
    tmp_path: Path, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path, fields)

    assert message in caught.value.message


_ENDS = st.integers(-6, 6)


@given(start=_ENDS, stop=_ENDS, location=st.sampled_from(Location), earlier=st.integers(0, 5), own=st.integers(0, 1),
       later=st.integers(0, 5))  # fmt: skip
def test_a_range_lies_within_the_turns_and_does_not_depend_on_the_order_of_its_ends(
    start: int, stop: int, location: Location, earlier: int, own: int, later: int
) -> None:
    size = earlier + own + later
    part = TurnRange(start, stop).beside(location, earlier=earlier, own=own, size=size)

    assert set(part) <= set(range(size))
    assert list(part) == list(TurnRange(stop, start).beside(location, earlier=earlier, own=own, size=size))


@given(st.lists(st.tuples(st.integers(0, _SIZE + 3), st.integers(0, _SIZE)).map(lambda ends: range(*ends)), max_size=8))
def test_of_overlapping_ranges_the_first_holds_a_position(parts: list[range]) -> None:
    holding = {at: [number for number, part in enumerate(parts) if at in part] for at in range(_SIZE)}

    assert first_covering(parts, _SIZE) == {at: numbers[0] for at, numbers in holding.items() if numbers}
