"""Rules of AWS and Baidu: the pack that is made of them is loaded and asked of chats."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from qa_service.errors import InvalidInput
from qa_service.rule_engine import Format
from tests.unit.rule_engine.imports import damaged, engine, found, imported, lost


def aws(*conditions: dict[str, Any], operator: str = "AND", **fields: Any) -> dict[str, Any]:
    function = {"Version": "2022-11-25", "RuleFunction": {"Operator": operator, "Operands": list(conditions)}}
    return {"Name": "Refund talk", "Function": function, **fields}


def said(subject: str, operands: Any, role: str = "AGENT", negate: bool = False, **period: int) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [{"Type": "ParticipantRole", "Data": role}]
    if period:
        filters.append({"Type": "PostChatContactPeriodSeconds", "Data": period})
    return {
        "Operator": "CONTAINS_ANY",
        "Operands": operands,
        "ComparisonValue": f"$.ContactLens.PostChat.{subject}.Transcript",
        "FilterClause": {"LogicOperator": "AND", "Filters": filters},
        "Negate": negate,
    }


def compared(subject: str, operator: str, *operands: Any) -> dict[str, Any]:
    value = f"$.ContactLens.PostChat.{subject}"
    return {"Operator": operator, "Operands": list(operands), "ComparisonValue": value, "Negate": False}


PLAIN = {"Type": "PLAIN", "Value": "refund"}
LIST = {"Type": "LIST", "Value": [{"Type": "PLAIN", "Value": "today"}, {"Type": "PLAIN", "Value": "now"}]}


def near(distance: int, is_within: bool = True) -> dict[str, Any]:
    return {"Type": "PROXIMITY", "Value": {"Distance": distance, "IsWithin": is_within}}


class TestAws:
    @pytest.mark.parametrize(
        ("condition", "hit", "miss"),
        [
            (said("ExactMatch", ["refund now"]), "refund now please", "refund it now"),
            (said("PatternMatch", ["refund * days"]), "refund in 3 days", "refund"),
            (said("PatternMatch", [[PLAIN, LIST]]), "refund today", "refund later"),
            (said("PatternMatch", [[PLAIN, near(3), LIST]]), "refund it right now", "refund it as soon as we can now"),
            (said("PatternMatch", [[PLAIN, near(3, False), LIST]]), "refund later", "refund it now"),
            (
                said("PatternMatch", [[PLAIN, near(2), {"Type": "NUMERICAL", "Value": {"Decimal": False}}]]),
                "refund within 3",
                "refund soon",
            ),
        ],
        ids=["exact", "wildcard", "list", "near", "not-near", "number"],
    )
    def test_words_are_found_as_there(self, tmp_path: Path, condition: dict[str, Any], hit: str, miss: str) -> None:
        pack = imported(Format.AWS, aws(condition))
        subject = engine(pack, tmp_path)

        assert lost(pack) == []
        assert {finding.rule_id for finding in found(subject, f"agent: {hit}")} == {"own.refund_talk"}
        assert found(subject, f"agent: {miss}") == []

    def test_the_tree_holds_for_the_chat_and_negate_means_nowhere(self, tmp_path: Path) -> None:
        conditions = (said("ExactMatch", ["refund"]), said("ExactMatch", ["thanks"], role="CUSTOMER", negate=True))
        subject = engine(imported(Format.AWS, aws(*conditions)), tmp_path)

        assert [hit.turn_id for hit in found(subject, "customer: hi", "agent: refund")] == ["2"]
        assert found(subject, "agent: refund", "customer: thanks") == []

    def test_anybody_may_have_said_it(self, tmp_path: Path) -> None:
        subject = engine(imported(Format.AWS, aws(said("ExactMatch", ["refund"], role="ANY"))), tmp_path)
        assert [hit.turn_id for hit in found(subject, "customer: refund", "agent: refund")] == ["1", "2"]

    def test_a_period_counts_seconds(self, tmp_path: Path) -> None:
        subject = engine(imported(Format.AWS, aws(said("ExactMatch", ["hello"], First=30))), tmp_path)
        assert [hit.turn_id for hit in found(subject, "agent: hello", "agent: hello", seconds=(0, 60))] == ["1"]

    @pytest.mark.parametrize(
        ("condition", "hit", "miss"),
        [
            (compared("ContactAttribute['tier']", "EQUALS", "gold"), {"tier": "gold"}, {"tier": "tin"}),
            (compared("SegmentAttributes.UserDefined['tier']", "EQUALS", "gold"), {"tier": "gold"}, {"tier": "tin"}),
            (compared("Queue.QueueId", "CONTAINS_ANY", "q1", "q2"), {"queue": "q2"}, {"queue": "q3"}),
            (compared("Queue.QueueId", "EQUALS"), {}, {"queue": "q3"}),
            (compared("InitiationMethod", "CONTAINS_ANY", "API"), {"initiation_method": "API"}, {"initiation_method": "X"}),
        ],
        ids=["attribute", "segment", "queue", "no-queue", "initiation"],
    )  # fmt: skip
    def test_data_of_the_contact_are_facts(
        self, tmp_path: Path, condition: dict[str, Any], hit: dict[str, str], miss: dict[str, str]
    ) -> None:
        subject = engine(imported(Format.AWS, aws(said("ExactMatch", ["refund"]), condition)), tmp_path)
        assert found(subject, "agent: refund", attributes=hit)
        assert not found(subject, "agent: refund", attributes=miss)

    @pytest.mark.parametrize(
        ("subject", "operator", "fits"),
        [
            ("ResponseTime.Agent.FirstResponseTimeSecs", "NumberGreaterOrEqualTo", 60),
            ("ResponseTime.Agent.AverageTimeSecs", "NumberGreaterOrEqualTo", 60),
            ("ResponseTime.Agent.LongestTimeSecs", "NumberGreaterOrEqualTo", 60),
            ("Agent.AgentInteractionDurationSecs", "NumberLessOrEqualTo", 70),
        ],
    )
    def test_times_are_figures(self, tmp_path: Path, subject: str, operator: str, fits: int) -> None:
        made = engine(imported(Format.AWS, aws(compared(subject, operator, fits))), tmp_path)
        assert found(made, "customer: hi there", "agent: hello", seconds=(0, 65))

    @pytest.mark.parametrize(
        "condition",
        [
            compared("Sentiment.State", "CONTAINS_ANY", "NEGATIVE"),
            compared("Sentiment.State", "CONTAINS_ANY", "POSITIVE", "NEUTRAL"),
            compared("Sentiment.Score.Beginning", "NumberLessOrEqualTo", -2),
            compared("Sentiment.Score.End", "NumberGreaterOrEqualTo", 2.5),
            said("SemanticMatch", ["we will refund you"]),
            compared("Agent.AgentId", "CONTAINS_ANY", "a-7"),
            compared("Agent.HierarchyGroup.ARN", "CONTAINS_ANY", "arn:x"),
        ],
        ids=["negative", "others", "beginning", "end", "semantic", "agent", "group"],
    )
    def test_moods_sentences_and_people_are_carried_over(self, condition: dict[str, Any]) -> None:
        pack = imported(Format.AWS, aws(condition))
        assert (lost(pack), len(pack.rules)) == ([], 1)

    @pytest.mark.parametrize(
        ("condition", "path"),
        [
            (compared("SemanticMatch.Phrase", "EQUALS", "asked for x"), "ComparisonValue"),
            (compared("Agent.AfterContactWorkDurationSecs", "NumberLessOrEqualTo", 3), "ComparisonValue"),
            (compared("Sentiment.OverallScore", "NumberLessOrEqualTo", 3), "ComparisonValue"),
            (compared("PotentialDisconnectIssue", "EQUALS"), "ComparisonValue"),
            ({"Operator": "EQUALS", "ComparisonValue": "$.Case.Status"}, "ComparisonValue"),
            (said("PatternMatch", [[PLAIN, near(2), PLAIN, near(2), PLAIN]]), "Operands[0]"),
            (said("PatternMatch", [[near(2), PLAIN]]), "Operands[0]"),
            (said("ExactMatch", []), "Operands"),
            (compared("ResponseTime.Agent.AverageTimeSecs", "EQUALS", 1), "Operator"),
        ],
        ids=["phrase", "after-work", "overall", "issue", "case", "two-near", "near-first", "empty", "operator"],
    )  # fmt: skip
    def test_what_cannot_be_carried_over_loses_the_rule(self, condition: dict[str, Any], path: str) -> None:
        pack = imported(Format.AWS, aws(condition))
        assert (pack.text, lost(pack)) == (None, [f"$.RuleFunction.Operands[0].{path}"])

    def test_no_damage_to_a_file_ends_in_anything_but_a_place(self) -> None:
        agent = {"LogicOperator": "AND", "Filters": [{"Type": "ParticipantRole", "Data": "AGENT"}]}
        words = said("PatternMatch", [[PLAIN, near(2), PLAIN]])
        for one in damaged(aws({**words, "FilterClause": agent}, compared("Score.End", "NumberLessOrEqualTo", "-2"))):
            with suppress(InvalidInput):
                imported(Format.AWS, one)

    def test_a_filter_that_cannot_be_read_makes_no_rule_wider(self) -> None:
        pack = imported(Format.AWS, aws({**said("ExactMatch", ["refund"]), "FilterClause": ["AGENT"]}))
        assert (pack.text, lost(pack)) == (None, ["$.RuleFunction.Operands[0].FilterClause"])

    def test_a_bare_function_and_a_list_are_read(self) -> None:
        rule = aws(said("ExactMatch", ["refund"]))
        assert imported(Format.AWS, rule["Function"]).rules == ("own.rule_1",)
        pack = imported(Format.AWS, [{"Rule": rule}, {"x": 1}, aws(Actions=[{}], **{"Name": "b"}) | {"Name": "b"}])
        assert pack.rules == ("own.refund_talk",)
        assert lost(pack) == ["[1]", "[2].RuleFunction.Operands"]

    def test_actions_lose_nothing_of_a_rule(self) -> None:
        pack = imported(Format.AWS, aws(said("ExactMatch", ["refund"])) | {"Actions": [{}]})
        assert (lost(pack), [note.path for note in pack.notes]) == ([], ["$.Actions"])

    def test_a_condition_of_another_shape_says_what_it_lacks(self) -> None:
        pack = imported(Format.AWS, aws({"Conditions": []}))
        assert [(item.path, item.reason) for item in pack.lost] == [
            ("$.RuleFunction.Operands[0]", "has neither Operator AND or OR nor a ComparisonValue")
        ]


class TestBaidu:
    def test_expressions_are_asked_of_one_message(self, tmp_path: Path) -> None:
        content = "# 注释\n缺货\t(会议||例会)&&(缺货||退款)\n投诉&&!谢谢\n（甲＆＆！乙）\n"
        pack = imported(Format.BAIDU, content)
        subject = engine(pack, tmp_path)

        assert (lost(pack), pack.rules) == ([], ("own.line_2", "own.line_3", "own.line_4"))
        assert {hit.rule_id for hit in found(subject, "agent: 例会说缺货")} == {"own.line_2"}
        assert found(subject, "agent: 例会", "agent: 缺货") == []
        assert {hit.rule_id for hit in found(subject, "agent: 投诉", "agent: 甲")} == {"own.line_3", "own.line_4"}
        assert found(subject, "agent: 投诉，谢谢", "agent: 甲乙") == []

    def test_a_bare_negation_is_found_once_for_who_says_it_nowhere(self, tmp_path: Path) -> None:
        pack = imported(Format.BAIDU, "!逾期")
        subject = engine(pack, tmp_path)

        assert [note.path for note in pack.notes] == ["line 1"]
        assert len(found(subject, "customer: 在", "agent: 在", "agent: 嗯")) == 1
        assert found(subject, "customer: 在", "agent: 在", "agent: 逾期了") == []

    def test_words_that_stand_inside_longer_ones_there_are_named(self) -> None:
        pack = imported(Format.BAIDU, "(7天||包邮)&&!vip\n包邮\n")
        assert [note.path for note in pack.notes] == ["line 1"]
        assert pack.notes[0].reason.startswith("found as whole words here: 7天, vip;")

    def test_lines_that_cannot_be_read_are_lost(self) -> None:
        assert lost(imported(Format.BAIDU, "甲&&\n乙\n(丙")) == ["line 1", "line 3"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [(Format.ALIBABA, "{"), (Format.ALIBABA, "[]"), (Format.ALIBABA, '{"rules": 1}'), (Format.AWS, "x")],
    ids=["no-json", "list", "no-rules", "aws"],
)
def test_a_file_of_another_kind_is_refused(kind: Format, content: str) -> None:
    with pytest.raises(InvalidInput):
        imported(kind, content)
