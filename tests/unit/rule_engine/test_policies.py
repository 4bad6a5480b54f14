"""Which policy holds for which conversation and day, and from when to when a rule does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Outcome
from qa_service.errors import ConfigError
from qa_service.rule_engine import Policies, load_policies, run_examples
from tests.builders import conversation
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule, write_yaml

_BETTER = {
    "quantity": {"kind": "duration", "with": ["可以退", "return"], "compare": {"policy": "days", "verdict": "better"}}
}


def entry(value: int, **fields: Any) -> dict[str, Any]:
    return {
        "key": "days",
        "title": "退货",
        "value": value,
        "unit": "day",
        "direction": "at_most",
        "source": "规定",
        **fields,
    }


def chat(at: str | None = None, text: str = "七天内可以退", **fields: Any) -> Conversation:
    made = conversation(f"agent: {text}", language="zh", **fields)
    moment = datetime.fromisoformat(at) if at else None
    return replace(made, turns=tuple(replace(turn, at=moment) for turn in made.turns))


def load(folder: Path, *entries: dict[str, Any]) -> Policies:
    return load_policies(write_yaml(folder / "p.yaml", {"version": 1, "policies": list(entries)}))


_ENTRIES = [
    entry(3),
    entry(7, when={"shop": ["A店", "B店"]}),
    entry(0, when={"category": "生鲜"}),
    entry(1, when={"shop": ["A店", "B店"], "category": "生鲜"}),
    entry(15, when={"shop": "A店", "channel": "淘宝", "campaign": "双11"}, **{"from": "2026-11-01", "until": "2026-11-15"}),
    entry(30, when={"attributes.tier": "vip", "channel": "天猫", "shop": "A店"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "fields", "value"),
    [
        (None, {}, 3),
        (None, {"shop": "C店"}, 3),
        (None, {"shop": "A店"}, 7),
        (None, {"attributes": {"category": "生鲜"}}, 0),
        (None, {"shop": "B店", "attributes": {"category": "生鲜"}}, 1),
        ("2026-11-15T23:59+08:00", {"shop": "A店", "channel": "淘宝", "attributes": {"campaign": "双11"}}, 15),
        ("2026-11-16T00:00+08:00", {"shop": "A店", "channel": "淘宝", "attributes": {"campaign": "双11"}}, 7),
        (None, {"shop": "A店", "channel": "淘宝", "attributes": {"campaign": "双11"}}, 7),
        (None, {"shop": "A店", "channel": "天猫", "attributes": {"tier": "vip"}}, 30),
        (None, {"shop": "A店", "attributes": {"tier": "vip"}}, 7),
    ],
    ids=str,
)
def test_the_most_specific_policy_in_force_counts(tmp_path: Path, at: str | None, fields: Any, value: int) -> None:
    talk = chat(at, **fields)

    found = load(tmp_path, *_ENTRIES).get("days", talk.turns[0].at, talk)

    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(("shop", "expected"), [("A店", []), ("C店", ["七天内可以退"])])
def test_a_promise_is_held_against_the_shops_own_policy(tmp_path: Path, shop: str, expected: list[str]) -> None:
    subject = engine(tmp_path, rule(_BETTER), policies=_ENTRIES)

    assert hits(subject, chat(shop=shop)) == expected


def test_the_explanation_says_for_whom_the_policy_holds(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule(_BETTER), policies=_ENTRIES)

    (finding,) = only(inspect(subject, chat(attributes={"category": "生鲜"})), Outcome.HIT)

    assert finding.explanation["policy"]["when"] == {"category": ["生鲜"]}


def test_an_english_promise_changes_with_the_day(tmp_path: Path) -> None:
    entries = [entry(14, **{"until": "2026-10-31"}), entry(5, **{"from": "2026-11-01"})]
    subject = engine(tmp_path, rule(_BETTER), policies=entries)
    text = "you can return it within 7 days"

    assert hits(subject, chat("2026-10-31T12:00+08:00", text)) == []
    assert hits(subject, chat("2026-11-01T12:00+08:00", text)) == ["return it within 7 days"]


@pytest.mark.parametrize(
    "entries",
    [
        [entry(3), entry(7)],
        [entry(3, when={"shop": ["A", "B"]}), entry(7, when={"shop": ["B", "C"]})],
        [entry(3, when={"shop": "A"}), entry(7, when={"category": "x"})],
        [entry(3, when={"shop": "A"}), entry(7, when={"category": "x"}), entry(1, when={"shop": "B", "category": "x"})],
        [
            entry(3, when={"shop": "A"}),
            entry(7, when={"category": "x"}),
            entry(1, when={"shop": "A", "category": "x"}, until="2026-01-01"),
        ],
        [entry(3, until="2026-11-01"), entry(7, **{"from": "2026-11-01"})],
    ],
    ids=["twice", "one shop in both", "two scopes", "the wrong one decides", "decided for a time", "one day"],
)
def test_policies_that_contradict_each_other_are_refused_with_both_places(tmp_path: Path, entries: Any) -> None:
    with pytest.raises(ConfigError, match=r"^p\.yaml:\d+: policies\[1\]: days is given twice .* and in p\.yaml:3;"):
        load(tmp_path, *entries)


@pytest.mark.parametrize(
    "entries",
    [
        [entry(3, until="2026-10-31"), entry(7, **{"from": "2026-11-01"})],
        [entry(3, when={"shop": "A"}), entry(7, when={"shop": "B"})],
        [entry(3), entry(7, when={"shop": "B"})],
        [entry(3, when={"shop": "A"}), entry(7, when={"category": "x"}), entry(1, when={"shop": "A", "category": "x"})],
    ],
    ids=["days apart", "shops apart", "one more specific", "a third decides"],
)
def test_policies_that_say_which_holds_are_read(tmp_path: Path, entries: Any) -> None:
    assert len(load(tmp_path, *entries).entries["days"]) == len(entries)


@pytest.mark.parametrize(
    ("when", "detail"),
    [
        ({}, "at least one field"),
        ({"mood": "x"}, "unknown field; known are: shop"),
        ({"shop": []}, "must not be empty"),
    ],
    ids=str,
)
def test_a_broken_scope_is_refused(tmp_path: Path, when: Any, detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"p\.yaml:\d+: .*{detail}"):
        load(tmp_path, entry(3, when=when))


def test_a_folder_of_policies_is_read_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    write_yaml(folder / "a.yaml", {"version": 1, "policies": [entry(3)]})
    write_yaml(folder / "b.yaml", {"version": 1, "policies": [entry(7)]})

    with pytest.raises(ConfigError, match=r"^b\.yaml:3: .* and in a\.yaml:3;"):
        load_policies(folder)


@pytest.mark.parametrize(
    ("at", "started", "outcome"),
    [
        ("2026-11-01T00:00+08:00", None, Outcome.HIT),
        ("2026-11-30T23:59+08:00", None, Outcome.HIT),
        ("2026-12-01T00:00+08:00", None, Outcome.NOT_APPLICABLE),
        ("2026-10-31T00:00+08:00", None, Outcome.NOT_APPLICABLE),
        (None, "2026-11-05T00:00+08:00", Outcome.HIT),
        (None, None, Outcome.NOT_APPLICABLE),
    ],
)
@pytest.mark.parametrize(
    "match", [{"any": ["坏"]}, {"absent": {"phrase": {"any": ["您好"]}, "first": 1}}], ids=["words", "absence"]
)
def test_a_rule_holds_from_day_to_day(
    tmp_path: Path, match: Any, at: str | None, started: str | None, outcome: Outcome
) -> None:
    subject = engine(tmp_path, rule(match, effective={"from": "2026-11-01", "until": "2026-11-30"}))
    begun = datetime.fromisoformat(started) if started else None

    findings = inspect(subject, chat(at, "坏", started_at=begun))

    assert [finding.outcome for finding in findings] == [outcome]


@pytest.mark.parametrize(
    ("effective", "detail"),
    [
        ({}, "give from or until"),
        ({"from": "soon"}, "a date like"),
        ({"from": "2026-11-02", "until": "2026-11-01"}, "must not be before from"),
        ({"to": "2026-11-02"}, "unknown field"),
    ],
    ids=str,
)
def test_a_broken_period_is_refused(tmp_path: Path, effective: Any, detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"zh/abuse\.yaml:\d+: .*{detail}"):
        engine(tmp_path, rule({"any": ["坏"]}, effective=effective))


@pytest.mark.parametrize("effective", [{"from": "2027-01-01"}, {"until": "2020-01-01"}], ids=str)
def test_examples_run_in_the_time_of_their_rule(tmp_path: Path, effective: Any) -> None:
    examples = {"match": ["坏", {"turns": ["agent: 坏"], "seconds": [0]}], "no_match": ["好", "行"]}
    subject = engine(tmp_path, rule({"any": ["坏"]}, effective=effective, examples=examples))

    assert run_examples(subject) == []
