"""The command line's contract: results on stdout, all else on stderr, exit codes 0, 1 and 2."""

from __future__ import annotations

import json

import pytest
import yaml

from qa_service import __version__
from qa_service.settings import REPOSITORY
from tests.integration import program
from tests.integration.chats import (
    CHAT,
    HEADER,
    PROMISE,
    csv_text,
    line,
    named,
    rows,
    write_jsonl,
    write_xlsx,
)
from tests.integration.result_shape import RESULT, departures
from tests.unit.rule_engine.packs import write_yaml

POLICY = REPOSITORY / "rules" / "policies" / "default.yaml"
RUBRICS = REPOSITORY / "rules" / "rubrics"


def documents(stdout: bytes) -> list[dict]:
    return [json.loads(text) for text in stdout.decode().splitlines()]


@pytest.fixture(scope="module")
def contract_run(tmp_path_factory):
    """`inspect --output -` of the contract chat with the shipped rules."""
    folder = tmp_path_factory.mktemp("contract")
    path = write_jsonl(folder / "chat.jsonl", [CHAT])
    return program.run("inspect", path, "--output", "-", store=folder / "qa.sqlite3")


@pytest.mark.model
class TestInspect:
    def test_the_contract_chat_gives_the_contract_result(self, contract_run):
        assert (contract_run.returncode, contract_run.stderr) == (0, b"")
        (result,) = documents(contract_run.stdout)
        assert set(result) == set(RESULT)
        assert departures(RESULT, result) == []
        assert (result["external_id"], result["status"]) == ("c-1001", "complete")
        (finding,) = result["findings"]
        assert finding["rule_id"] == "promise.return_window"
        assert (finding["category"], finding["severity"]) == ("unauthorized_promise", "major")
        assert (finding["outcome"], finding["agent_id"], finding["turn_id"]) == ("hit", "a-7", "2")
        assert finding["explanation"]["stated"].items() >= {"value": 7, "unit": "day"}.items()
        assert finding["explanation"]["policy"].items() >= {"key": "return_days", "value": 3}.items()
        assert result["agents"][0]["first_reply_seconds"] == 41.0
        assert result["scorecards"][0]["dimensions"]["compliance"]["score"] == 70.0
        assert result["provenance"]["code_version"] == __version__

    def test_the_evidence_of_the_contract_chat_is_the_promise_alone(self, contract_run):
        (result,) = documents(contract_run.stdout)

        (finding,) = result["findings"]
        assert (finding["start"], finding["end"], finding["text"]) == (2, 12, "七天内不满意都可以退")

    def test_results_come_in_input_order_over_several_files_and_windows(self, cli, tmp_path, small_rules):
        first = write_jsonl(tmp_path / "b.jsonl", [named(f"b-{n}") for n in range(40)])
        second = write_jsonl(tmp_path / "a.jsonl", [named(f"a-{n}") for n in range(3)])

        ran = cli("inspect", first, second, "--rules", small_rules, "--output", "-")

        expected = [f"b-{n}" for n in range(40)] + [f"a-{n}" for n in range(3)]
        assert [result["external_id"] for result in documents(ran.stdout)] == expected

    def test_every_format_gives_the_same_finding(self, cli, tmp_path):
        table = csv_text([HEADER, *rows("c-1001")])
        (tmp_path / "utf8.csv").write_bytes(table.encode())
        (tmp_path / "gb.csv").write_bytes(table.encode("gb18030"))
        write_xlsx(tmp_path / "book.xlsx", [HEADER, *rows("c-1001")])
        (tmp_path / "plain.txt").write_text(f"客户：你好，这个能退吗\n客服：{PROMISE}\n", encoding="utf-8")
        paths = [write_jsonl(tmp_path / "lines.ndjson", [CHAT])]
        paths += [tmp_path / name for name in ("utf8.csv", "gb.csv", "book.xlsx", "plain.txt")]

        ran = cli("inspect", *paths, "--output", "-")

        assert (ran.code, ran.stderr) == (0, "")
        results = documents(ran.stdout)
        assert [result["external_id"] for result in results[:4]] == ["c-1001"] * 4
        assert results[4]["external_id"].startswith("plain-")
        found = [
            [(f["rule_id"], f["turn_id"], f["start"], f["text"]) for f in result["findings"]] for result in results
        ]
        assert len(found[0]) == 1
        assert found == [found[0]] * 5

    def test_a_format_given_wins_over_the_suffix(self, cli, tmp_path, small_rules):
        path = write_jsonl(tmp_path / "chats.log", [CHAT])

        assert cli("inspect", path, "--format", "jsonl", "--rules", small_rules, "--output", "-").code == 0

    def test_standard_input_is_json_lines_and_results_alone_are_on_stdout(self, tmp_path, small_rules):
        bad = line({"external_id": "bad", "turns": []})

        args = ("inspect", "-", "--rules", small_rules, "--output", "-")

        ran = program.run(*args, store=tmp_path / "qa.sqlite3", stdin=line(CHAT) + bad)

        assert ran.returncode == 1
        assert [result["external_id"] for result in documents(ran.stdout)] == ["c-1001"]
        assert ran.stderr.decode().startswith("rejected -:2 (bad): empty_conversation: ")

    def test_results_are_utf8_whatever_the_locale(self, small_rules, tmp_path):
        path = write_jsonl(tmp_path / "chats.jsonl", [named("c-1", turns=[{"role": "agent", "text": "笨蛋"}])])
        args = ("inspect", path, "--rules", small_rules, "--output", "-")

        ran = program.run(*args, store=tmp_path / "qa.sqlite3", PYTHONIOENCODING="ascii")

        assert (ran.returncode, ran.stderr) == (0, b"")
        assert documents(ran.stdout)[0]["findings"][0]["text"] == "笨蛋"

    def test_a_file_takes_the_same_lines(self, cli, chat, tmp_path, small_rules):
        lines = cli("inspect", chat, "--rules", small_rules, "--output", "-").stdout

        ran = cli("inspect", chat, "--rules", small_rules, "--output", tmp_path / "out.jsonl")

        assert (ran.code, ran.stdout) == (0, b"")
        assert (tmp_path / "out.jsonl").read_bytes() == lines

    def test_without_output_a_table_is_printed(self, cli, chat, small_rules):
        ran = cli("inspect", chat, "--rules", small_rules)

        assert ran.code == 0
        assert all(word in ran.text for word in ("c-1001", "小林", "100.0"))

    def test_a_policy_that_allows_seven_days_makes_the_promise_clear(self, cli, chat, tmp_path):
        policy = yaml.safe_load(POLICY.read_text(encoding="utf-8"))
        next(entry for entry in policy["policies"] if entry["key"] == "return_days")["value"] = 7
        path = write_yaml(tmp_path / "policy.yaml", policy)

        ran = cli("inspect", chat, "--policy", path, "--all-outcomes", "--output", "-")

        (result,) = documents(ran.stdout)
        outcomes = {f["rule_id"]: f["outcome"] for f in result["findings"]}
        assert outcomes["promise.return_window"] == "clear"
        assert result["scorecards"][0]["dimensions"]["compliance"]["score"] == 100.0

    def test_all_outcomes_lists_what_is_clear_and_what_does_not_apply(self, cli, chat):
        (result,) = documents(cli("inspect", chat, "--all-outcomes", "--output", "-").stdout)

        outcomes = {f["outcome"] for f in result["findings"]}
        assert outcomes >= {"hit", "clear", "not_applicable"}

    def test_other_rules_and_another_rubric_are_used(self, cli, chat, small_rules):
        ran = cli(
            "inspect", chat, "--rules", small_rules, "--rubric", RUBRICS / "community.yaml", "--all-outcomes",
            "--output", "-",
        )  # fmt: skip

        (result,) = documents(ran.stdout)
        assert {f["rule_id"] for f in result["findings"]} == {"abuse.fool"}
        assert result["scorecards"][0]["rubric"] == "community"

    def test_one_rejected_conversation_is_named_and_the_others_are_done(self, cli, tmp_path, small_rules):
        path = write_jsonl(tmp_path / "chats.jsonl", [CHAT, named("c-88", turns=[]), named("c-1003")])

        ran = cli("inspect", path, "--rules", small_rules, "--output", "-")

        assert ran.code == 1
        assert [result["external_id"] for result in documents(ran.stdout)] == ["c-1001", "c-1003"]
        assert ran.stderr.startswith("rejected chats.jsonl:2 (c-88): empty_conversation: turns: ")


