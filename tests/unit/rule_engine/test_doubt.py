"""Where the model reads the words otherwise, a scored hit waits for a person, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import TurnId
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import ConversationMood, MoodStatus, TurnTone
from qa_service.rule_engine import PackRuleEngine
from tests.unit.rule_engine.packs import NO_MOOD, engine, inspect, rule

WORDS = {"any": ["蠢货"]}


def _mood(suspicion: float, category: str = "abuse", status: MoodStatus = MoodStatus.COMPLETE) -> ConversationMood:
    tone = TurnTone(turn_id=TurnId("1"), agent_id=None, status=status, suspicions={category: suspicion})
    return ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,))


def _engine(folder: Path, match: Any = WORDS, **fields: Any) -> PackRuleEngine:
    return engine(folder, rule(match, **{"doubt_below": 0.01, **fields}), evasion="all")


def _hit(packs: PackRuleEngine, mood: ConversationMood, text: str = "这款叫蠢货咖啡") -> Finding:
    (found,) = (one for one in inspect(packs, text, mood) if one.outcome is Outcome.HIT)
    return found


def test_a_doubted_hit_is_advisory_and_shows_the_figure(tmp_path: Path) -> None:
    found = _hit(_engine(tmp_path), _mood(0.006))

    assert (found.status, found.is_doubted, found.counts) == (RuleStatus.ADVISORY, True, False)
    assert found.explanation["doubt"] == {"category": "abuse", "value": 0.006, "below": 0.01}


def test_under_a_third_of_the_bound_a_hit_is_kept_from_people(tmp_path: Path) -> None:
    found = _hit(_engine(tmp_path), _mood(0.003))

    assert (found.status, found.is_shown_hit, found.is_doubted) == (RuleStatus.SHADOW, False, False)
    assert found.explanation["doubt"] == {"category": "abuse", "value": 0.003, "below": 0.01}


def test_a_doubted_advisory_hit_is_kept_from_people(tmp_path: Path) -> None:
    found = _hit(_engine(tmp_path, status="advisory"), _mood(0.006))

    assert (found.status, found.is_shown_hit, found.is_doubted) == (RuleStatus.SHADOW, False, False)


@pytest.mark.parametrize("status", ["scored", "advisory"])
def test_a_value_that_breaks_the_policy_is_never_kept_from_people(tmp_path: Path, status: str) -> None:
    compare = {"policy": "return_days", "verdict": "better"}
    value = {"quantity": {"kind": "duration", "with": ["可以退"], "compare": compare}}

    found = _hit(_engine(tmp_path, value, status=status), _mood(0.0), "七天可以退")

    assert (found.status, found.counts) == (RuleStatus.ADVISORY, False)
    assert found.explanation["doubt"]["value"] == 0.0


@pytest.mark.parametrize(
    ("fields", "mood", "text"),
    [
        pytest.param({}, _mood(0.01), "这款叫蠢货咖啡", id="the figure is not below"),
        pytest.param({"doubt_below": 0}, _mood(0.0), "这款叫蠢货咖啡", id="the rule is never doubted"),
        pytest.param({}, NO_MOOD, "这款叫蠢货咖啡", id="nothing was read"),
        pytest.param({}, _mood(0.0, status=MoodStatus.UNAVAILABLE), "这款叫蠢货咖啡", id="the turn was not read"),
        pytest.param({}, _mood(0.0, category="privacy"), "这款叫蠢货咖啡", id="no such suspicion"),
        pytest.param({"status": "auto_confirmed"}, _mood(0.0), "这款叫蠢货咖啡", id="a rule trusted without review"),
    ],
)
def test_otherwise_the_hit_counts(tmp_path: Path, fields: dict[str, Any], mood: ConversationMood, text: str) -> None:
    found = _hit(_engine(tmp_path, **fields), mood, text)

    assert found.counts
    assert not found.is_doubted


def test_disguised_words_are_doubted_too(tmp_path: Path) -> None:
    assert _hit(_engine(tmp_path), _mood(0.006), "这款叫chun货咖啡").is_doubted


def test_a_suppressed_hit_is_not_doubted(tmp_path: Path) -> None:
    packs = _engine(tmp_path, guard=["quotation"])

    (found,) = (one for one in inspect(packs, "您说蠢货", _mood(0.0)) if one.outcome is Outcome.SUPPRESSED)

    assert "doubt" not in found.explanation


def test_the_bound_of_the_pack_holds_for_rules_without_their_own(tmp_path: Path) -> None:
    first, second = rule(WORDS, id="test.first"), rule(WORDS, id="test.second", doubt_below=0)
    packs = engine(tmp_path, first, second, doubt_below=0.01)

    found = {one.rule_id: one.counts for one in inspect(packs, "蠢货咖啡", _mood(0.0)) if one.outcome is Outcome.HIT}

    assert found == {"test.first": False, "test.second": True}
