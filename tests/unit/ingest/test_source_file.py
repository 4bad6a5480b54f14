"""The right format for a path."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.source_file import read_path

SAMPLES = Path(__file__).parents[3] / "samples"
LINE = json.dumps({"external_id": "c-1", "turns": [{"role": "agent", "text": "您好"}]}).encode()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("zh.jsonl", 32),
        ("en.jsonl", 12),
        ("formats/chats.csv", 3),
        ("formats/chats_gb18030.csv", 2),
        ("formats/chats.xlsx", 2),
        ("formats/chat.txt", 3),
    ],
)
def test_reads_every_sample_by_its_suffix_without_a_default_zone(name, count):
    outcomes = list(read_path(SAMPLES / name))

    assert len(outcomes) == count
    assert all(outcome.turns for outcome in outcomes)


def test_reads_workbooks(tmp_path):
    path = tmp_path / "CHATS.XLSX"
    workbook = openpyxl.Workbook()
    workbook.active.append(["会话ID", "角色", "内容"])
    workbook.active.append(["c-1", "客服", "您好"])
    workbook.save(path)

    assert [talk.external_id for talk in read_path(path)] == ["c-1"]


def test_a_given_format_goes_before_the_suffix(tmp_path):
    path = tmp_path / "chats.log"
    path.write_bytes(LINE)

    assert [talk.external_id for talk in read_path(path, format="jsonl")] == ["c-1"]


def test_reads_json_lines_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINE)))

    assert [talk.external_id for talk in read_path(Path("-"))] == ["c-1"]


@pytest.mark.parametrize(
    ("path", "format"), [("chats.pdf", "auto"), ("chats", "auto"), ("chats.csv", "pdf"), ("-", "csv")]
)
def test_an_unknown_format_is_refused_at_once(path, format):
    with pytest.raises(InvalidInput) as caught:
        read_path(Path(path), format=format)

    assert caught.value.code is ErrorCode.UNKNOWN_FORMAT


def test_a_file_that_is_not_there_is_refused_at_once(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_path(tmp_path / "none.csv")

    assert caught.value.code is ErrorCode.NOT_FOUND


def test_reads_one_conversation_at_a_time(tmp_path):
    path = tmp_path / "endless.jsonl"
    path.write_bytes((LINE + b"\n") * 5_000)
    outcomes = read_path(path)

    assert next(outcomes).external_id == "c-1"
    outcomes.close()
