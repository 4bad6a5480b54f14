"""A file of any accepted format → conversations. Owns the choice of the format; the formats own themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.csv import read_csv
from qa_service.ingest.encoding import CHUNK_SIZE
from qa_service.ingest.jsonl import read_lines
from qa_service.ingest.limits import DEFAULT_LIMITS, Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.txt import read_txt
from qa_service.ingest.xlsx import read_xlsx

STANDARD_INPUT = Path("-")
_FORMAT_OF_SUFFIX = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".xlsx": "xlsx", ".txt": "txt"}


class _Reader(Protocol):
    def __call__(
        self, path: Path, *, default_zone: ZoneInfo | None, limits: Limits
    ) -> Iterator[Conversation | Rejected]:
        """Stream one file."""


def read_path(
    path: Path, *, format: str = "auto", default_zone: ZoneInfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Conversation | Rejected]:
    """Stream the conversations of a file, in order, one rejection for each that is wrong.

    Args:
        path: a file, or `-` for JSON Lines from standard input.
        format: `jsonl`, `csv`, `xlsx`, `txt`, or `auto` to go by the suffix.
        default_zone: zone of times without offset; None refuses them.
        limits: upper bounds.

    Raises:
        InvalidInput: at once, `unknown_format` for an unknown suffix or format, `not_found` for a file that cannot be
            opened.
    """
    reader = _READERS.get(_resolve_format(path, format))
    if reader is None:
        problem = f"path: unknown format; give one of {', '.join(_READERS)} with the format option"
        raise InvalidInput(problem, code=ErrorCode.UNKNOWN_FORMAT, field="path")
    if path != STANDARD_INPUT:
        _check_readable(path)
    return reader(path, default_zone=default_zone, limits=limits)


def _resolve_format(path: Path, format: str) -> str:
    if path == STANDARD_INPUT:
        return "jsonl" if format in ("auto", "jsonl") else "unknown"
    return _FORMAT_OF_SUFFIX.get(path.suffix.lower(), "unknown") if format == "auto" else format


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        problem = f"path: {path.name} cannot be opened: {error.strerror}"
        raise InvalidInput(problem, code=ErrorCode.NOT_FOUND, field="path") from error


def _read_jsonl(path: Path, *, default_zone: ZoneInfo | None, limits: Limits) -> Iterator[Conversation | Rejected]:
    if path == STANDARD_INPUT:
        yield from read_lines(_chunks(sys.stdin.buffer), default_zone=default_zone, limits=limits)
        return
    with path.open("rb") as stream:
        yield from read_lines(_chunks(stream), default_zone=default_zone, limits=limits)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.read, CHUNK_SIZE), b"")


_READERS: dict[str, _Reader] = {"jsonl": _read_jsonl, "csv": read_csv, "xlsx": read_xlsx, "txt": read_txt}
