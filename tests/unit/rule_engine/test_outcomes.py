"""Whose finding it is, in what order findings come, and what rules without a hit say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qa_service.domain.conversation import TurnKind
from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.errors import ConfigError
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from qa_service.rule_engine import engine as engine_module
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, engine, hits, inspect, rule, write_packs, write_yaml

_BAD = rule({"any": ["坏"]}, guard="none")


def test_findings_are_ordered_by_turn_start_and_rule(tmp_path: Path) -> None:
    rules = [
        rule({"any": ["坏"]}, id="test.b"),
        rule({"any": ["坏", "差"]}, id="test.a"),
        rule({"any": ["无"]}, id="test.c"),
    ]
    subject = engine(tmp_path, *rules)

    findings = inspect(subject, ["agent: 差坏", "agent: 坏"])

    placed = [(finding.turn_id, finding.start, finding.rule_id) for finding in findings]
    assert placed == [
        ("1", 0, "test.a"), ("1", 1, "test.a"), ("1", 1, "test.b"), ("2", 0, "test.a"), ("2", 0, "test.b"),
        (None, None, "test.c"),
    ]  # fmt: skip


def test_only_the_speakers_of_a_rule_are_read(tmp_path: Path) -> None:
    lines = ["customer: 坏", "agent: 坏", "bot: 坏", "system: 坏"]
    bots = rule({"any": ["坏"]}, speakers=["agent", "bot"])
    customers = rule({"any": ["坏"]}, speakers=["customer"], status="advisory")

    assert [finding.turn_id for finding in inspect(engine(tmp_path, _BAD), lines)] == ["2"]
    assert [finding.turn_id for finding in inspect(engine(tmp_path, bots), lines) if finding.turn_id] == ["2", "3"]
    assert [finding.turn_id for finding in inspect(engine(tmp_path, customers), lines) if finding.turn_id] == ["1"]


def test_a_turn_belongs_to_its_sender(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}, speakers=["agent", "bot"]))

    findings = inspect(subject, ["agent[a]: 坏", "agent[b]: 好", "agent: 坏", "bot: 坏"])

    assert [(finding.outcome, finding.agent_id) for finding in findings] == [
        (Outcome.HIT, "a"),
        (Outcome.HIT, None),
        (Outcome.HIT, None),
        (Outcome.CLEAR, "b"),
    ]


@pytest.mark.parametrize("kind", [kind for kind in TurnKind if kind is not TurnKind.TEXT])
def test_what_is_no_text_is_not_read(tmp_path: Path, kind: TurnKind) -> None:
    chat = conversation("agent: 坏", language="zh")

    findings = inspect(engine(tmp_path, _BAD), replace(chat, turns=(replace(chat.turns[0], kind=kind),)))

    assert [finding.outcome for finding in findings] == [Outcome.CLEAR]


@pytest.mark.parametrize("text", ["\u200b\u200d", "  "], ids=["zero width", "blank"])
def test_what_shows_nothing_is_not_read(tmp_path: Path, text: str) -> None:
    subject = engine(tmp_path, rule({"none": ["坏"]}))

    assert hits(subject, ["agent: 您好", f"agent: {text}"]) == ["您好"]


def test_a_rule_of_another_language_does_not_apply(tmp_path: Path) -> None:
    both = rule({"any": ["坏"]}, id="test.both", languages=["zh", "en"])
    subject = engine(tmp_path, _BAD, both)

    findings = inspect(subject, conversation("agent: 坏", language="en"))

    assert [(finding.rule_id, finding.outcome) for finding in findings] == [
        ("test.both", Outcome.HIT),
        ("test.rule", Outcome.NOT_APPLICABLE),
    ]
    assert findings[1].explanation == {"title": "标题", "reason": "language is en"}
    assert inspect(subject, conversation("agent: 坏", language="fr"))[0].outcome is Outcome.NOT_APPLICABLE


def test_a_suppressed_hit_leaves_the_rule_clear(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"any": ["坏"]}))

    assert [finding.outcome for finding in inspect(subject, "不是坏")] == [Outcome.SUPPRESSED, Outcome.CLEAR]


def test_a_finding_carries_its_rule(tmp_path: Path) -> None:
    subject = engine(
        tmp_path, rule({"any": ["坏"]}, version=3, status="shadow", severity="minor"), category="dismissive"
    )

    (found,) = inspect(subject, "坏")

    assert (found.rule_version, found.status, found.severity, found.category) == (
        3,
        RuleStatus.SHADOW,
        "minor",
        "dismissive",
    )
    assert [(known.id, known.title) for known in subject.rules] == [("test.rule", "标题")]


def test_outcomes_are_made_afresh_when_too_many_are_kept(tmp_path: Path) -> None:
    subject = engine(tmp_path, _BAD)
    agents = [f"agent[{number}]: 好" for number in range(5)]

    first = inspect(subject, agents)
    subject._quiet.update({("x", None, None, str(n)): first[0] for n in range(engine_module._MOST_QUIET)})  # type: ignore[dict-item,misc]

    assert inspect(subject, [*agents, "agent[z]: 好"])[:5] == first


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"forbidden_by": "nowhere"}, "there is no policy nowhere"),
        ({"forbidden_by": "return_days"}, "return_days is a value"),
        (
            {
                "match": {
                    "quantity": {
                        "kind": "duration",
                        "with": ["退"],
                        "compare": {"policy": "no_contact", "verdict": "better"},
                    }
                }
            },
            "no_contact is a permission",
        ),
    ],
    ids=["unknown", "a value as a ban", "a ban as a value"],
)
def test_rules_and_policies_must_fit(tmp_path: Path, fields: dict[str, object], detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"^zh/abuse\.yaml:\d+: .*{detail}"):
        engine(tmp_path, {**_BAD, **fields}, policies=POLICIES)


def test_a_policy_in_a_unit_that_never_compares_is_an_error_at_its_own_place(tmp_path: Path) -> None:
    compare = {"policy": "return_days", "verdict": "better"}
    days = rule({"quantity": {"kind": "duration", "with": ["退"], "compare": compare}})

    with pytest.raises(
        ConfigError, match=r"^policies\.yaml:\d+: .*return_days is in currency, .*zh/abuse\.yaml:\d+.*give one of"
    ):
        engine(tmp_path, days, policies=[{**POLICIES[0], "unit": "currency"}])


def test_a_number_in_a_unit_that_never_compares_is_an_error(tmp_path: Path) -> None:
    compare = {"value": 3, "unit": "day", "op": "gt"}

    with pytest.raises(
        ConfigError, match=r"^zh/abuse\.yaml:\d+: .*no value of this kind compares in day; give one of: .*CNY"
    ):
        engine(tmp_path, rule({"quantity": {"kind": "amount", "with": ["退"], "compare": compare}}))


def test_unavailable_outweighs_not_applicable(tmp_path: Path) -> None:
    unknown = {"and": [{"fact": {"field": "attributes.a", "op": "eq", "value": "x"}}, {"any": ["好"]}]}
    match = {"or": [{"and": [{"mood_shift": {"below": 0}}, {"any": ["坏"]}]}, unknown]}
    subject = engine(tmp_path, rule(match))
    no_model = ConversationMood(status=MoodStatus.UNAVAILABLE, reason="mood_unavailable")

    (found,) = inspect(subject, ["agent: 好", "agent: 坏", "agent: 坏", "agent: 好"], no_model)

    assert (found.outcome, found.explanation["reason"]) == (Outcome.UNAVAILABLE, "mood_unavailable")


def test_packs_without_words_or_cues_run(tmp_path: Path) -> None:
    write_packs(tmp_path, rule({"regex": "坏.人"}))
    (tmp_path / "zh" / "cues.yaml").unlink()
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})
    subject = PackRuleEngine(load_packs(tmp_path), load_policies(policy))

    assert hits(subject, "坏的人") == ["坏的人"]
