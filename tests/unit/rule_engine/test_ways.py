"""A rule is asked only where one of its ways is there; that must never lose one that holds."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Role
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_engine.answer import Truth
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.plan import Plan
from qa_service.rule_engine.ways import WayIndex
from tests.builders import conversation
from tests.unit.rule_engine.packs import NO_MOOD, engine, rule

_WORDS = ["退", "款", "七天", "全额", "微信", "加", "好评"]
_NUMBERS = st.integers(0, 9)
_SETS = st.frozensets(_NUMBERS, min_size=1, max_size=3)
_WAYS = st.dictionaries(_NUMBERS, st.lists(st.lists(_SETS, min_size=1, max_size=4).map(tuple), max_size=3), max_size=6)


@given(_WAYS, st.sets(_NUMBERS))
def test_what_is_met_has_a_way_with_a_number_of_each_set(
    ways: dict[int, list[tuple[frozenset[int], ...]]], there: set[int]
) -> None:
    expected = {name for name, mine in ways.items() if any(all(there & numbers for numbers in way) for way in mine)}

    assert WayIndex(ways).met(there) == expected


def _tree(rng: random.Random, depth: int) -> dict[str, Any]:
    kind = rng.choice(["any", "regex", "near", "all", "none", "quantity"] + ["and", "or"] * (2 * depth))
    some = rng.sample(_WORDS, 2)
    if kind in ("and", "or"):
        return {kind: [_tree(rng, depth - 1) for _ in range(rng.randint(2, 9 if kind == "or" else 3))]}
    leaves: dict[str, Any] = {
        "regex": "(?:" + ".{0,2}".join(some) + ")",
        "near": {"a": some[:1], "b": some[1:], "chars": 3},
        "quantity": {"kind": "duration", "with": some, "inherit": {"agree": ["加"]}},
    }
    return {kind: leaves.get(kind, some)}


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PackRuleEngine:
    rng = random.Random(7)
    rules = [rule(_tree(rng, 3), id=f"test.rule_{at}", status="shadow") for at in range(60)]
    return engine(Path(tmp_path_factory.mktemp("ways")), *rules)


_TEXTS = st.lists(st.sampled_from([*_WORDS, "，", "吗", "我", "3天"]), min_size=1, max_size=9).map("".join)


@given(_TEXTS, _TEXTS)
def test_what_holds_in_a_turn_is_asked_there(subject: PackRuleEngine, asked: str, said: str) -> None:
    chat = conversation(f"customer: {asked}", f"agent: {said}", language="zh")
    reading = subject.read(ConversationNormaliser().normalise(chat), NO_MOOD, ())
    turn = reading.turns[1]
    candidates = Plan(subject.rules, "zh", Role.AGENT).candidates(turn, reading.turns)

    for found in subject.rules:
        place = Place(reading, turn, "zh", found.views, found.exceptions)
        assert found.node is not None
        if found.node.evaluate(place).truth is not Truth.NO:
            assert found in candidates


def test_of_many_ways_some_are_asked_for_together(tmp_path: Path) -> None:
    either = [{"or": [{"any": [word]} for word in words]} for words in ("甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉")]
    subject = engine(tmp_path, rule({"and": either}))
    plan = Plan(subject.rules, "zh", Role.AGENT)

    for one, other in product("甲癸天", "子酉地"):
        chat = conversation(f"agent: {one}。{other}", language="zh")
        reading = subject.read(ConversationNormaliser().normalise(chat), NO_MOOD, ())
        assert bool(plan.candidates(reading.turns[0], reading.turns)) == (one != "天" and other != "地")