USAGE_ERRORS = {
    "no-path": (["inspect"], "Missing argument"),
    "no-such-command": (["inspekt"], "No such command"),
    "no-such-option": (["inspect", "--colour", "red", "{chat}"], "No such option"),
    "unknown-format": (["inspect", "{chat}", "--format", "pdf"], "unknown_format"),
    "unknown-suffix": (["inspect", "{folder}/chat.pdf"], "unknown_format"),
    "no-such-file": (["inspect", "{folder}/none.jsonl"], "not_found path: none.jsonl cannot be opened"),
    "no-such-rules": (["inspect", "{chat}", "--rules", "{folder}/none"], "invalid_pack"),
    "no-such-policy": (["inspect", "{chat}", "--policy", "{folder}/none.yaml"], "invalid_policy none.yaml:1: "),
    "no-such-rubric": (["inspect", "{chat}", "--rubric", "{folder}/none.yaml"], "invalid_rubric"),
    "broken-policy": (["inspect", "{chat}", "--policy", "{folder}/broken.yaml"], "invalid_policy broken.yaml:2: "),
    "binary-policy": (["inspect", "{chat}", "--policy", "{folder}/binary.yaml"], "invalid_policy binary.yaml:1: "),
    "output-is-an-input": (["inspect", "{chat}", "--output", "{chat}"], "invalid_field --output: "),
    "output-cannot-be-written": (["inspect", "{chat}", "--output", "{folder}/none/out"], "invalid_field --output: "),
    "no-such-period": (["export", "performance", "--period", "2026-13"], "invalid_field period"),
    "no-such-export": (["export", "performance", "--period", "2026-11", "--format", "pdf"], "invalid_field format"),
    "export-cannot-be-written": (
        ["export", "performance", "--period", "2026-11", "--output", "{folder}/none/out"],
        "invalid_field --output: ",
    ),
    "no-such-rule": (["rules", "show", "none.such"], "not_found id: there is no rule none.such"),
}


