"""Rows of a table, one turn a row, → conversations. Owns header names and grouping; `csv` and `xlsx` own cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation, Role
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.aliases import KIND_ALIASES, ROLE_ALIASES, generic_word
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.field_checks import invalid, is_printable
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.written_time import iso_time

HEADERS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("会话id", "对话id", "session_id", "conversation_id", "external_id"),
    "role": ("角色", "身份", "role"),
    "sender": ("发送者", "昵称", "姓名", "用户", "sender", "sender_id", "from", "name"),
    "agent_id": ("客服id", "agent_id"),
    "agent_name": ("客服姓名", "客服昵称", "agent_name"),
    "agent_group": ("客服组", "技能组", "agent_group"),
    "at": ("时间", "日期", "time", "timestamp", "at"),
    "text": ("内容", "消息", "content", "message", "text"),
    "kind": ("类型", "kind"),
    "channel": ("渠道", "channel"),
    "shop": ("店铺", "shop"),
}
"""Field → accepted header cells, in lower case with `_` for spaces."""

REQUIRED = ("external_id", "role", "text")
_FIELD_OF_HEADER = {alias: field for field, aliases in HEADERS.items() for alias in aliases}
_TURN_OF_FIELD = re.compile(r"turns\[(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. `line` counts from 1; `error` says why its cells cannot be trusted."""

    line: int
    cells: tuple[str, ...]
    error: InvalidInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each field stands. `extra` are the columns of other names, kept as attributes."""

    width: int
    places: Mapping[str, int]
    extra: Mapping[str, int]

    def cell(self, row: Row, field: str) -> str | None:
        """The field's cell; None where there is no such column or the row ends before it."""
        place = self.places.get(field)
        return None if place is None or place >= len(row.cells) else row.cells[place]

    def value(self, row: Row, field: str) -> str | None:
        """The same without outer spaces, None for a blank cell too."""
        return (self.cell(row, field) or "").strip() or None


def read_table(
    rows: Iterable[Row], *, default_zone: ZoneInfo | None, limits: Limits
) -> Iterator[Conversation | Rejected]:
    """Group consecutive rows of one conversation id; the first row that is not blank is the header.

    Holds one conversation and the ids seen so far. Rows of an id that come back after another id's rows are refused
    once: the first of them was handed out already.
    """
    filled = (row for row in rows if row.error or any(cell.strip() for cell in row.cells))
    header = next(filled, None)
    if header is None:
        yield Rejected(line=1, external_id=None, error=invalid("header", "the table is empty; write a header row"))
        return
    try:
        columns = read_header(header)
    except InvalidInput as error:
        yield Rejected(line=header.line, external_id=None, error=error)
        return
    seen: dict[str, bool] = {}
    for external_id, group in groupby(filled, key=lambda row: columns.value(row, "external_id")):
        # One row over the limit is enough for the reader to refuse it.
        some = list(islice(group, limits.turns + 1))
        if external_id is None or external_id not in seen:
            yield _read_group(external_id, some, columns, default_zone, limits)
        elif not seen[external_id]:
            problem = "its rows are not together: some stand before another conversation; sort the file by conversation"
            yield Rejected(line=some[0].line, external_id=external_id, error=invalid("external_id", problem))
        if external_id is not None:
            seen[external_id] = external_id in seen


def read_header(row: Row) -> Columns:
    """Find the columns.

    Raises:
        InvalidInput: `missing_field` naming the accepted names of a required column, `invalid_field` for two columns
            of one meaning; a formula.
    """
    if row.error:
        raise row.error
    places: dict[str, int] = {}
    extra: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        name = cell.strip()
        field = _FIELD_OF_HEADER.get(name.lower().replace(" ", "_"))
        if field in places:
            raise invalid("header", f"columns {places[field] + 1} and {place + 1} both mean {field}; rename one")
        if field:
            places[field] = place
        elif name:
            extra.setdefault(name, place)
    for field in REQUIRED:
        if field not in places:
            problem = f"no column {field}; name it one of {', '.join(HEADERS[field])}"
            raise invalid("header", problem, code=ErrorCode.MISSING_FIELD)
    return Columns(width=len(row.cells), places=places, extra=extra)


