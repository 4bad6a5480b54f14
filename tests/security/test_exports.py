"""What leaves the service runs nothing where it is opened, and goes only where the settings say."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tests.fakes.services import FakeServices
from tests.security.conftest import FORMULA, chat, store

EVERYWHERE = [FORMULA, "+1+1", "-2+3", "@SUM(A1)", "＝1+1", " =1"]


def exported(client: TestClient, services: FakeServices, name: str, format: str) -> bytes:
    agents = [{"id": name.strip() or "a", "name": name, "group": name}]
    turns = [{"role": "agent", "sender_id": agents[0]["id"], "text": "您好"}]
    store(client, services, chat(shop=name, agents=agents, turns=turns))
    return (
        client.post("/v1/performance/exports", json={"period": "2026-11", "format": format}).raise_for_status().content
    )


@pytest.mark.parametrize("name", EVERYWHERE, ids=ascii)
def test_no_cell_of_a_csv_is_a_formula(client: TestClient, services: FakeServices, name: str) -> None:
    rows = list(csv.reader(io.StringIO(exported(client, services, name, "csv").decode("utf-8-sig"))))

    assert len(rows) == 2
    assert [cell for row in rows for cell in row if cell.lstrip(" ").startswith(tuple("=+@\t＝＋＠"))] == []
    assert [cell for cell in rows[1] if cell.startswith("-") and not cell[1:].replace(".", "").isdigit()] == []


@pytest.mark.parametrize("name", EVERYWHERE, ids=ascii)
def test_no_cell_of_a_workbook_is_a_formula(client: TestClient, services: FakeServices, name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(client, services, name, "xlsx")))

    assert [
        cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ] == []


@pytest.mark.parametrize("field", ["url", "push_url", "address", "host"])
def test_no_request_names_where_a_push_goes(client: TestClient, services: FakeServices, field: str) -> None:
    request = {"period": "2026-11", "push": True, field: "http://169.254.169.254/latest/meta-data"}

    assert client.post("/v1/performance/exports", json=request).status_code == 422
    assert services.sender.received == []


@pytest.mark.parametrize("start", ["\t", "\r", "\n"], ids=ascii)
def test_no_name_begins_with_a_control_character(client: TestClient, start: str) -> None:
    document = chat(agents=[{"id": "a-7", "name": f"{start}=1+1"}])

    assert client.post("/v1/conversations", json=document).status_code == 422
