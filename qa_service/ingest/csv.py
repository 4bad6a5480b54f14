"""CSV, one turn a row → conversations. Owns quoting; the columns are `table`'s.

Not the standard library's parser: that one has to hold a cell of any size, or stops at its process-wide limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation
from qa_service.errors import InvalidInput
from qa_service.ingest.encoding import CHUNK_SIZE, detect_encoding
from qa_service.ingest.field_checks import invalid
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.table import Row, read_table

# A piece of a file splits into whole tokens: a run cut by the end of a piece goes on in the next one.
_TOKEN = re.compile(r'[^",\n]+|[",\n]')
_MAX_CELLS = 1_000


def read_csv(path: Path, *, default_zone: ZoneInfo | None, limits: Limits) -> Iterator[Conversation | Rejected]:
    """Stream a CSV file in UTF-8 (with or without BOM) or GB18030, comma-separated, quoted as Excel does.

    A column that is none of `table.HEADERS` becomes an attribute: its first filled cell in the conversation.
    """
    try:
        encoding = detect_encoding(path)
    except InvalidInput as error:
        yield Rejected(line=None, external_id=None, error=error)
        return
    with path.open(encoding=encoding) as stream:
        rows = read_rows(iter(partial(stream.read, CHUNK_SIZE), ""), cell_characters=limits.turn_characters + 1)
        yield from read_table(rows, default_zone=default_zone, limits=limits)


def read_rows(chunks: Iterable[str], *, cell_characters: int) -> Iterator[Row]:
    """Rows of CSV text given in pieces of any size, lines ending with a line feed.

    Cells are cut at `cell_characters`, rows at 1,000 cells, so no row takes more memory than that.
    """
    parser = _Parser(cell_characters)
    for chunk in chunks:
        for piece in _TOKEN.findall(chunk):
            row = parser.feed(piece)
            if row is not None:
                yield row
    last = parser.finish()
    if last is not None:
        yield last


class _State(Enum):
    CELL_START = auto()
    PLAIN = auto()
    QUOTED = auto()
    QUOTE_IN_QUOTED = auto()


class _Parser:
    """Excel's dialect as a state machine; a quote in a cell that did not begin with one is an ordinary character."""

    def __init__(self, cell_characters: int) -> None:
        self._cell_characters = cell_characters
        self._state = _State.CELL_START
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._cell_length = 0
        self._line = 1
        self._row_line = 1

    def feed(self, piece: str) -> Row | None:
        """Take one piece of text; return the row that it completes."""
        if piece == "\n":
            self._line += 1
        if self._state is _State.QUOTED:
            self._feed_quoted(piece)
            return None
        if self._state is _State.CELL_START and piece == '"':
            self._state = _State.QUOTED
        elif piece == ",":
            self._end_cell()
        elif piece == "\n":
            return self._end_row()
        elif self._state is _State.QUOTE_IN_QUOTED and piece == '"':
            self._append(piece)
            self._state = _State.QUOTED
        else:
            self._append(piece)
            self._state = _State.PLAIN
        return None

    def finish(self) -> Row | None:
        """Return the row that the file ends in, if it does not end with a line break."""
        if self._state is _State.QUOTED:
            problem = "a cell opened with a quote here or below is never closed; the rest of the file is lost"
            return self._end_row(error=invalid(f"line {self._row_line}", problem))
        return self._end_row() if self._cells or self._state is not _State.CELL_START else None

    def _feed_quoted(self, piece: str) -> None:
        if piece == '"':
            self._state = _State.QUOTE_IN_QUOTED
        else:
            self._append(piece)

    def _append(self, piece: str) -> None:
        room = self._cell_characters - self._cell_length
        if room > 0:
            self._cell.append(piece[:room])
            self._cell_length += min(len(piece), room)

    def _end_cell(self) -> None:
        if len(self._cells) < _MAX_CELLS:
            self._cells.append("".join(self._cell))
        self._cell = []
        self._cell_length = 0
        self._state = _State.CELL_START

    def _end_row(self, error: InvalidInput | None = None) -> Row:
        self._end_cell()
        row = Row(line=self._row_line, cells=tuple(self._cells), error=error)
        self._cells = []
        self._row_line = self._line
        return row