@pytest.mark.parametrize(("args", "message"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_what_the_user_can_mend_is_one_message_and_exit_code_2(
    cli, chat, tmp_path, small_rules, monkeypatch, args, message
):
    monkeypatch.setenv("QA_RULES_DIR", str(small_rules))
    (tmp_path / "broken.yaml").write_text("version: 1\npolicies: [}\n", encoding="utf-8")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")

    ran = cli(*(part.format(chat=chat, folder=tmp_path) for part in args))

    assert (ran.code, ran.stdout) == (2, b"")
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert chat.read_bytes() == line(CHAT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QA_MODEL_THREADS", "many"),
        ("QA_DEFAULT_ZONE", "Mars/Base"),
        ("QA_PUSH_SECRET", "short"),
        ("QA_DATABASE_URL", "nowhere"),
    ],
)
def test_a_wrong_setting_is_named(cli, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    ran = cli("db", "upgrade")

    assert (ran.code, ran.stdout) == (2, b"")
    assert ran.stderr.startswith(f"invalid_setting {name}")
    assert value not in ran.stderr


def test_a_shadow_model_that_is_not_there_is_named_at_the_start(cli, monkeypatch):
    monkeypatch.setenv("QA_SHADOW_MODEL", "nope")

    ran = cli("db", "upgrade")

    assert ran.code == 2
    assert ran.stderr.startswith("invalid_model QA_SHADOW_MODEL: there is no model nope in ")


def test_the_version_is_printed(cli):
    ran = cli("version")

    assert (ran.code, ran.text, ran.stderr) == (0, f"qa-service {__version__}\n", "")
