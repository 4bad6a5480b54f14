"""Users' own word lists: reading them, rules that name them, allow-lists, and packs made from them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from qa_service.domain.finding import Outcome, RuleStatus, Severity
from qa_service.errors import ConfigError, InvalidInput
from qa_service.rule_engine import ListDefaults, check_folder, import_list, load_packs
from qa_service.rule_engine.phrase_list import read_phrase_list
from qa_service.rule_engine.yaml_field import SourceError
from tests.unit.rule_engine.packs import POLICIES, engine, hits, inspect, only, rule, write_packs, write_yaml

DEFAULTS = ListDefaults(
    name="brand", language="zh", category="abuse", severity=Severity.MINOR, status=RuleStatus.SCORED
)


def write_list(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    """A list in `folder/lists`."""
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    path = folder / "lists" / name
    path.write_text(content, encoding=encoding)
    return path


def test_a_rule_finds_the_phrases_of_its_txt_list(tmp_path: Path) -> None:
    write_list(tmp_path, "own.txt", "# ours\n飞单\n\n走私单  \nstar\n")
    subject = engine(tmp_path, rule({"phrases_from": "own.txt"}, guard="none"))
    assert hits(subject, "别飞单也别走私单") == ["飞单", "走私单"]
    assert hits(subject, "stars") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_and_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = write_list(tmp_path, "a.csv", "敏感词,等级,状态,整词,扣分,备注\n飞单,严重,计分,否,5,销售\n", encoding)
    (phrase,) = read_phrase_list(path, label="a.csv").phrases
    assert (phrase.text, phrase.severity, phrase.status, phrase.points, phrase.note) == (
        "飞单", Severity.MAJOR, "scored", 5.0, "销售",
    )  # fmt: skip
    assert (phrase.term.is_open_left, phrase.term.is_open_right) == (True, True)


def test_a_word_that_need_not_be_whole_is_found_inside_others(tmp_path: Path) -> None:
    write_list(tmp_path, "a.csv", "phrase,whole_word\nstar,no\nmoon,yes\n")
    subject = engine(tmp_path, rule({"phrases_from": "a.csv"}, guard="none"))
    assert hits(subject, "superstars moons moon") == ["star", "moon"]


def test_a_longer_allowed_phrase_wins_over_a_shorter_one(tmp_path: Path) -> None:
    write_list(tmp_path, "deny.txt", "垃圾\n口交")
    write_list(tmp_path, "allow.txt", "垃圾袋\n路口交通")
    exceptions = {"phrases_from": "allow.txt"}
    subject = engine(tmp_path, rule({"phrases_from": "deny.txt"}, exceptions=exceptions, guard="none"))
    assert hits(subject, "垃圾袋放在路口交通岗") == []
    assert hits(subject, "这个垃圾袋真垃圾") == ["垃圾"]
    (held_back, _) = only(inspect(subject, "垃圾袋放在路口交通岗"), Outcome.SUPPRESSED)
    assert held_back.explanation["cue"]["text"] == "垃圾袋"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("词,等级\n飞单,特别\n", 2, "severity: must be one of"),
        ("phrase,status\n飞单,off\n", 2, "status: must be one of"),
        ('phrase,note\n"a\nb",x\n飞单,"two\nlines"\n**,z\n', 6, "nothing that can be matched"),
        ("phrase,points\n飞单,many\n", 2, "points: must be a number"),
        ("phrase,points\n飞单,nan\n", 2, "points: must be at most 100"),
        ("phrase,colour\n飞单,red\n", 1, "column 'colour' is unknown"),
        ("note\n飞单\n", 1, "needs a heading"),
        ("phrase,词\n飞单,甲\n", 1, "two columns for phrase"),
        ("phrase\n飞单,甲\n", 2, "2 cells under 1 headings"),
        ('phrase\n"飞单\n', 2, "is no CSV"),
        ("phrase\n飞单\n飛單\n", 3, "given in line 2 already"),
        ("phrase,severity\n飞单,critical\n", 2, "severity: is critical, and the rule that reads it has major"),
        ("phrase,category\n飞单,privacy\n", 2, "category: is privacy, and the rule"),
        ("phrase,points\n飞单,3\n", 2, "points: give them to the rule"),
        ("phrase\n", 1, "holds no phrase"),
    ],
    ids=[
        "severity", "status", "line-of-broken-rows", "points", "nan", "column", "no-heading", "two-columns", "cells",
        "quote", "twice", "other-severity", "other-category", "points-in-a-rule", "empty",
    ],
)  # fmt: skip
def test_a_wrong_list_is_refused_with_file_and_line(tmp_path: Path, content: str, line: int, message: str) -> None:
    write_list(tmp_path, "own.csv", content)
    write_packs(tmp_path, rule({"phrases_from": "own.csv"}))
    with pytest.raises(ConfigError) as caught:
        load_packs(tmp_path)
    assert f"lists/own.csv:{line}: " in caught.value.message
    assert message in caught.value.message


def test_in_a_table_only_a_sign_with_a_blank_begins_a_comment(tmp_path: Path) -> None:
    content = "phrase,severity\n# ours,\n#1 choice,major\n#微信号,major\n#,\n"
    path = write_list(tmp_path, "a.csv", content)
    assert [phrase.text for phrase in read_phrase_list(path, label="a.csv").phrases] == ["#1 choice", "#微信号"]


@pytest.mark.parametrize("name", ["missing.txt", "../zh/abuse.yaml"])
def test_a_list_that_is_not_there_is_named_with_the_rule(tmp_path: Path, name: str) -> None:
    write_packs(tmp_path, rule({"phrases_from": name}))
    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: .*there is no list"):
        load_packs(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xff\xff\xff")
    with pytest.raises(ConfigError, match="neither UTF-8 nor GB18030"):
        read_phrase_list(tmp_path / "x.txt", label="x.txt")


def test_a_changed_list_is_another_digest(tmp_path: Path) -> None:
    write_list(tmp_path, "own.txt", "飞单")
    write_packs(tmp_path, rule({"phrases_from": "own.txt"}))
    before = load_packs(tmp_path).digest
    write_list(tmp_path, "own.txt", "飞单\n私单")
    assert load_packs(tmp_path).digest != before


def test_ten_thousand_phrases_share_one_automaton_and_all_hit(tmp_path: Path) -> None:
    phrases = [f"单号{n:05d}甲" for n in range(10_000)]
    write_list(tmp_path, "many.txt", "\n".join(phrases))
    subject = engine(tmp_path, rule({"phrases_from": "many.txt"}, guard="none"))
    assert hits(subject, "，".join(phrases[::1000])) == phrases[::1000]


def imported(tmp_path: Path, content: str, allow: str | None = None) -> Path:
    """A rules folder made from a list."""
    source = tmp_path / "brand.csv"
    source.write_text(content, encoding="utf-8")
    allow_file = None
    if allow is not None:
        allow_file = tmp_path / "allow.txt"
        allow_file.write_text(allow, encoding="utf-8")
    folder = tmp_path / "rules"
    write_packs(folder, rule({"any": ["甲", "乙"]}), category="required_phrase")
    for place, text in import_list(source, DEFAULTS, allow_file).files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return folder


def test_an_imported_list_makes_one_rule_for_each_kind_and_passes_the_check(tmp_path: Path) -> None:
    folder = imported(
        tmp_path, "词,类别,等级,状态\n飞单,,,\n私单,,严重,\n外挂,privacy,,advisory\n垃圾,,,\n垃圾袋,,,白名单\n"
    )
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})
    assert check_folder(folder, policy) == []
    rules = {found.id: (found.category, found.severity, found.status) for found in load_packs(folder).rules}
    assert rules == {
        "list.brand.abuse_major_scored": ("abuse", Severity.MAJOR, RuleStatus.SCORED),
        "list.brand.abuse_minor_scored": ("abuse", Severity.MINOR, RuleStatus.SCORED),
        "list.brand.privacy_minor_advisory": ("privacy", Severity.MINOR, RuleStatus.ADVISORY),
        "test.rule": ("required_phrase", Severity.MAJOR, RuleStatus.SCORED),
    }


def test_an_import_says_what_it_left_out(tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_text("phrase,points\n飞单,-5\n干,5\n飞单,5\n", encoding="utf-8")
    notes = import_list(source, DEFAULTS).notes
    assert [note.split(": ", 1)[0] for note in notes] == ["x.csv:4", "x.csv:3"]


def test_points_of_a_list_are_those_of_its_rule(tmp_path: Path) -> None:
    folder = imported(tmp_path, "词,分值\n飞单,5\n私单,2.5\n外挂,\n")
    points = {found.id: found.points for found in load_packs(folder).rules if found.id.startswith("list.")}
    assert points == {
        "list.brand.abuse_minor_scored": None,
        "list.brand.abuse_minor_scored_2_5": Decimal("2.5"),
        "list.brand.abuse_minor_scored_5": Decimal(5),
    }


def test_an_import_names_every_wrong_row(tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_text("phrase,severity\n飞单,huge\n私单,minor\n外挂,tiny\n", encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        import_list(source, DEFAULTS)
    assert [line.split(": ", 1)[0] for line in str(refused.value).splitlines()] == ["x.csv:2", "x.csv:4"]


def test_a_phrase_on_both_lists_is_named(tmp_path: Path) -> None:
    source, allow = tmp_path / "x.csv", tmp_path / "allow.txt"
    source.write_text("phrase\n第一\n最好\n", encoding="utf-8")
    allow.write_text("第一\n", encoding="utf-8")
    assert import_list(source, DEFAULTS, allow).notes == ("x.csv:2: '第一' is allowed, too, so it is never found",)


def test_an_imported_allow_list_holds_back_shorter_phrases(tmp_path: Path) -> None:
    folder = imported(tmp_path, "phrase\n垃圾\n废物\n", allow="垃圾袋\n")
    assert "phrases_from: brand_allow.csv" in (folder / "zh" / "abuse_brand.yaml").read_text(encoding="utf-8")


def test_a_name_that_is_no_rule_id_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("飞单", encoding="utf-8")
    unnamed = ListDefaults(
        name="词", language="zh", category="abuse", severity=Severity.MINOR, status=RuleStatus.SHADOW
    )
    with pytest.raises(InvalidInput, match="lower-case letters"):
        import_list(tmp_path / "x.txt", unnamed)
