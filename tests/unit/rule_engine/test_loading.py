"""Packs, cues and policies that are wrong are refused with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa_service.errors import ConfigError, ErrorCode
from qa_service.rule_engine import Problem, check_folder, load_packs, load_policies
from tests.unit.rule_engine.packs import CUES, POLICIES, rule, write_packs, write_yaml

_ANY = {"any": ["坏"]}


def _deep(levels: int) -> dict[str, Any]:
    return _ANY if levels == 0 else {"not": _deep(levels - 1)}


@pytest.mark.parametrize(
    ("broken", "detail"),
    [
        ({"colour": "red"}, "colour: unknown field"),
        ({"id": "Loud"}, "must look like area.name"),
        ({"version": 0}, "must be a number from 1"),
        ({"version": 1.5}, "must be a whole number"),
        ({"version": "inf"}, "must be a whole number"),
        ({"version": "one"}, "must be a number"),
        ({"title": ""}, "must not be empty"),
        ({"title": ["x"]}, "must be a single value"),
        ({"severity": "huge"}, "must be one of: info, minor"),
        ({"status": "on"}, "must be one of: shadow"),
        ({"speakers": ["system"]}, "nobody's words"),
        ({"speakers": "agent"}, "must be a list"),
        ({"speakers": ["customer"]}, "moves no score"),
        ({"languages": ["chinese"]}, "two-letter"),
        ({"guard": "all"}, "default, none or a list"),
        ({"guard": ["shouting"]}, "must be one of: quotation"),
        ({"evasion": ["leet"]}, "must be one of: cased"),
        ({"exceptions": {}}, "give terms, regex or phrases_from"),
        ({"match": ["坏"]}, "must be a mapping"),
        ({"match": {"any": ["坏"], "all": ["坏"]}}, "exactly one of"),
        ({"match": {"some": ["坏"]}}, "exactly one of"),
        ({"match": {"any": []}}, "must not be empty"),
        ({"match": {"any": ["坏", "坏"]}}, "given twice"),
        ({"match": {"any": ["\u200b"]}}, "nothing that can be matched"),
        ({"match": {"any": ["$nowhere"]}}, r"no group is called \$nowhere"),
        ({"match": {"any": ["$loop"]}}, "holds itself"),
        ({"match": {"regex": "(?=a)b"}}, "is no RE2 pattern"),
        ({"match": {"regex": "(a)\\1"}}, "is no RE2 pattern"),
        ({"match": {"regex": "a*"}}, "matches nothing at all"),
        ({"match": _deep(21)}, "nested more than"),
        ({"match": {"count": {"of": {"absent": {"phrase": _ANY, "first": 1}}, "at_least": 2}}}, "absent judges an agent"),
        ({"match": {"at_least": {"n": 3, "of": ["甲", "乙"]}}}, "more than the 2 items"),
        ({"match": {"sequence": {"steps": [{"match": _ANY}]}}}, "at least two steps"),
        ({"match": {"position": {}}}, "give first, last, first_seconds"),
        ({"match": {"mood": {"confidence": 0.5}}}, "give emotion"),
        ({"match": {"mood": {"polarity_below": -3}}}, "must be a number from -1"),
        ({"match": {"mood_shift": {}}}, "give below or above"),
        ({"match": {"suspicion": {"category": "abuse", "at_least": 0.8}}}, "a suspicion alone moves no score"),
        ({"match": {"fact": {"field": "mood", "op": "eq", "value": 1}}}, "must be one of channel"),
        ({"match": {"fact": {"field": "shop", "op": "exists", "value": 1}}}, "takes no value"),
        ({"match": {"fact": {"field": "shop", "op": "eq"}}}, "value is missing"),
        ({"match": {"fact": {"field": "shop", "op": "between", "value": 1}}}, r"takes 2 value"),
        ({"match": {"fact": {"field": "shop", "op": "gt", "value": "x"}}}, "must be a number"),
        ({"match": {"absent": {"phrase": _ANY}}}, "one of first, last, after and anywhere"),
        ({"match": {"response_time": {"measure": "first", "over": 1}}}, "takes over_seconds"),
        ({"match": {"quantity": {"kind": "length", "with": ["退"]}}}, "must be one of: duration"),
        ({"match": {"quantity": {"kind": "duration", "with": ["退"], "compare": {"value": "inf", "unit": "day", "op": "gt"}}}},
         "finite"),
        ({"examples": {"match": ["甲"], "no_match": ["乙", "丙"]}}, "at least 2 examples"),
        ({"examples": {"match": ["甲", "乙"]}}, "no_match is missing"),
        ({"examples": {"match": ["甲", {"turns": ["甲"]}], "no_match": ["乙", "丙"]}}, "must begin with customer"),
        ({"examples": {"match": ["甲", {"turns": ["agent: 甲"], "seconds": [1, 2]}], "no_match": ["乙", "丙"]}}, "needs 1 values"),
        ({"examples": {"match": ["甲", {"turns": ["agent: 甲"], "mood": {"2": "angry"}}], "no_match": ["乙", "丙"]}},
         "no turn number"),
        ({"examples": {"match": ["甲", "乙"], "no_match": ["丙", {"turns": ["agent: 甲"], "span": "甲"}]}}, "only a match example"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_broken_rule_is_refused(tmp_path: Path, broken: dict[str, Any], detail: str) -> None:
    write_packs(tmp_path, {**rule(_ANY), **broken}, terms={"loop": ["$loop", "甲"]} if "loop" in str(broken) else None)

    with pytest.raises(ConfigError, match=rf"(?s)^zh/abuse\.yaml:\d+: .*{detail}") as raised:
        load_packs(tmp_path)

    assert raised.value.code is ErrorCode.INVALID_PACK


@pytest.mark.parametrize(
    ("text", "line", "detail"),
    [
        ("", 1, "must hold a mapping"),
        ("- a", 1, "must hold a mapping"),
        ("a: [", 2, "is not YAML"),
        ("a: b\nc: 'x", 2, "is not YAML"),
        ("a: \x07", 1, "a character that YAML forbids"),
        ("pack: {id: p, version: 1, language: en, category: abuse}\nrules: [x]", 1, "must be zh"),
        ("pack: {id: p, version: 1, language: zh, category: Abuse}\nrules: [x]", 1, "lower-case"),
        ("pack: {id: p, version: 1, language: zh, category: a}\npack: {}", 2, "given twice"),
        ("pack: {id: p, version: 1, language: zh, category: a}\nrules: [x]\nterms: {a: [$b]}", 3, "no group"),
    ],
    ids=str,
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, detail: str) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "abuse.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"(?s)^zh/abuse\.yaml:{line}: .*{detail}"):
        load_packs(tmp_path)


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "abuse.yaml").write_bytes("规则".encode("gb18030"))

    with pytest.raises(ConfigError, match="cannot be read"):
        load_packs(tmp_path)


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no pack"):
        load_packs(tmp_path)


def test_an_id_may_be_used_once_over_all_packs(tmp_path: Path) -> None:
    write_packs(tmp_path, rule(_ANY))
    write_packs(tmp_path, rule({"any": ["bad"]}), language="en")

    with pytest.raises(ConfigError, match=r"zh/abuse\.yaml:\d+: .*already the id of a rule in en/abuse\.yaml:\d+"):
        load_packs(tmp_path)


def test_words_are_read_as_text(tmp_path: Path) -> None:
    write_packs(tmp_path, rule(_ANY))
    path = tmp_path / "zh" / "abuse.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("- 坏", "- no\n      - 7\n      - 100%"), encoding="utf-8")

    assert len(load_packs(tmp_path).rules) == 1


def test_groups_hold_groups_and_cues(tmp_path: Path) -> None:
    write_packs(tmp_path, rule({"any": ["$bad"]}), terms={"bad": ["坏", "$worse"], "worse": ["$agree"]})

    assert len(load_packs(tmp_path).rules) == 1


def test_the_digest_follows_content_and_not_place(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in "abc")
    for folder in (one, two):
        write_packs(folder, rule(_ANY))
    write_packs(three, rule({"any": ["差"]}))

    digests = [load_packs(folder).digest for folder in (one, two, three)]

    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 64


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ({"colour": "red"}, "unknown field"),
        ({"value": -1}, "value: must be a number from 0 up"),
        ({"unit": "unlimited"}, "unit: must not be unlimited"),
        ({"unit": "stone"}, "must be one of: minute"),
        ({"allowed": False}, "either value, unit and direction, or allowed"),
        ({"from": "soon"}, "must be a date"),
        ({"from": "2026-02-01", "until": "2026-01-01"}, "must not be before from"),
    ],
    ids=str,
)
def test_a_broken_policy_is_refused(tmp_path: Path, entry: dict[str, Any], detail: str) -> None:
    path = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": [{**POLICIES[0], **entry}]})

    with pytest.raises(ConfigError, match=rf"(?s)^p\.yaml:\d+: .*{detail}") as raised:
        load_policies(path)

    assert raised.value.code is ErrorCode.INVALID_POLICY


@pytest.mark.parametrize(
    ("entries", "detail"),
    [
        ([POLICIES[0], POLICIES[0]], "given twice for the same days"),
        ([{**POLICIES[0], "until": "2026-02-01"}, {**POLICIES[0], "from": "2026-02-01"}], "given twice"),
        ([{**POLICIES[0], "from": "2026-02-01"}, {**POLICIES[0], "until": "2026-02-01"}], "given twice"),
        (
            [{**POLICIES[2], "until": "2026-02-01"}, {**POLICIES[0], "key": "no_contact", "from": "2026-03-01"}],
            "a permission in the other",
        ),
        ([{"key": "a", "title": "a", "source": "a"}], "either value"),
        ([{**POLICIES[2], "allowed": "maybe"}], "must be true or false"),
        ([], "must not be empty"),
    ],
    ids=["same", "one day", "one day, reversed", "mixed", "nothing", "not a boolean", "none"],
)
def test_policies_must_not_contradict(tmp_path: Path, entries: list[Any], detail: str) -> None:
    path = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": entries})

    with pytest.raises(ConfigError, match=detail):
        load_policies(path)


def test_a_folder_of_policies_is_one(tmp_path: Path) -> None:
    write_yaml(tmp_path / "a.yaml", {"version": 1, "policies": POLICIES[:1]})
    write_yaml(tmp_path / "b.yaml", {"version": 1, "policies": POLICIES[1:]})

    policies = load_policies(tmp_path)

    assert set(policies.entries) == {"return_days", "refund_days", "no_contact"}
    assert policies.digest != load_policies(tmp_path / "a.yaml").digest


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no policy file"):
        load_policies(tmp_path)


def test_a_check_lists_every_problem_in_order(tmp_path: Path) -> None:
    rules = [
        rule(_ANY, id="test.a", title=""),
        rule({"any": ["差"]}, id="test.b", forbidden_by="nowhere"),
        rule(_ANY, id="x"),
    ]
    write_packs(tmp_path, *rules, cues={**CUES, "agree": ["行", "行"]})
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})

    problems = check_folder(tmp_path, policy)

    assert [(problem.file, problem.message.split(";")[0]) for problem in problems] == [
        ("zh/abuse.yaml", "rules[0].title: must not be empty"),
        ("zh/abuse.yaml", "rules[1].forbidden_by: there is no policy nowhere"),
        ("zh/abuse.yaml", "rules[2].id: must look like area.name, in lower-case letters, digits and _"),
        ("zh/cues.yaml", "cues.agree[1]: '行' is given twice (letter case, width and script make no difference)"),
    ]
    lines = [problem.line for problem in problems]
    assert lines[:3] == sorted(lines[:3])
    assert all(lines)


@pytest.mark.parametrize(
    ("words", "problems"),
    [("[退款，赔钱]", 1), ("[退款、赔钱, 差]", 1), ('["退款，赔钱", 差]', 0), ("[退款, 赔钱]", 0)],
)
def test_a_full_width_comma_separates_no_words(tmp_path: Path, words: str, problems: int) -> None:
    write_packs(tmp_path, rule({"any": "LIST"}, status="shadow", examples={}))
    pack = tmp_path / "zh" / "abuse.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("any: LIST", f"any: {words}"), encoding="utf-8")

    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})
    found = [problem.message for problem in check_folder(tmp_path, policy)]

    assert len([message for message in found if "is one word: a list is separated by ', '" in message]) == problems


def test_a_check_reports_policies_that_cannot_be_read_and_folders_without_packs(tmp_path: Path) -> None:
    problems = check_folder(tmp_path, tmp_path / "none.yaml")

    assert problems == [
        Problem(file="", line=0, message=f"{tmp_path.name} holds no pack (<language>/<category>.yaml)"),
        Problem(file="none.yaml", line=1, message="cannot be read (FileNotFoundError)"),
    ]


def test_only_a_rule_on_trial_may_have_no_examples(tmp_path: Path) -> None:
    bare = {name: value for name, value in rule(_ANY).items() if name != "examples"}
    write_packs(tmp_path / "a", {**bare, "status": "shadow"})
    write_packs(tmp_path / "b", {**bare, "status": "advisory"})

    assert load_packs(tmp_path / "a").rules[0].examples == ()
    with pytest.raises(ConfigError, match="examples is missing; only a rule with status shadow"):
        load_packs(tmp_path / "b")


def test_a_check_runs_the_examples(tmp_path: Path) -> None:
    examples = {"match": ["坏", "好"], "no_match": ["差", "好"]}
    write_packs(tmp_path, rule(_ANY, examples=examples))
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})

    (problem,) = check_folder(tmp_path, policy)

    assert problem.message == "test.rule: must hit, and does not (any, line 13), in '好'"
    assert problem.line > 1


_SUSPECTED = {"suspicion": {"category": "abuse", "at_least": 0.8}}
_SHOP = {"fact": {"field": "shop", "op": "exists"}}


@pytest.mark.parametrize(
    "match",
    [
        {"or": [_ANY, _SUSPECTED]},
        {"and": [_SHOP, _SUSPECTED]},
        {"and": [_SUSPECTED, {"suspicion": {"category": "dismissive", "at_least": 0.8}}]},
        {"and": [_SUSPECTED, {"none": ["坏"]}]},
        {"not": _SUSPECTED},
        {"or": [{"and": [_ANY, _SUSPECTED]}, _SUSPECTED]},
        {"and": [_ANY, {"after": {"match": _SUSPECTED, "role": "agent"}}]},
        {"count": {"of": _SUSPECTED, "at_least": 2}},
        {"absent": {"phrase": _SUSPECTED, "first": 1}},
    ],
    ids=str,
)
def test_a_suspicion_moves_no_score_without_words_beside_it(tmp_path: Path, match: Any) -> None:
    write_packs(tmp_path, rule(match, status="scored"))

    with pytest.raises(ConfigError, match=r"a suspicion alone moves no score, since nothing would show"):
        load_packs(tmp_path)


@pytest.mark.parametrize(
    "match",
    [
        {"and": [_ANY, _SUSPECTED]},
        {"and": [_SUSPECTED, {"regex": "坏.?人"}]},
        {"and": [_SHOP, {"and": [_ANY, _SHOP]}, {"or": [_SUSPECTED, _SHOP]}]},
        {"or": [{"any": ["好"]}, {"and": [_ANY, _SUSPECTED]}]},
        {"count": {"of": {"and": [_ANY, _SUSPECTED]}, "at_least": 2}},
    ],
    ids=str,
)
def test_a_suspicion_beside_words_may_move_a_score(tmp_path: Path, match: Any) -> None:
    write_packs(tmp_path, rule(match, status="scored"))

    assert len(load_packs(tmp_path).rules) == 1


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"title": "别的", "status": "shadow", "severity": "minor"}, True),
        ({"match": {"any": ["坏", "烂"]}}, False),
        ({"exceptions": ["坏了"]}, False),
        ({"guard": "none"}, False),
    ],
    ids=["what people read and what it costs", "match", "exceptions", "guard"],
)
def test_a_rule_s_body_follows_what_it_matches(tmp_path: Path, change: dict[str, Any], *, is_same: bool) -> None:
    (before,) = load_packs(write_packs(tmp_path / "old", rule({"any": ["坏"]}))).rules
    (after,) = load_packs(write_packs(tmp_path / "new", {**rule({"any": ["坏"]}), **change})).rules

    assert (before.body == after.body) is is_same


def test_a_check_names_all_that_is_wrong_with_one_rule(tmp_path: Path) -> None:
    broken = {"version": "one", "severity": "huge", "exeptions": ["甲"], "match": {"anyy": ["坏"]}}
    subject = {**rule({}), **broken}
    del subject["reference"]
    write_packs(tmp_path, subject)
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})

    places = [problem.message.split(": must", 1)[0].split(";", 1)[0] for problem in check_folder(tmp_path, policy)]

    assert sorted(places) == [
        "rules[0].exeptions: unknown field", "rules[0].match", "rules[0].severity", "rules[0].version",
        "rules[0]: reference is missing",
    ]  # fmt: skip
