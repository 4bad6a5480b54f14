"""What the command line does with a store: export, keys, links, upgrade."""

from __future__ import annotations

import io
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from qa_service.domain.identity import Principal, Role
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from tests.integration import program
from tests.integration.chats import CHAT, write_jsonl


@pytest.fixture(scope="module")
def inspected_store(tmp_path_factory) -> Path:
    """A store with the contract chat inspected in it."""
    folder = tmp_path_factory.mktemp("inspected")
    ran = program.run("inspect", write_jsonl(folder / "chat.jsonl", [CHAT]), "--store", store=folder / "qa.sqlite3")
    assert (ran.returncode, ran.stderr) == (0, b"")
    return folder / "qa.sqlite3"


@pytest.mark.model
class TestExport:
    @pytest.fixture(autouse=True)
    def _use_it(self, cli, inspected_store, monkeypatch):
        monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{inspected_store}")

    def test_csv(self, cli):
        ran = cli("export", "performance", "--period", "2026-11")

        assert (ran.code, ran.stderr) == (0, "")
        header, row = (text.split(",") for text in ran.stdout.decode("utf-8-sig").splitlines())
        figures = dict(zip(header, row, strict=True))
        assert (figures["period"], figures["agent_id"], figures["agent_name"]) == ("2026-11", "a-7", "小林")
        assert (figures["conversations"], figures["compliance_mean"]) == ("1", "70.0")
        assert figures["findings_unauthorized_promise"] == "1"

    def test_json(self, cli):
        ran = cli("export", "performance", "--period", "2026-11", "--format", "json")

        (agent,) = json.loads(ran.stdout)["agents"]
        assert (agent["agent_id"], agent["dimensions"]["compliance"]["mean"]) == ("a-7", 70.0)

    def test_xlsx_as_a_file_and_on_stdout(self, cli, tmp_path):
        path = tmp_path / "out.xlsx"

        printed = cli("export", "performance", "--period", "2026-11", "--format", "xlsx")
        written = cli("export", "performance", "--period", "2026-11", "--format", "xlsx", "--output", path)

        assert (written.code, written.stdout, written.stderr) == (0, b"", f"wrote {path}\n")
        for source in (io.BytesIO(printed.stdout), path):
            book = openpyxl.load_workbook(source)
            header, row = list(book.worksheets[0].iter_rows(values_only=True))[:2]
            assert dict(zip(header, row, strict=True))["agent_id"] == "a-7"

    def test_what_is_up_to_date_is_not_inspected_again(self, cli):
        ran = cli("reinspect")

        assert (ran.code, ran.stderr) == (0, "1 conversations are up to date, 0 failed\n")

    def test_a_month_without_chats_is_empty(self, cli):
        ran = cli("export", "performance", "--period", "2026-10", "--format", "json")

        assert (ran.code, json.loads(ran.stdout)["agents"]) == (0, [])

    def test_another_shop_has_no_figures(self, cli):
        ran = cli("export", "performance", "--period", "2026-11", "--format", "json", "--shop", "other")

        assert json.loads(ran.stdout)["agents"] == []


class TestStore:
    def test_a_new_key_opens_the_api(self, cli, store):
        ran = cli("keys", "new", "crm")

        assert (ran.code, ran.stderr) == (0, "")
        services = build_services(load_settings())
        principal = services.access.key_principal(ran.text.strip())
        assert principal == Principal(name="key:crm", role=Role.INTEGRATION)
        services.close()

    def test_a_link_opens_the_pages_once(self, cli, store):
        ran = cli("keys", "link")

        assert (ran.code, ran.stderr) == (0, "")
        (token,) = parse_qs(urlsplit(ran.text.strip()).query)["token"]
        services = build_services(load_settings())
        assert services.access.log_in(token, "reviewer") is not None
        assert services.access.log_in(token, "reviewer") is None
        services.close()

    def test_the_store_is_made_and_made_again_without_harm(self, cli, store):
        first, second = cli("db", "upgrade"), cli("db", "upgrade")

        assert [(ran.code, ran.stdout, ran.stderr) for ran in (first, second)] == [
            (0, b"", "the store is up to date\n")
        ] * 2
        assert store.exists()
