from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from qa_service.reports import (
    PerformanceReport,
    parse_period,
    sign,
    signature_headers,
    write_csv,
    write_json,
    write_xlsx,
)
from tests.unit.reports.builders import mean, row


def report(*rows) -> PerformanceReport:
    return PerformanceReport(
        period=parse_period("2026-11", ZoneInfo("Asia/Shanghai")),
        generated_at=datetime(2026, 12, 1, 8, tzinfo=UTC),
        rubric="default",
        rubric_version=1,
        rows=rows,
    )


def written(write, *rows) -> bytes:
    stream = io.BytesIO()
    write(report(*rows), stream)
    return stream.getvalue()


def csv_rows(*rows) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(write_csv, *rows).decode("utf-8-sig"))))


def test_csv_begins_with_a_bom_once_and_has_a_column_for_each_figure():
    content = written(write_csv, row())
    assert content.startswith(b"\xef\xbb\xbfperiod,")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert csv_rows(row()) == [
        {
            "period": "2026-11", "shop": "demo", "group": "售后", "agent_id": "a-1", "agent_name": "小林",
            "conversations": "3", "unscored": "1", "band": "pass",
            "total_mean": "88.25", "total_low95": "70.0", "total_high95": "100.0", "total_n": "2",
            "machine_total_mean": "86.0", "machine_total_low95": "60.0", "machine_total_high95": "100.0",
            "machine_total_n": "2",
            "service_attitude_mean": "90.5", "service_attitude_low95": "80.0", "service_attitude_high95": "100.0",
            "service_attitude_n": "2",
            "findings_dismissive": "2", "verdicts_overturn": "1",
        }
    ]  # fmt: skip


def test_agents_share_the_columns_of_all():
    first, second = csv_rows(
        row(),
        row(
            agent_id="a-2",
            shop=None,
            dimensions={"compliance": mean(1, 70.0)},
            findings_by_category={"abuse": 1},
            verdicts={},
        ),
    )
    assert (first["findings_abuse"], second["findings_dismissive"], second["verdicts_overturn"]) == ("0", "0", "0")
    assert (second["service_attitude_mean"], second["service_attitude_n"], second["shop"]) == ("", "0", "")
    assert (second["compliance_mean"], second["compliance_low95"]) == ("70.0", "")


def test_csv_of_nobody_is_a_header():
    assert written(write_csv).decode("utf-8-sig").splitlines()[0].startswith("period,shop,group,agent_id")
    assert csv_rows() == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"], ids=repr)
def test_csv_disarms_what_a_spreadsheet_would_run(start):
    (result,) = csv_rows(row(agent_name=f"{start}HYPERLINK(1)", findings_by_category={"x": 1}))
    assert result["agent_name"].startswith(f"'{start}"[:2])


def test_csv_leaves_harmless_text_alone():
    (result,) = csv_rows(row(agent_name='林, "小"\n=1'))
    assert result["agent_name"] == '林, "小"\n=1'


def test_xlsx_has_the_table_and_says_what_it_is_about():
    workbook = load_workbook(io.BytesIO(written(write_xlsx, row())))
    header, values = workbook["performance"].iter_rows(values_only=True)
    cells = dict(zip(header, values, strict=True))
    assert (cells["agent_name"], cells["total_mean"], cells["conversations"]) == ("小林", 88.25, 3)
    about = dict(workbook["about"].iter_rows(values_only=True))
    assert (about["period"], about["rubric"], about["generated_at"]) == (
        "2026-11",
        "default",
        "2026-12-01T08:00:00+00:00",
    )


def test_xlsx_keeps_formulas_as_text_and_drops_control_characters():
    workbook = load_workbook(io.BytesIO(written(write_xlsx, row(agent_name="=1+1", group="售\x0b后", shop=None))))
    _, values = workbook["performance"].iter_rows()
    by_column = {cell.column: cell for cell in values if cell.value is not None}
    assert (by_column[5].value, by_column[5].data_type) == ("=1+1", "s")
    assert by_column[3].value == "售后"
    assert 2 not in by_column


def test_json_has_metadata_and_every_field():
    document = json.loads(written(write_json, row()))
    agents = document.pop("agents")
    assert document == {
        "version": 1,
        "period": "2026-11",
        "since": "2026-11-01T00:00:00+08:00",
        "until": "2026-12-01T00:00:00+08:00",
        "generated_at": "2026-12-01T08:00:00+00:00",
        "rubric": "default",
        "rubric_version": 1,
    }
    assert agents[0]["total"] == {"n": 2, "mean": 88.25, "low": 70.0, "high": 100.0}
    assert agents[0]["agent_name"] == "小林"
    assert agents[0]["findings_by_category"] == {"dismissive": 2}


def test_a_receiver_can_check_the_signature():
    headers = signature_headers(b'{"a":1}', secret="s3cret", timestamp=1764576000, idempotency_key="p-1")
    expected = hmac.new(b"s3cret", b'1764576000.{"a":1}', hashlib.sha256).hexdigest()
    with_key = hmac.new(b"s3cret", b'1764576000.p-1.{"a":1}', hashlib.sha256).hexdigest()
    assert headers == {
        "X-QA-Timestamp": "1764576000",
        "X-QA-Signature": f"sha256={expected}",
        "X-QA-Signature-2": f"sha256={with_key}",
        "Idempotency-Key": "p-1",
    }


def test_another_body_time_or_secret_is_another_signature():
    signatures = {
        sign(b"a", secret="s", timestamp=1),
        sign(b"b", secret="s", timestamp=1),
        sign(b"a", secret="s", timestamp=2),
        sign(b"a", secret="t", timestamp=1),
    }
    assert len(signatures) == 4
