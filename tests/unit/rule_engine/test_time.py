"""Operators of time and numbers: silence, waits, figures, hours; alone and joined at the root."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.errors import ConfigError
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, engine, hits, inspect, only, rule, write_packs, write_yaml

_SHOP = {"zone": "Asia/Shanghai", "open": {"mon-fri": "09:00-18:00"}}
_MONDAY_NINE = datetime.fromisoformat("2026-11-23T09:00+08:00")


def timed(lines: list[str], *seconds: float | None, start: datetime = _MONDAY_NINE, **fields: Any) -> Conversation:
    chat = conversation(*lines, **{"language": "zh", **fields})
    ats = [None if at is None else start + timedelta(seconds=at) for at in seconds]
    return replace(chat, turns=tuple(replace(turn, at=at) for turn, at in zip(chat.turns, ats, strict=True)))


@pytest.mark.parametrize(
    ("silence", "lines", "seconds", "expected"),
    [
        ({}, ["customer: 在吗", "agent: 在的"], [0, 61], ["在的"]),
        ({}, ["customer: 在吗", "agent: 在的"], [0, 60], []),
        ({}, ["customer: 在吗", "agent: 在的"], [0, None], []),
        ({}, ["agent: 在的"], [0], []),
        ({}, ["customer: hi", "system: 转接", "agent: hello"], [0, 50, 70], ["hello"]),
        ({"between": "same_speaker"}, ["agent: 在的", "agent: 查到了"], [0, 70], ["查到了"]),
        ({"between": "same_speaker"}, ["customer: 在吗", "agent: 查到了"], [0, 70], []),
        ({"between": "other_speaker"}, ["agent: 在的", "agent: 查到了"], [0, 70], []),
        ({"between": "same_speaker"}, ["agent[a]: 在的", "agent[b]: 查到了"], [0, 70], []),
        ({"between": "other_speaker"}, ["agent[a]: one moment", "agent[b]: found it"], [0, 70], ["found it"]),
        ({"unless": {"any": ["请稍等", "one moment"]}}, ["agent: 请稍等", "agent: 查到了"], [0, 70], []),
        ({"unless": {"any": ["请稍等", "one moment"]}}, ["agent: One moment", "agent: found it"], [0, 70], []),
        ({"unless": {"any": ["请稍等"]}}, ["agent: 请稍等", "customer: 好的", "agent: 查到了"], [0, 2, 70], []),
        ({"unless": {"any": ["请稍等"]}}, ["agent: 请稍等", "customer: 多久", "agent: 查到了"], [0, 2, 70], ["查到了"]),
        ({"hours": _SHOP}, ["customer: 在吗", "agent: 在的"], [-900, 60], []),
        ({"hours": _SHOP}, ["customer: 在吗", "agent: 在的"], [-900, 61], ["在的"]),
    ],
    ids=str,
)
def test_a_silence_is_found_where_it_ends(
    tmp_path: Path, silence: Any, lines: list[str], seconds: list[float | None], expected: list[str]
) -> None:
    subject = engine(tmp_path, rule({"silence": {"over_seconds": 60, **silence}}))

    assert hits(subject, timed(lines, *seconds)) == expected


def test_a_silence_without_times_is_not_judged(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"silence": {"over_seconds": 60}}))

    (finding,) = inspect(subject, ["customer: 在吗", "agent: 在的"])

    assert (finding.outcome, finding.explanation["reason"]) == (Outcome.NOT_APPLICABLE, "no_time")


def test_a_silence_is_explained(tmp_path: Path) -> None:
    subject = engine(tmp_path, rule({"silence": {"over_seconds": 60}}))

    (finding,) = inspect(subject, timed(["customer: 在吗", "agent: 在的"], 0, 90))

    assert finding.explanation["silence"] == {
        "seconds": 90.0, "over_seconds": 60.0, "since": {"turn_id": "1", "text": "在吗"}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "seconds", "expected"),
    [
        (["customer: 能退吗", "agent: 能的"], [0, 61], ["能的"]),
        (["customer: can I return it", "agent: yes"], [0, 61], ["yes"]),
        (["customer: 能退吗", "customer: 在？", "agent: 能的"], [0, 50, 70], ["能的"]),
        (["agent: 能退", "customer: 好的谢谢", "agent: 不客气"], [0, 1, 90], []),
        (["agent: done", "customer: ok thanks", "agent: bye"], [0, 1, 90], []),
        (["customer: 能退吗", "agent: 能的"], [None, 61], []),
    ],
    ids=str,
)
def test_a_slow_reply_is_shown_at_its_turn(
    tmp_path: Path, lines: list[str], seconds: list[float | None], expected: list[str]
) -> None:
    subject = engine(tmp_path, rule({"waited": {"over_seconds": 60}}))

    assert hits(subject, timed(lines, *seconds)) == expected


@pytest.mark.parametrize(
    ("figure", "hit"),
    [
        ({"name": "duration_seconds", "op": "ge", "value": 300}, True),
        ({"name": "duration_seconds", "op": "gt", "value": 300}, False),
        ({"name": "duration_seconds", "op": "eq", "value": 0, "hours": {"zone": "Asia/Shanghai", "open": {"sun": "09:00-10:00"}}},
         True),
        ({"name": "turns", "op": "eq", "value": 6}, True),
        ({"name": "customer_turns", "op": "lt", "value": 3}, True),
        ({"name": "agent_turns", "op": "ne", "value": 3}, False),
        ({"name": "bot_turns", "op": "between", "value": [1, 2]}, True),
        ({"name": "transfers", "op": "ge", "value": 1}, True),
        ({"name": "longest_silence_seconds", "op": "le", "value": 140}, True),
        ({"name": "own_turns", "op": "eq", "value": 2}, True),
        ({"name": "first_reply_seconds", "op": "gt", "value": 100}, True),
        ({"name": "average_reply_seconds", "op": "gt", "value": 100}, True),
        ({"name": "longest_reply_seconds", "op": "gt", "value": 1000}, False),
        ({"name": "unanswered_turns", "op": "ge", "value": 1}, False),
        ({"name": "csat", "op": "lt", "value": 3}, True),
        ({"name": "negative_share", "op": "ge", "value": 0.5}, True),
        ({"name": "mood_shift", "op": "lt", "value": 0}, True),
        ({"name": "mood_end", "op": "lt", "value": -0.6}, True),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_figure_judges_the_agent(tmp_path: Path, figure: dict[str, Any], hit: bool) -> None:
    chat = timed(
        ["bot: 您好", "customer: 人工", "agent[a]: 在的", "customer: 退货", "agent[b]: 好的", "agent[a]: 补充"],
        0, 10, 150, 160, 200, 300, csat=2.0,
    )  # fmt: skip
    mood = ConversationMood(status=MoodStatus.COMPLETE, start=0.1, end=-0.7, shift=-0.8, negative_share=0.5)
    subject = engine(tmp_path, rule({"figure": figure}))

    findings = only(inspect(subject, chat, mood), Outcome.HIT)

    assert ("a" in [finding.agent_id for finding in findings]) is hit
    assert all(finding.explanation["measured"]["measure"] == figure["name"] for finding in findings)


@pytest.mark.parametrize(
    ("name", "status", "outcome"),
    [
        ("mood_end", MoodStatus.UNAVAILABLE, Outcome.UNAVAILABLE),
        ("mood_end", MoodStatus.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
        ("csat", MoodStatus.UNAVAILABLE, Outcome.NOT_APPLICABLE),
        ("duration_seconds", MoodStatus.COMPLETE, Outcome.NOT_APPLICABLE),
        ("first_reply_seconds", MoodStatus.COMPLETE, Outcome.NOT_APPLICABLE),
    ],
)
def test_an_unknown_figure_is_no_pass(tmp_path: Path, name: str, status: MoodStatus, outcome: Outcome) -> None:
    subject = engine(tmp_path, rule({"figure": {"name": name, "op": "gt", "value": 0}}))

    findings = inspect(subject, ["customer: 在吗", "agent: 在的"], ConversationMood(status=status))

    assert [finding.outcome for finding in findings] == [outcome]


def test_a_figure_is_a_condition_beside_words(tmp_path: Path) -> None:
    transfers = {"figure": {"name": "transfers", "op": "ge", "value": 1}}
    subject = engine(tmp_path, rule({"and": [{"any": ["不知道", "no idea"]}, transfers]}))

    assert hits(subject, ["agent[a]: 不知道"]) == []
    assert hits(subject, ["agent[a]: 不知道", "agent[b]: no idea"]) == ["不知道", "no idea"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["customer: 坏了", "agent: 哦"], [None]),
        (["customer: 坏了", "agent: 抱歉"], []),
        (["customer: 坏了", "agent: 哦", "agent: 在查"], []),
    ],
    ids=str,
)
def test_duties_figures_and_words_join_at_the_root(tmp_path: Path, lines: list[str], expected: list[Any]) -> None:
    match = {
        "and": [
            {"absent": {"phrase": {"any": ["抱歉", "sorry"]}, "first": 2}},
            {"not": {"figure": {"name": "own_turns", "op": "gt", "value": 1}}},
            {"or": [{"any": ["哦", "whatever"]}, {"response_time": {"measure": "unanswered", "over": 9}}]},
        ]
    }
    subject = engine(tmp_path, rule(match))

    assert hits(subject, lines) == expected


def test_what_was_said_is_shown_in_a_joined_judgement(tmp_path: Path) -> None:
    match = {"and": [{"any": ["whatever"]}, {"figure": {"name": "turns", "op": "ge", "value": 1}},
                     {"absent": {"phrase": {"any": ["sorry"]}, "last": 1}}]}  # fmt: skip
    subject = engine(tmp_path, rule(match))

    (finding,) = inspect(subject, ["agent: Whatever"])

    assert finding.explanation["said"] == {"turn_id": "1", "text": "Whatever"}
    assert finding.explanation["measured"]["value"] == 1


def test_what_is_unknown_of_an_agent_stays_unknown(tmp_path: Path) -> None:
    match = {"and": [{"mood": {"emotion": ["angry"]}}, {"response_time": {"measure": "unanswered", "over": -0}}]}
    subject = engine(tmp_path, rule(match))

    findings = inspect(
        subject, ["customer: 啊", "agent: 哦", "customer: 在？"], ConversationMood(status=MoodStatus.UNAVAILABLE)
    )

    assert [finding.outcome for finding in findings] == [Outcome.UNAVAILABLE]


@pytest.mark.parametrize(("seconds", "expected"), [(0, ["坏"]), (-1, []), (9 * 3600, []), (None, [])])
def test_words_may_be_forbidden_in_opening_hours(tmp_path: Path, seconds: float | None, expected: list[str]) -> None:
    subject = engine(tmp_path, rule({"and": [{"any": ["坏"]}, {"working_hours": _SHOP}]}))

    assert hits(subject, timed(["agent: 坏"], seconds)) == expected


def test_a_rule_names_a_calendar_of_the_policies(tmp_path: Path) -> None:
    write_packs(tmp_path, rule({"and": [{"any": ["bad"]}, {"not": {"working_hours": "shop"}}]}))
    document = {"version": 1, "policies": POLICIES, "calendars": {"shop": _SHOP}}
    policies = load_policies(write_yaml(tmp_path / "p.yaml", document))
    subject = PackRuleEngine(load_packs(tmp_path), policies)

    assert hits(subject, timed(["agent: bad"], 0)) == []
    assert hits(subject, timed(["agent: bad"], -1)) == ["bad"]


def test_an_unknown_calendar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: .*there is no calendar shop .*known are: none"):
        engine(tmp_path, rule({"working_hours": "shop"}))


@pytest.mark.parametrize(
    ("broken", "detail"),
    [
        ({"zone": "Mars"}, "time zone name"),
        ({"open": {"monday": "09:00-18:00"}}, "a day of mon, tue"),
        ({"open": {"fri-mon": "09:00-18:00"}}, "a day of mon, tue"),
        ({"open": {"daily": "09:00-18:00", "mon": "09:00-18:00"}}, "mon is given twice"),
        ({"open": {"mon": "9-18"}}, "a time like 09:00-22:00"),
        ({"open": {"mon": "09:00-25:00"}}, "between 00:00 and 24:00"),
        ({"open": {"mon": ["09:00-12:00", "11:00-18:00"]}}, "overlap"),
        ({"closed": ["monday"]}, "a date like"),
        ({"days": {"monday": "09:00-18:00"}}, "named by a date"),
        ({"closed": ["2026-11-11"], "days": {"2026-11-11": "09:00-18:00"}}, "given twice"),
    ],
    ids=str,
)
def test_a_broken_calendar_is_refused(tmp_path: Path, broken: dict[str, Any], detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"zh/abuse\.yaml:\d+: .*{detail}"):
        engine(tmp_path, rule({"working_hours": {**_SHOP, **broken}}))


@pytest.mark.parametrize(("seconds", "expected"), [(0, ["坏"]), (-1, []), (60, []), (None, [])])
def test_a_rule_may_hold_for_a_sale_only(tmp_path: Path, seconds: float | None, expected: list[str]) -> None:
    sale = {"from": "2026-11-23T09:00+08:00", "until": "2026-11-23T01:01+00:00"}
    subject = engine(tmp_path, rule({"and": [{"any": ["坏"]}, {"sent": sale}]}))

    assert hits(subject, timed(["agent: 坏"], seconds)) == expected


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({}, "give from or until"),
        ({"from": "2026-11-23T09:00"}, "a time with its offset"),
        ({"from": "2026-11-23T09:00Z", "until": "2026-11-23T09:00Z"}, "must be after from"),
    ],
    ids=str,
)
def test_a_broken_window_is_refused(tmp_path: Path, sent: dict[str, str], detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"zh/abuse\.yaml:\d+: .*{detail}"):
        engine(tmp_path, rule({"sent": sent}))


@pytest.mark.parametrize(
    ("position", "expected"),
    [({"first_seconds": 30}, ["甲"]), ({"last_seconds": 30}, ["丙"]), ({"first_seconds": 60}, ["甲", "乙"])],
    ids=str,
)
def test_a_position_in_seconds(tmp_path: Path, position: dict[str, int], expected: list[str]) -> None:
    subject = engine(tmp_path, rule({"and": [{"any": ["甲", "乙", "丙"]}, {"position": position}]}))

    assert hits(subject, timed(["agent: 甲", "agent: 乙", "agent: 丙"], 0, 60, 100)) == expected
    assert hits(subject, ["agent: 甲"]) == []


@pytest.mark.parametrize(("seconds", "expected"), [(60, []), (61, [None])])
def test_a_phrase_may_be_owed_within_seconds(tmp_path: Path, seconds: float, expected: list[None]) -> None:
    after = {"match": {"any": ["坏了", "broken"]}, "seconds": 60}
    subject = engine(tmp_path, rule({"absent": {"phrase": {"any": ["抱歉", "sorry"]}, "after": after}}))

    for lines in (["customer: 坏了", "agent: 抱歉"], ["customer: It is broken", "agent: Sorry"]):
        assert hits(subject, timed(lines, 0, seconds)) == expected


@pytest.mark.parametrize(
    ("lines", "seconds", "expected"),
    [
        (["customer: 坏了", "agent: 好", "customer: 坏了", "agent: 抱歉"], [0, 10, 30, 60], []),
        (["customer: 坏了", "agent: 好", "customer: 坏了", "agent: 抱歉"], [0, 10, 30, 61], [None]),
        (["customer: 坏了", "agent: 好", "agent: 抱歉"], [0, 61, 60], [None]),
        (["customer: 坏了", "agent: 抱歉", "customer: 坏了", "agent: 好"], [0, 1, 2, 3], [None]),
    ],
    ids=["in time for all", "too late for the first", "behind one that is too late", "before the last"],
)
def test_one_phrase_may_answer_several_questions(
    tmp_path: Path, lines: list[str], seconds: list[float], expected: list[None]
) -> None:
    after = {"match": {"any": ["坏了"]}, "seconds": 60}
    subject = engine(tmp_path, rule({"absent": {"phrase": {"any": ["抱歉"]}, "after": after}}))

    assert hits(subject, timed(lines, *seconds)) == expected


def test_reply_times_may_count_opening_hours_alone(tmp_path: Path) -> None:
    chat = timed(["customer: 在吗", "agent: 在的"], -3600, 30)

    for hours, expected in (({}, [None]), ({"hours": _SHOP}, [])):
        check = {"response_time": {"measure": "first", "over_seconds": 60, **hours}}
        assert hits(engine(tmp_path, rule(check)), chat) == expected


@pytest.mark.parametrize(
    ("match", "detail"),
    [
        ({"absent": {"phrase": {"any": ["x"]}, "after": {"match": {"any": ["y"]}}}}, "give turns or seconds"),
        ({"figure": {"name": "transfers", "op": "between", "value": 1}}, "takes 2 value"),
        (
            {"figure": {"name": "transfers", "op": "between", "value": [5, 1]}},
            r"value: the second bound .* say \[1, 5\]",
        ),
        (
            {"fact": {"field": "attributes.a", "op": "between", "value": [200, 100]}},
            r"the second bound .* say \[100, 200\]",
        ),
        ({"figure": {"name": "transfers", "op": "ge", "value": 1, "hours": _SHOP}}, "not counted in hours"),
        ({"figure": {"name": "loudness", "op": "ge", "value": 1}}, "must be one of: duration_seconds"),
        ({"response_time": {"measure": "unanswered", "over": 1, "hours": _SHOP}}, "takes over and nothing else"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_broken_time_operators_are_refused(tmp_path: Path, match: dict[str, Any], detail: str) -> None:
    with pytest.raises(ConfigError, match=rf"zh/abuse\.yaml:\d+: .*{detail}"):
        engine(tmp_path, rule(match))
