"""Rules of other engines: the pack that is made of them is loaded and asked of chats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_service.domain.finding import Finding, Outcome
from qa_service.errors import InvalidInput
from qa_service.rule_engine import Format, ImportDefaults, PackRuleEngine, import_rules, load_packs, load_policies
from qa_service.rule_engine.importing.pack import ImportedPack
from tests.builders import conversation
from tests.unit.rule_engine.packs import CUES, POLICIES, inspect, write_yaml

BEGIN = datetime(2026, 11, 2, 10, tzinfo=UTC)
DEFAULTS = ImportDefaults(name="own", language="zh", category="imported")


def imported(kind: Format, content: Any) -> ImportedPack:
    defaults = replace(DEFAULTS, language="en") if kind is Format.AWS else DEFAULTS
    return import_rules(kind, content if isinstance(content, str) else json.dumps(content), defaults)


def lost(pack: ImportedPack) -> list[str]:
    return [item.path for item in pack.lost]


def engine(pack: ImportedPack, folder: Path) -> PackRuleEngine:
    """The pack in a folder of its own, as the loader reads it."""
    assert pack.text is not None, [str(item) for item in pack.lost]
    language = yaml.safe_load(pack.text)["pack"]["language"]
    (folder / language).mkdir()
    (folder / language / "own.yaml").write_text(pack.text, encoding="utf-8")
    write_yaml(folder / language / "cues.yaml", {"cues": CUES})
    policy = write_yaml(folder / "policies.yaml", {"version": 1, "policies": POLICIES})
    return PackRuleEngine(load_packs(folder), load_policies(policy), encoder=None)


def found(subject: PackRuleEngine, *lines: str, seconds: Sequence[int] = (), **fields: Any) -> list[Finding]:
    """All hits in a chat of these lines, sent so many seconds after its beginning."""
    language = subject.rules[0].languages[0]
    chat = conversation(*lines, **{"language": language, **fields})
    if seconds:
        times = [BEGIN + timedelta(seconds=after) for after in seconds]
        turns = tuple(replace(turn, at=at) for turn, at in zip(chat.turns, times, strict=True))
        chat = replace(chat, turns=turns, started_at=BEGIN)
    return [finding for finding in inspect(subject, chat) if finding.outcome is Outcome.HIT]


def alibaba(
    *operators: dict[str, Any], check: dict[str, Any] | None = None, logic: str = "", **rule: Any
) -> dict[str, Any]:
    """One rule of one condition `a`."""
    condition = {"cid": "a", "operators": list(operators), "lambda": logic, "check_range": check or {"role": "客服"}}
    return {"conditions": [condition], "rules": [{"rid": "7", "name": "规则", "lambda": "a", **rule}]}


def operator(kind: str, **param: Any) -> dict[str, Any]:
    return {"oid": "1", "type": kind, "param": param}


WORDS = operator("HIT_ANY_KEYWORDS", keywords=["退款", "赔付"])


class TestAlibabaOperators:
    @pytest.mark.parametrize(
        ("content", "hit", "miss"),
        [
            (alibaba(WORDS), ["agent: 给您赔付"], ["agent: 您好"]),
            (
                alibaba(operator("INCLUDE_KEYWORDS", keywords=["七天", "可退"])),
                ["agent: 七天，可退"],
                ["agent: 七天"],
            ),
            (
                alibaba(operator("INCLUDE_KEYWORDS", keywords=["七天", "可退"], in_sentence=True)),
                ["agent: 七天可退"],
                ["agent: 七天，可退"],
            ),
            (
                alibaba(operator("HIT_ANY_KEYWORDS", keywords=["甲", "乙", "丙"], keywordMatchSize=2)),
                ["agent: 丙和甲"],
                ["agent: 甲和甲"],
            ),
            (
                alibaba(operator("HIT_ANY_KEYWORDS", keywords=["您好"], keywordMatchSize=0)),
                ["customer: 在吗", "agent: 在"],
                ["customer: 在吗", "agent: 在", "agent: 您好"],
            ),
            (
                alibaba(operator("HIT_ANY_KEYWORDS", keywords=["稍等"], threshold=2)),
                ["agent: 稍等", "agent: 再稍等"],
                ["agent: 稍等"],
            ),
            (
                alibaba(operator("REGULAR_EXPRESSION", regex="加.?微", notRegex="店")),
                ["agent: 加个微"],
                ["agent: 加微，店里的"],
            ),
            (
                alibaba(operator("ADVANCED_REPEAT_DETECT", hit_time=1, threshold=4, excludes=["请您稍等"])),
                ["agent: 这个不能退的", "agent: 这个不能退的"],
                ["agent: 请您稍等", "agent: 请您稍等"],
            ),
            (
                alibaba(operator("ROLE_CHECK", target_role="客服", range={"from": 1, "to": 1})),
                ["agent: 您好", "customer: 在"],
                ["customer: 在", "agent: 您好"],
            ),
            (
                alibaba(
                    {**WORDS, "oid": "1"}, {"oid": "2", "type": "HIT_ANY_KEYWORDS", "param": {"keywords": ["不"]}},
                    logic="1&&!2",
                ),
                ["agent: 退款"],
                ["agent: 不退款"],
            ),
        ],
        ids=["any", "all", "in-one-clause", "at-least", "none", "total", "regex", "repeat", "role", "logic"],
    )  # fmt: skip
    def test_an_operator_finds_what_it_found_there(
        self, tmp_path: Path, content: dict[str, Any], hit: list[str], miss: list[str]
    ) -> None:
        pack = imported(Format.ALIBABA, content)
        subject = engine(pack, tmp_path)

        assert lost(pack) == []
        assert {finding.rule_id for finding in found(subject, *hit)} == {"own.rule_7"}
        assert found(subject, *miss) == []

    def test_waits_and_durations_are_measured(self, tmp_path: Path) -> None:
        wait = operator("INTERVAL_GREATER", interval=60000, different_role=True)
        long = operator("DURATION", interval=90000, compareOperator="gt")
        content = alibaba(wait)
        content["conditions"].append({"cid": "b", "operators": [long], "check_range": {}})
        content["rules"].append({"rid": "8", "lambda": "b"})
        subject = engine(imported(Format.ALIBABA, content), tmp_path)

        slow = found(subject, "customer: 在吗", "agent: 在", seconds=(0, 70))
        both = found(subject, "customer: 在吗", "agent: 在", seconds=(0, 100))

        assert [finding.rule_id for finding in slow] == ["own.rule_7"]
        assert {finding.rule_id for finding in both} == {"own.rule_7", "own.rule_8"}

    @pytest.mark.parametrize(
        ("symbol", "value", "given", "other"),
        [
            (1, "gold", "gold", "tin"), (7, "gold", "tin", "gold"), (2, "5", "6", "5"), (3, "5", "4", "5"),
            (4, "5,9", "7", "4"), (5, "5", "5", "4"), (6, "5", "5", "6"), (10, "ol", "gold", "tin"),
            (11, "ol", "tin", "gold"),
        ],
        ids=["eq", "ne", "gt", "lt", "between", "ge", "le", "contains", "not-contains"],
    )  # fmt: skip
    def test_data_of_the_chat_are_compared(
        self, tmp_path: Path, symbol: int, value: str, given: str, other: str
    ) -> None:
        content = alibaba(operator("CUSTOM_DATA", field="tier", symbol=symbol, value=value))
        subject = engine(imported(Format.ALIBABA, content), tmp_path)

        assert found(subject, "agent: 您好", attributes={"tier": given})
        assert not found(subject, "agent: 您好", attributes={"tier": other})

    @pytest.mark.parametrize(
        "kind",
        ["SPEECH_SPEED_CHECK", "GRAB_WORDS", "ASR_EMOTION", "CUSTOMER_CHECK_MODEL", "ABUSE_MODEL", "NER_MODEL", "X"],
    )
    def test_what_cannot_be_asked_of_a_chat_loses_the_rule(self, kind: str) -> None:
        pack = imported(Format.ALIBABA, alibaba(operator(kind)))
        assert (pack.text, lost(pack)) == (None, ["conditions[0].operators[0]"])

    def test_parameters_that_are_lost_are_named_with_their_place(self) -> None:
        kinds = operator("HIT_ANY_KEYWORDS", keywords=["退"], keywordExtension=1, case_sensitive=True)
        pack = imported(Format.ALIBABA, alibaba(kinds))
        path = "conditions[0].operators[0].param"
        assert lost(pack) == [f"{path}.keywordextension", f"{path}.casesensitive"]
        assert pack.rules == ("own.rule_7",)

    def test_models_with_an_equal_here_are_named_for_a_look(self, tmp_path: Path) -> None:
        similar = operator("SIMILAR_MATCH", similarlySentences=["七天内可以退"], score=85)
        abuse = operator("EMOTION_MODEL", pvalues=["ruma01"])
        for content in (alibaba(similar), alibaba(abuse)):
            pack = imported(Format.ALIBABA, content)
            assert (lost(pack), len(pack.notes), len(pack.rules)) == ([], 1, 1)


class TestAlibabaRanges:
    @pytest.mark.parametrize(
        ("ends", "turns"),
        [((1, 2), ["1", "2"]), ((-1, -2), ["4", "3"]), ((2, -2), ["2", "3"]), ((1, -1), ["1", "2", "3", "4"])],
        ids=["first", "last", "between", "all"],
    )
    def test_turns_of_a_range_are_counted_in_the_role(
        self, tmp_path: Path, ends: tuple[int, int], turns: list[str]
    ) -> None:
        check = {"role": "客服", "range": {"from": ends[0], "to": ends[1]}}
        subject = engine(imported(Format.ALIBABA, alibaba(WORDS, check=check)), tmp_path)

        assert {hit.turn_id for hit in found(subject, *["agent: 退款"] * 4)} == set(turns)

    @pytest.mark.parametrize(
        ("anchor", "turns"),
        [
            ({"location": "BEFORE", "hit_time": 1}, {"1", "2"}),
            ({"location": "AFTER", "hit_time": 2}, {"6"}),
            ({"location": "AFTER", "hit_time": -1}, {"4", "6"}),
        ],
        ids=["before-the-first", "after-the-second", "after-any"],
    )
    def test_a_range_beside_a_hit_of_another_condition(
        self, tmp_path: Path, anchor: dict[str, Any], turns: set[str]
    ) -> None:
        content = alibaba(WORDS, check={"role": "客服", "anchor": {"cid": "b", **anchor}})
        asked = {"oid": "1", "type": "HIT_ANY_KEYWORDS", "param": {"keywords": ["投诉"]}}
        content["conditions"].append({"cid": "b", "operators": [asked], "check_range": {"role": "客户"}})
        subject = engine(imported(Format.ALIBABA, content), tmp_path)
        talk = ["agent: 退款", "agent: 退款", "customer: 投诉", "agent: 退款", "customer: 投诉", "agent: 退款"]

        assert {hit.turn_id for hit in found(subject, *talk)} == turns

    def test_all_sentences_must_satisfy(self, tmp_path: Path) -> None:
        check = {"role": "客服", "range": {"from": 1, "to": 2}, "allSentencesSatisfy": True}
        subject = engine(imported(Format.ALIBABA, alibaba(WORDS, check=check)), tmp_path)

        assert found(subject, "agent: 退款", "agent: 退款")
        assert not found(subject, "agent: 退款", "agent: 您好")

    def test_words_that_must_be_in_the_first_turns(self, tmp_path: Path) -> None:
        check = {"role": "客服", "range": {"from": 1, "to": 2}}
        subject = engine(imported(Format.ALIBABA, alibaba(WORDS, check=check, **{"lambda": "!a"})), tmp_path)

        assert found(subject, "customer: 在吗", "agent: 在", "agent: 嗯", "agent: 退款")
        assert not found(subject, "customer: 在吗", "agent: 退款", "agent: 嗯")

    @pytest.mark.parametrize(
        ("check", "path"),
        [
            ({"role": "机器"}, "role"),
            ({"role": "客服", "time_range": {"from": 0, "to": 3}}, "time_range"),
            ({"role": "客服", "anchor": {"cid": "zz", "location": "BEFORE"}}, "anchor.cid"),
            ({"role": "客服", "anchor": {"cid": "a", "location": "BEFORE"}}, "anchor.cid"),
            ({"role": "客服", "anchor": {"cid": "a", "location": "UP"}}, "anchor.location"),
        ],
        ids=["role", "time", "unknown-anchor", "own-anchor", "location"],
    )
    def test_a_range_that_cannot_be_carried_over_loses_the_rule(self, check: dict[str, Any], path: str) -> None:
        assert lost(imported(Format.ALIBABA, alibaba(WORDS, check=check))) == [f"conditions[0].check_range.{path}"]


class TestAlibabaRules:
    def test_the_trigger_is_the_evidence_and_the_others_hold_anywhere(self, tmp_path: Path) -> None:
        content = alibaba(WORDS, **{"lambda": "b&&a&&!c", "triggers": ["a"]})
        for cid, word in (("b", "投诉"), ("c", "没事")):
            one = {"oid": "1", "type": "HIT_ANY_KEYWORDS", "param": {"keywords": [word]}}
            content["conditions"].append({"cid": cid, "operators": [one], "check_range": {"role": "客户"}})
        subject = engine(imported(Format.ALIBABA, content), tmp_path)

        (hit,) = found(subject, "agent: 给您退款", "customer: 我要投诉")
        assert (hit.turn_id, hit.text) == ("1", "退款")
        assert not found(subject, "agent: 给您退款", "customer: 我要投诉", "customer: 没事了")

    def test_alternatives_of_two_people_are_two_rules(self, tmp_path: Path) -> None:
        content = alibaba(WORDS, **{"lambda": "a||b"})
        one = {"oid": "1", "type": "HIT_ANY_KEYWORDS", "param": {"keywords": ["投诉"]}}
        content["conditions"].append({"cid": "b", "operators": [one], "check_range": {"role": "客户"}})
        subject = engine(imported(Format.ALIBABA, content), tmp_path)

        hits = found(subject, "agent: 给您退款", "customer: 我要投诉")

        assert {(hit.rule_id, hit.turn_id) for hit in hits} == {
            ("own.rule_7.agent", "1"),
            ("own.rule_7.customer", "2"),
        }

    def test_an_excluding_condition_is_a_negation(self, tmp_path: Path) -> None:
        content = alibaba(WORDS)
        content["conditions"][0]["exclusion"] = 1
        subject = engine(imported(Format.ALIBABA, content), tmp_path)
        assert found(subject, "customer: 在", "agent: 您好")
        assert not found(subject, "customer: 在", "agent: 退款")

    def test_fields_of_the_rule(self) -> None:
        fields = {"level": 2, "fullCycle": False, "effectiveStart": "2026-11-01 00:00:00", "effectiveEnd": "2026-11-30"}
        content = alibaba(WORDS, **fields, scoreNum=5, dialogues=[{}])
        content["rules"].append({"rid": "8", "lambda": "a", "preqRule": "7"})
        pack = imported(Format.ALIBABA, content)
        first, second = yaml.safe_load(pack.text or "")["rules"]

        assert (first["severity"], first["status"], first["guard"]) == ("critical", "shadow", "none")
        assert first["effective"] == {"from": "2026-11-01", "until": "2026-11-30"}
        assert second["requires"] == ["own.rule_7"]
        assert (lost(pack), [note.path for note in pack.notes]) == (["rules[0].dialogues"], ["rules[0].scoreNum"])

    def test_sentences_read_together_are_a_merged_rule(self, tmp_path: Path) -> None:
        kinds = operator("INCLUDE_KEYWORDS", keywords=["七天", "可退"], contextChatMatch=True)
        subject = engine(imported(Format.ALIBABA, alibaba(kinds)), tmp_path)
        assert found(subject, "agent[a]: 七天", "agent[a]: 可退")

    @pytest.mark.parametrize(
        ("rule", "path"),
        [
            ({"targetType": 11}, "rules[0].targetType"),
            ({"preqRule": "9"}, "rules[0].preqRule"),
            ({"lambda": "a&&"}, "rules[0].lambda"),
            ({"lambda": "(a"}, "rules[0].lambda"),
            ({"lambda": "a b"}, "rules[0].lambda"),
            ({"lambda": "a&b"}, "rules[0].lambda"),
            ({"lambda": "!" * 30 + "a"}, "rules[0].lambda"),
        ],
        ids=["flow", "prerequisite", "dangling", "open", "unknown", "sign", "deep"],
    )
    def test_a_rule_that_cannot_be_carried_over_is_lost(self, rule: dict[str, Any], path: str) -> None:
        assert lost(imported(Format.ALIBABA, alibaba(WORDS, **rule))) == [path]

    def test_what_the_loader_refuses_is_lost_and_the_rest_stays(self) -> None:
        content = alibaba(operator("REGULAR_EXPRESSION", regex="(?=x)y"))
        content["conditions"].append({"cid": "b", "operators": [WORDS], "check_range": {"role": "客服"}})
        content["rules"].append({"rid": "8", "lambda": "b"})

        pack = imported(Format.ALIBABA, content)

        assert (pack.rules, lost(pack)) == (("own.rule_8",), ["rules[0]"])

    def test_keys_and_wrappers_of_the_sdks_are_read_alike(self) -> None:
        condition = {"ConditionInfoCid": "a", "OperLambda": "1", "CheckRange": {"Role": "客服"},
                     "Operators": {"OperatorBasicInfo": [{"Oid": "1", "Type": "HIT_ANY_KEYWORDS",
                                                          "Param": {"OperKeyWords": ["退款"]}}]}}  # fmt: skip
        rule = {"Rid": "7", "Name": "规则", "RuleLambda": "a"}
        content = {"Data": {"Conditions": {"ConditionBasicInfo": [condition]}, "Rules": {"RuleBasicInfo": [rule]}}}
        assert imported(Format.ALIBABA, content) == imported(
            Format.ALIBABA, alibaba(operator("HIT_ANY_KEYWORDS", keywords=["退款"]))
        )


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

    def test_a_bare_function_and_a_list_are_read(self) -> None:
        rule = aws(said("ExactMatch", ["refund"]))
        assert imported(Format.AWS, rule["Function"]).rules == ("own.rule_1",)
        pack = imported(Format.AWS, [{"Rule": rule}, {"x": 1}, aws(Actions=[{}], **{"Name": "b"}) | {"Name": "b"}])
        assert pack.rules == ("own.refund_talk",)
        assert lost(pack) == ["[1]", "[2].RuleFunction.Operands"]


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
