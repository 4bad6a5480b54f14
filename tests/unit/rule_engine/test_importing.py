"""Rules of Alibaba: the pack that is made of them is loaded and asked of chats."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_service.errors import InvalidInput
from qa_service.rule_engine import Format
from tests.unit.rule_engine.imports import damaged, engine, found, imported, lost


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

    def test_a_customer_s_abuse_is_the_customer_s_emotion(self, tmp_path: Path) -> None:
        pack = imported(Format.ALIBABA, alibaba(operator("EMOTION_MODEL", pvalues=["ruma01"]), check={"role": "客户"}))
        (rule,) = yaml.safe_load(pack.text or "")["rules"]

        assert (rule["speakers"], rule["match"]) == (["customer"], {"mood": {"emotion": "abusive"}})
        assert [note.path for note in pack.notes] == ["conditions[0].operators[0].param.pvalues"]
        engine(pack, tmp_path)

    def test_abuse_of_nobody_in_particular_is_lost(self) -> None:
        pack = imported(Format.ALIBABA, alibaba(operator("EMOTION_MODEL", pvalues=["ruma01"]), check={"range": {}}))

        assert (lost(pack), pack.rules) == (["conditions[0].operators[0]"], ())


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

    @pytest.mark.parametrize(
        ("condition", "path"),
        [
            ({"operators": {"oid": "1"}}, "operators"),
            ({"operators": [None]}, "operators[0]"),
            ({"operators": [{**WORDS, "param": "退款"}]}, "operators[0].param"),
            ({"operators": [operator("DURATION", interval="nan")]}, "operators[0].param.interval"),
            ({"check_range": ["客服"]}, "check_range"),
            ({"check_range": {"role": "客服", "anchor": "a"}}, "check_range.anchor"),
            ({"check_range": {"role": "客服", "range": {"from": "1e999", "to": 2}}}, "check_range.range.from"),
        ],
        ids=["operators", "operator", "param", "no-number", "range", "anchor", "infinite"],
    )
    def test_a_value_of_another_kind_is_lost_with_its_place(self, condition: dict[str, Any], path: str) -> None:
        content = alibaba(WORDS)
        content["conditions"][0].update(condition)
        assert lost(imported(Format.ALIBABA, content)) == [f"conditions[0].{path}"]

    @pytest.mark.parametrize(("full_cycle", "hits"), [(True, 1), (1, 1), (False, 0)], ids=["always", "one", "dates"])
    def test_dates_of_a_rule_without_end_mean_nothing(self, tmp_path: Path, full_cycle: object, hits: int) -> None:
        content = alibaba(WORDS, fullCycle=full_cycle, effectiveStart="2025-01-01", effectiveEnd="2025-02-01")
        subject = engine(imported(Format.ALIBABA, content), tmp_path)
        assert len(found(subject, "agent: 给您赔付", seconds=[0])) == hits

    def test_words_that_stand_inside_longer_ones_there_are_named(self) -> None:
        pack = imported(Format.ALIBABA, alibaba(operator("HIT_ANY_KEYWORDS", keywords=["7天", "退款", "vip"])))
        (note,) = pack.notes
        assert note.path == "conditions[0].operators[0].param.keywords"
        assert note.reason.startswith("found as whole words here: 7天, vip;")

    def test_no_damage_to_a_file_ends_in_anything_but_a_place(self) -> None:
        check = {
            "role": "客服",
            "range": {"from": 1, "to": 2},
            "anchor": {"cid": "b", "location": "AFTER", "hit_time": 1},
        }
        content = alibaba(WORDS, check=check, triggers=["a"], level=1)
        content["conditions"].append({"cid": "b", "operators": [operator("DURATION", interval=60000)], "lambda": "1"})
        for one in damaged(content):
            with suppress(InvalidInput):
                imported(Format.ALIBABA, one)

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