def _read_group(
    external_id: str | None, rows: Sequence[Row], columns: Columns, default_zone: ZoneInfo | None, limits: Limits
) -> Conversation | Rejected:
    try:
        for row in rows:
            _check_row(row, columns)
        document = _document(external_id, rows, columns)
        return read_conversation(document, default_zone=default_zone, limits=limits)
    except InvalidInput as error:
        shown = external_id if is_printable(external_id or "") else None
        return Rejected(line=_line_of(error, rows), external_id=shown, error=error)


def _check_row(row: Row, columns: Columns) -> None:
    if row.error:
        raise row.error
    if any(cell.strip() for cell in row.cells[columns.width :]):
        problem = "has more cells than the header; put quotes around a text with commas"
        raise invalid(f"line {row.line}", problem)


def _line_of(error: InvalidInput, rows: Sequence[Row]) -> int:
    """The line that the error is about: a row's own, a turn's, else the conversation's first."""
    own = next((row.line for row in rows if row.error is error or error.field == f"line {row.line}"), None)
    if own is not None:
        return own
    turn = _TURN_OF_FIELD.match(error.field or "")
    return rows[int(turn[1]) if turn else 0].line


def _document(external_id: str | None, rows: Sequence[Row], columns: Columns) -> dict[str, Any]:
    """The generic object; what is missing or unknown stays so, for the reader to refuse."""
    ids = _ids_by_name(rows, columns)
    turns = [_turn(row, columns, ids) for row in rows]
    return {
        "external_id": external_id,
        "channel": _first(columns.value(row, "channel") for row in rows),
        "shop": _first(columns.value(row, "shop") for row in rows),
        "customer": {"id": _first(turn["sender_id"] for turn in turns if turn["role"] == Role.CUSTOMER)},
        "agents": _agents(rows, columns, turns),
        "attributes": {name: _first(_at(row, place) for row in rows) for name, place in columns.extra.items()},
        "turns": turns,
    }


def _turn(row: Row, columns: Columns, ids: Mapping[str, set[str]]) -> dict[str, Any]:
    role = _role(row, columns)
    kind = columns.value(row, "kind")
    return {
        "role": role,
        "sender_id": _agent(row, columns, ids) if role == Role.AGENT else columns.value(row, "sender"),
        "at": iso_time(columns.value(row, "at")),
        "text": columns.cell(row, "text"),
        "kind": kind and generic_word(kind, KIND_ALIASES),
    }


def _role(row: Row, columns: Columns) -> str:
    return generic_word(columns.value(row, "role") or "", ROLE_ALIASES)


def _names(row: Row, columns: Columns) -> list[str]:
    names = (columns.value(row, "sender"), columns.value(row, "agent_name"))
    return [name for name in names if name]


def _ids_by_name(rows: Sequence[Row], columns: Columns) -> dict[str, set[str]]:
    """The agent ids that each name stands beside in this conversation."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        agent_id = columns.value(row, "agent_id")
        if agent_id and _role(row, columns) == Role.AGENT:
            for name in _names(row, columns):
                ids.setdefault(name, set()).add(agent_id)
    return ids


def _agent(row: Row, columns: Columns, ids: Mapping[str, set[str]]) -> str | None:
    """The row's agent id; where the cell is blank, the one id that its names stand beside elsewhere.

    Names of several ids leave the turn to nobody. A name that never has an id is a person of its own: with nobody named
    there, the turn would fall to the only other agent of the chat.
    """
    agent_id = columns.value(row, "agent_id")
    names = _names(row, columns)
    known = {agent_id} if agent_id else {known_id for name in names for known_id in ids.get(name, ())}
    candidates = list(known) or names[:1]
    return candidates[0] if len(candidates) == 1 else None


def _agents(rows: Sequence[Row], columns: Columns, turns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    agents: dict[str, dict[str, Any]] = {}
    for row, turn in zip(rows, turns, strict=True):
        if turn["role"] == Role.AGENT and turn["sender_id"]:
            name = columns.value(row, "agent_name") or columns.value(row, "sender")
            agent = {"id": turn["sender_id"], "name": name, "group": columns.value(row, "agent_group")}
            agents.setdefault(turn["sender_id"], agent)
    return list(agents.values())


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _at(row: Row, place: int) -> str | None:
    return row.cells[place].strip() if place < len(row.cells) else None
