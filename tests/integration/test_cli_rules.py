"""`qa-service rules`: problems with file and line, and nothing runs with a wrong pack."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import Decision
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.rule_precision import FEWEST_REVIEWS
from tests.integration import program
from tests.integration.chats import CHAT, named, write_jsonl


@pytest.fixture
def broken_rules(small_rules) -> Path:
    """The same with a field that no rule has, on line 7."""
    path = small_rules / "zh" / "abuse.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("  title:", "  colour: red\n  title:", 1), encoding="utf-8"
    )
    return small_rules


class TestRules:
    def test_a_pack_with_an_unknown_field_is_a_problem_with_file_and_line(self, cli, broken_rules):
        ran = cli("rules", "check", "--rules", broken_rules)

        assert (ran.code, ran.stderr) == (1, "1 problem\n")
        assert ran.text.startswith("zh/abuse.yaml:9: rules[0].colour: unknown field; known are: ")

    def test_nothing_is_inspected_with_such_a_pack(self, cli, broken_rules, chat):
        ran = cli("inspect", chat, "--rules", broken_rules)

        assert (ran.code, ran.stdout) == (2, b"")
        assert ran.stderr.startswith("invalid_pack zh/abuse.yaml:9: rules[0].colour: unknown field")

    def test_nothing_is_served_with_such_a_pack(self, broken_rules, tmp_path):
        settings = {"QA_RULES_DIR": str(broken_rules), "QA_PORT": "0"}

        ran = program.run("serve", store=tmp_path / "qa.sqlite3", **settings)

        assert (ran.returncode, ran.stdout) == (2, b"")
        assert ran.stderr.decode().startswith("invalid_pack zh/abuse.yaml:9: ")

    def test_an_unreadable_policy_is_a_problem(self, cli, small_rules, tmp_path):
        ran = cli("rules", "check", "--rules", small_rules, "--policy", tmp_path / "none.yaml")

        assert (ran.code, ran.stderr) == (1, "1 problem\n")
        assert ran.text.startswith("none.yaml:1: cannot be read")

    def test_good_packs_have_no_problems(self, cli, small_rules):
        ran = cli("rules", "check", "--rules", small_rules)

        assert (ran.code, ran.stdout, ran.stderr) == (0, b"", "no problems\n")

    def test_the_list_has_a_line_a_rule(self, cli, small_rules):
        ran = cli("rules", "list", "--rules", small_rules)

        assert ran.code == 0
        assert all(word in ran.text for word in ("abuse.fool", "major", "scored", "标题"))

    def test_one_rule_is_shown_as_written(self, cli, small_rules):
        ran = cli("rules", "show", "abuse.fool", "--rules", small_rules)

        assert (ran.code, ran.stderr) == (0, "zh/abuse.yaml\n")
        assert yaml.safe_load(ran.text)["match"] == {"any": ["笨蛋"]}

    def test_examples_that_hold_pass(self, cli, small_rules):
        ran = cli("rules", "test", "abuse.fool", "--rules", small_rules)

        assert (ran.code, ran.stdout, ran.stderr) == (0, b"", "all examples pass\n")

    def test_an_example_that_does_not_hold_is_named_with_its_line(self, cli, small_rules):
        path = small_rules / "zh" / "abuse.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("- 您好", "- 真是笨蛋"), encoding="utf-8")

        ran = cli("rules", "test", "--rules", small_rules)

        assert (ran.code, ran.stderr) == (1, "1 examples fail\n")
        assert ran.text.startswith("zh/abuse.yaml:")
        assert "abuse.fool" in ran.text

    @pytest.mark.model
    def test_a_text_is_tried(self, cli, small_rules):
        found = cli("rules", "test", "--rules", small_rules, "--text", "你这个笨蛋")
        nothing = cli("rules", "test", "--rules", small_rules, "--text", "您好")

        assert (found.code, nothing.code) == (0, 0)
        assert "hit  scored  abuse.fool  turn 1 [3, 5)  笨蛋" in found.text
        assert "nothing found" in nothing.text

    @pytest.mark.model
    def test_a_text_is_read_in_the_language_given(self, cli, small_rules):
        path = small_rules / "zh" / "abuse.yaml"
        path.write_text(
            path.read_text(encoding="utf-8").replace("- 笨蛋\n", "- 笨蛋\n    - nmsl\n", 1), encoding="utf-8"
        )

        as_told = cli("rules", "test", "--rules", small_rules, "--text", "nmsl", "--language", "zh")
        as_written = cli("rules", "test", "--rules", small_rules, "--text", "nmsl")

        assert "hit  scored  abuse.fool" in as_told.text
        assert "nothing found" in as_written.text

    @pytest.mark.model
    def test_what_was_undone_to_read_a_word_is_shown(self, cli, small_rules):
        found = cli("rules", "test", "--rules", small_rules, "--text", "你这个笨.蛋")

        assert "'undone': [{'how': 'compact', 'text': '.'" in found.text

    @pytest.mark.model
    def test_a_file_is_tried(self, cli, small_rules, tmp_path):
        turns = [{"role": "agent", "text": "笨蛋"}]
        path = write_jsonl(tmp_path / "chats.jsonl", [named("c-1", turns=turns), CHAT])

        ran = cli("rules", "test", "--rules", small_rules, "--file", path)

        assert ran.code == 0
        assert ran.text.splitlines() == [
            "c-1",
            "  hit  scored  abuse.fool  turn 1 [0, 2)  笨蛋",
            "c-1001",
            "  nothing found",
        ]

    def test_an_own_word_list_becomes_a_pack_that_hits(self, cli, small_rules, tmp_path):
        (tmp_path / "brand.txt").write_text("# ours\n飞单\n私单\n", encoding="utf-8")

        ran = cli("rules", "import-list", tmp_path / "brand.txt", "--category", "off_platform", "--output", small_rules)

        assert ran.code == 0, ran.stderr
        assert ran.stderr.endswith("2 phrases in 1 rules\n")
        tried = cli("rules", "test", "--rules", small_rules, "--text", "我给您走私单吧")
        assert "hit  shadow  list.brand.off_platform_minor_shadow  turn 1 [4, 6)  私单" in tried.text

    def test_an_import_overwrites_nothing(self, cli, small_rules, tmp_path):
        (tmp_path / "brand.txt").write_text("飞单\n私单\n", encoding="utf-8")
        arguments = ("rules", "import-list", tmp_path / "brand.txt", "--category", "abuse", "--output", small_rules)
        cli(*arguments)

        ran = cli(*arguments)

        assert ran.code == 2
        assert "is there already" in ran.stderr


class TestImport:
    def test_a_pack_is_written_that_hits_and_nothing_is_overwritten(self, cli, small_rules, tmp_path):
        (tmp_path / "rules.txt").write_text("缺货\t(会议||例会)&&缺货\n", encoding="utf-8")
        pack = small_rules / "zh" / "own.yaml"
        arguments = ("rules", "import", tmp_path / "rules.txt", "--format", "baidu", "--output", pack)

        written = cli(*arguments)

        assert (written.code, written.stderr) == (0, f"wrote {pack}: 1 rules, 0 lost\n")
        assert "hit  shadow  own.line_1" in cli("rules", "test", "--rules", small_rules, "--text", "例会说缺货").text
        assert cli("rules", "check", "--rules", small_rules).code == 0
        assert (cli(*arguments).code, cli(*arguments).stderr.startswith("conflict ")) == (2, True)

    def test_what_is_lost_is_named_and_only_partial_writes_the_rest(self, cli, tmp_path):
        (tmp_path / "rules.txt").write_text("甲&&\n乙\n", encoding="utf-8")
        pack = tmp_path / "own.yaml"
        arguments = ("rules", "import", tmp_path / "rules.txt", "--format", "baidu", "--output", pack)

        refused = cli(*arguments)
        was_written = pack.exists()
        partial = cli(*arguments, "--partial")

        assert (refused.code, refused.text) == (1, "lost  line 1: a name is missing beside an operator\n")
        assert not was_written
        assert (partial.code, pack.exists()) == (0, True)


@pytest.mark.model
class TestPublishing:
    def test_packs_are_published_after_a_backtest_of_that_revision(self, cli, small_rules, tmp_path, monkeypatch):
        monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path}/qa.sqlite3")
        monkeypatch.setenv("QA_RULES_DIR", str(small_rules))
        chat = {**CHAT, "started_at": datetime.now(UTC).isoformat()}
        chat["turns"] = [{"role": "agent", "sender_id": "a-7", "text": "你这个笨蛋真糟"}]
        assert cli("inspect", write_jsonl(tmp_path / "chat.jsonl", [chat]), "--store").code == 0
        new = tmp_path / "new"
        shutil.copytree(small_rules, new)
        pack = new / "zh" / "abuse.yaml"
        pack.write_text(
            pack.read_text(encoding="utf-8")
            .replace("- 笨蛋", "- 真糟")
            .replace("你这个笨蛋", "真糟了")
            .replace("version: 1", "version: 2"),
            encoding="utf-8",
        )

        early = cli("rules", "publish", new)
        tested = cli("rules", "backtest", "--pack", new)
        published = cli("rules", "publish", new)

        assert (early.code, "no backtest of this very revision" in early.stderr) == (2, True)
        assert "new abuse.fool" in tested.text
        assert "lost abuse.fool" in tested.text
        assert (published.code, published.stderr.startswith("published ")) == (0, True)
        with closing(build_services(load_settings())) as services:
            (row,) = services.listing(ConversationFilter(limit=9)).rows
        explained = ("rules", "explain", "abuse.fool", "--conversation", row.id)
        assert "abuse.fool v2" in cli(*explained).text, "as the service reads it"
        assert "abuse.fool v1" in cli(*explained, "--rules", small_rules).text
        assert cli("rules", "precision").code == 0
        assert cli("rules", "withdraw").stderr == "the rules folder is in force\n"


@pytest.mark.model
class TestJudgedRules:
    @pytest.fixture
    def judged(self, cli, small_rules, tmp_path, monkeypatch) -> Path:
        """A store in which every hit of `abuse.fool` was overturned; the file of its chat."""
        monkeypatch.setenv("QA_RULES_DIR", str(small_rules))
        chat = {**CHAT, "started_at": datetime.now(UTC).isoformat()}
        chat["turns"] = [{"role": "agent", "sender_id": "a-7", "text": "我是笨蛋老师"}] * FEWEST_REVIEWS
        path = write_jsonl(tmp_path / "chat.jsonl", [chat])
        assert cli("inspect", path, "--store").code == 0
        with closing(build_services(load_settings())) as services:
            (row,) = services.listing(ConversationFilter(limit=9)).rows
            for finding_id in services.review().conversation(row.id).finding_ids.values():
                services.review().decide(finding_id, decision=Decision.OVERTURN, comment="误报", reviewer="王敏")
        return path

    def test_what_is_demoted_is_shown_restored_and_gets_exceptions(self, cli, judged):
        demoted = cli("rules", "precision").text
        proposed = cli("rules", "exceptions", "abuse.fool").text
        unexplained = cli("rules", "restore", "abuse.fool", "--reason", " ")
        restored = cli("rules", "restore", "abuse.fool", "--reason", "例外已补")
        again = cli("rules", "restore", "abuse.fool", "--reason", "例外已补")

        assert "advisory" in demoted
        assert "30 of 30" in proposed
        assert (unexplained.code, unexplained.stderr.startswith("missing_field ")) == (2, True)
        assert (restored.code, restored.stderr) == (0, "abuse.fool has the status of its pack again\n")
        assert (again.code, again.stderr.startswith("conflict ")) == (2, True)
        assert "advisory" not in cli("rules", "precision").text

    def test_a_demoted_rule_still_explains_its_hits(self, cli, judged):
        ran = cli("rules", "explain", "abuse.fool", "--conversation", judged)

        assert ran.code == 0
        assert "turn 1: hit" in ran.text
        assert "笨蛋" in ran.text
