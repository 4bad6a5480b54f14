"""No address, id or file name leads out of the folder that it is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from qa_service.errors import InvalidInput
from qa_service.rule_engine import write_pack_files
from tests.fakes.services import FakeServices
from tests.security.conftest import chat, store

TRAVERSALS = [
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e/app.py",
    "/static/..%5capp.py",
    "/static/....//app.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/base.css/../../../app.py",
    "/static/base.css%00.py",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_static_files_are_those_of_their_folder(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code in (404, 405)
    assert "FastAPI" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("agent_id", ["../../../etc/passwd", "..", "/etc/passwd", "a/../b", "%2e%2e"])
def test_an_agents_id_is_an_id_whatever_it_looks_like(page: TestClient, services: FakeServices, agent_id: str) -> None:
    turns = [{"role": "agent", "sender_id": agent_id, "text": "您好"}]
    store(page, services, chat(agents=[{"id": agent_id}], turns=turns))

    listed = page.get("/v1/performance", params={"period": "2026-11"}).json()["agents"]

    assert [row["agent_id"] for row in listed] == [agent_id]
    assert "root:" not in page.get(f"/agents/{agent_id}").text


@pytest.mark.parametrize(
    "name",
    [
        "../evil.yaml",
        "zh/../../evil.yaml",
        "/tmp/evil.yaml",
        "zh/evil.py",
        "zh\\..\\evil.yaml",
        "zh/abuse.yaml\n",
        "zh/abuse.yaml\x00",
        "lists/../../evil.txt",
        "C:/evil.yaml",
        "",
    ],
    ids=ascii,
)
def test_published_packs_stay_in_their_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()

    with pytest.raises(InvalidInput):
        write_pack_files({name: "x"}, folder)

    assert [path for path in tmp_path.rglob("*") if path != folder] == []
