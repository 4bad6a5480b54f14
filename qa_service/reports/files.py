"""Performance reports as CSV, XLSX and JSON. Owns no figures (`performance`) and no delivery."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from qa_service.domain.performance import AgentPerformance
from qa_service.reports.period import Period
from qa_service.reports.table import Cell, performance_table

FORMAT_VERSION = 1
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceReport:
    """Rows and what they are about. `generated_at` is timezone-aware; the rubric is the one whose bands were used."""

    period: Period
    generated_at: datetime
    rubric: str
    rubric_version: int
    rows: Sequence[AgentPerformance]

    def metadata(self) -> dict[str, str | int]:
        """What the rows are about, as plain JSON."""
        return {
            "version": FORMAT_VERSION,
            "period": self.period.name,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "generated_at": self.generated_at.isoformat(),
            "rubric": self.rubric,
            "rubric_version": self.rubric_version,
        }


def write_json(report: PerformanceReport, stream: IO[bytes]) -> None:
    """One object: the metadata, and `agents` with the fields of `AgentPerformance`. UTF-8."""
    document = {**report.metadata(), "agents": [asdict(row) for row in report.rows]}
    stream.write(json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")


def write_csv(report: PerformanceReport, stream: IO[bytes]) -> None:
    """The table, UTF-8 with BOM so that Excel reads Chinese.

    A text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@`, tab or line break first, full width and behind
    spaces too) gets a leading apostrophe. Source: OWASP, CSV Injection.
    """
    header, rows = performance_table(report.rows)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_guarded(name) for name in header])
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    text.detach()


def _guarded(cell: Cell) -> Cell:
    runs = isinstance(cell, str) and (cell.startswith(_FORMULA_STARTS) or cell.lstrip().startswith(_FORMULA_STARTS))
    return f"'{cell}" if runs else cell


def write_xlsx(report: PerformanceReport, stream: IO[bytes]) -> None:
    """A sheet `performance` with the table and a sheet `about` with the metadata. Texts are never formulas."""
    workbook = Workbook(write_only=True)
    header, rows = performance_table(report.rows)
    _fill(workbook.create_sheet("performance"), [header, *rows])
    _fill(workbook.create_sheet("about"), [[name, value] for name, value in report.metadata().items()])
    workbook.save(stream)


def _fill(sheet: WriteOnlyWorksheet, rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        sheet.append([_typed(sheet, cell) for cell in row])


def _typed(sheet: WriteOnlyWorksheet, value: Cell) -> SheetCell:
    """A cell whose text stays text: openpyxl alone would make a formula of `=…` and refuse control characters."""
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
