"""XLSX, one turn a row of the first sheet → conversations. Owns workbooks; the columns are `table`'s."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from qa_service.domain.conversation import Conversation
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.field_checks import invalid
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.table import Row, read_table

# What openpyxl, zipfile and the XML parser (a SyntaxError) raise on damaged or encrypted workbooks.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    SyntaxError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
)
# Source: Excel specifications and limits (Microsoft), rows of a worksheet. A forged row number beyond would be
# filled up with blank rows for ever.
_MAX_ROWS = 1_048_576
_FORMULA, _ERROR = "f", "e"


def read_xlsx(path: Path, *, default_zone: ZoneInfo | None, limits: Limits) -> Iterator[Conversation | Rejected]:
    """Stream the first sheet.

    A formula is refused, naming its cell: none is evaluated, and its stored value may be old.

    Nothing is unpacked before the sizes in the archive's directory are checked against `limits.xlsx_bytes`.
    """
    try:
        _check_unpacked_size(path, limits)
        workbook = _open(path)
    except InvalidInput as error:
        yield Rejected(line=None, external_id=None, error=error)
        return
    # The rows are closed too when the caller stops early: they hold the file open on their own.
    with closing(workbook), closing(_rows(workbook)) as rows:
        try:
            yield from read_table(rows, default_zone=default_zone, limits=limits)
        except InvalidInput as error:
            yield Rejected(line=None, external_id=None, error=error)


def _check_unpacked_size(path: Path, limits: Limits) -> None:
    # zipfile never unpacks more of a member than the directory says, so a forged size cuts the member short.
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except _DAMAGED as error:
        raise _damaged() from error
    if size > limits.xlsx_bytes:
        problem = f"unpacks to more than {limits.xlsx_bytes} bytes (limit xlsx_bytes); split it or save it as CSV"
        raise invalid("file", problem, code=ErrorCode.TOO_LARGE)


def _open(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it leaves out; values are not among them.
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except _DAMAGED as error:
        raise _damaged() from error
    return workbook


def _rows(workbook: Any) -> Generator[Row, None, None]:
    """Rows padded to the widest so far: a sheet leaves out trailing blank cells."""
    width = 0
    with closing(_cells(workbook)) as sheet:
        for line, row in enumerate(islice(sheet, _MAX_ROWS), start=1):
            if not row:
                continue
            width = max(width, len(row))
            texts = tuple(_text(cell) for cell in row)
            yield Row(line=line, cells=texts + ("",) * (width - len(texts)), error=_formula_error(row))


def _cells(workbook: Any) -> Generator[tuple[Any, ...], None, None]:
    try:
        sheet = workbook.worksheets[0]
        # Some programs state a wrong size of the sheet; openpyxl would cut the rows to it.
        sheet.reset_dimensions()
        yield from sheet.iter_rows()
    except _DAMAGED as error:
        raise _damaged() from error


def _formula_error(row: tuple[Any, ...]) -> InvalidInput | None:
    for cell in row:
        if cell.data_type in (_FORMULA, _ERROR):
            return invalid(f"cell {cell.coordinate}", "holds a formula or an error; paste the value in its place")
    return None


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type in (_FORMULA, _ERROR):
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _damaged() -> InvalidInput:
    problem = "is damaged, encrypted or no XLSX workbook; save it again as .xlsx without password"
    return invalid("file", problem, code=ErrorCode.UNKNOWN_FORMAT)
