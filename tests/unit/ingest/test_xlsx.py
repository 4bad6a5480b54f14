"""XLSX: values as text, formulas refused, archives checked before they are unpacked."""

import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from qa_service.domain.conversation import Conversation
from qa_service.errors import ErrorCode
from qa_service.ingest.limits import Limits
from qa_service.ingest.xlsx import read_xlsx

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = ["会话ID", "角色", "内容", "时间"]


@pytest.fixture
def write(tmp_path):
    def write(*rows):
        path = tmp_path / "chats.xlsx"
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        workbook.save(path)
        return path

    return write


def read(path, limits: Limits = Limits()):  # noqa: B008
    return list(read_xlsx(path, default_zone=SHANGHAI, limits=limits))


def rewrite(path, name, old, new):
    """Change one member of a workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)


def test_reads_rows_dates_and_numbers(write):
    path = write(
        HEADER,
        ["c-1", "客户", "在吗", datetime(2026, 11, 7, 20, 15)],  # noqa: DTZ001
        ["c-1", "客服", 7, "2026/11/7 20:16"],
        [],
        [2, "客户", 3.0, None],
        [2, "客服", 2.5, None],
    )
    rewrite(path, "xl/worksheets/sheet1.xml", b"<v>7</v>", b"<v>7.0</v>")
    first, second = read(path)

    assert [turn.text for turn in first.turns] == ["在吗", "7"]
    assert [turn.at.isoformat() for turn in first.turns] == ["2026-11-07T20:15:00+08:00", "2026-11-07T20:16:00+08:00"]
    assert (second.external_id, [turn.text for turn in second.turns]) == ("2", ["3", "2.5"])


def test_a_formula_is_refused_by_its_cell_and_stops_no_other(write):
    path = write(HEADER, ["c-1", "客服", "a"], ["c-1", "客服", '="您"&"好"'], ["c-2", "客服", "b"])
    rejected, last = read(path)

    assert (rejected.line, rejected.external_id, rejected.error.field) == (3, "c-1", "cell C3")
    assert "formula" in rejected.error.message
    assert last.external_id == "c-2"


def test_a_formula_in_the_header_refuses_the_sheet(write):
    (rejected,) = read(write(["会话ID", "角色", "=A1"], ["c-1", "客服", "a"]))

    assert (rejected.line, rejected.error.field) == (1, "cell C1")


def test_stopping_early_closes_the_file(write):
    outcomes = read_xlsx(write(HEADER, ["c-1", "客服", "a"], ["c-2", "客服", "b"]), default_zone=None, limits=Limits())

    assert next(outcomes).external_id == "c-1"
    outcomes.close()


def test_an_error_value_is_refused_like_a_formula(write):
    path = write(HEADER, ["c-1", "客服", "#N/A"])
    (rejected,) = read(path)

    assert rejected.error.field == "cell C2"


def test_text_that_looks_like_a_formula_is_text(tmp_path):
    path = tmp_path / "chats.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(HEADER)
    workbook.active.append(["c-1", "客服", "x"])
    workbook.active["C2"].value = "=1+1"
    workbook.active["C2"].data_type = "s"
    workbook.save(path)

    assert read(path)[0].turns[0].text == "=1+1"


def test_a_row_without_trailing_cells_has_blank_ones(write):
    (talk,) = read(write(HEADER, ["c-1", "客服"]))

    assert talk.turns[0].text == ""


def test_believes_no_stated_size_of_the_sheet(write):
    path = write(HEADER, ["c-1", "客服", "a"])
    rewrite(path, "xl/worksheets/sheet1.xml", b'<dimension ref="A1:D2" />', b'<dimension ref="A1" />')

    assert isinstance(read(path)[0], Conversation)


def test_a_forged_row_number_ends_at_the_largest_sheet(write):
    path = write(HEADER, ["c-1", "客服", "a"], ["c-2", "客服", "b"])
    rewrite(path, "xl/worksheets/sheet1.xml", b'<row r="3">', b'<row r="99999999999">')

    assert [talk.external_id for talk in read(path)] == ["c-1"]


def test_an_archive_that_unpacks_to_too_much_is_refused_unopened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"0" * 2_000_000)
    (rejected,) = read(path, Limits(xlsx_bytes=1_000_000))

    assert path.stat().st_size < 10_000
    assert rejected.error.code is ErrorCode.TOO_LARGE
    assert "limit xlsx_bytes" in rejected.error.message


@pytest.mark.parametrize(
    "content", [pytest.param(b"", id="empty"), pytest.param(b"PK\x03\x04abc", id="cut"), pytest.param(b"a,b", id="CSV")]
)
def test_a_file_that_is_no_workbook_is_rejected(tmp_path, content):
    path = tmp_path / "chats.xlsx"
    path.write_bytes(content)
    (rejected,) = read(path)

    assert (rejected.error.code, rejected.error.field) == (ErrorCode.UNKNOWN_FORMAT, "file")


def test_a_zip_of_something_else_is_rejected(tmp_path):
    path = tmp_path / "chats.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "hello")

    assert read(path)[0].error.code is ErrorCode.UNKNOWN_FORMAT


def test_broken_xml_ends_the_file_with_a_rejection(write):
    path = write(HEADER, ["c-1", "客服", "a"], ["c-2", "客服", "b"])
    rewrite(path, "xl/worksheets/sheet1.xml", b'<row r="3">', b'<row r="3"><<')

    assert read(path)[-1].error.code is ErrorCode.UNKNOWN_FORMAT


def test_a_workbook_of_charts_only_is_rejected(tmp_path):
    path = tmp_path / "chats.xlsx"
    workbook = openpyxl.Workbook()
    workbook.create_chartsheet()
    workbook.remove(workbook.active)
    workbook.save(path)

    assert read(path)[0].error.code is ErrorCode.UNKNOWN_FORMAT
