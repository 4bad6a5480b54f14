"""JSON Lines → conversations, from any stream of bytes. Owns lines and JSON syntax, no fields."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import NoReturn
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.field_checks import is_printable
from qa_service.ingest.limits import DEFAULT_LIMITS, Limits
from qa_service.ingest.rejected import Rejected


def read_lines(
    stream: Iterable[bytes], *, default_zone: ZoneInfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Conversation | Rejected]:
    """One conversation or rejection a line, in order; blank lines are passed over.

    Args:
        stream: bytes in pieces of any size, as a file or a socket gives them; lines end with a line feed.
        default_zone: zone of times without offset; None refuses them.
        limits: upper bounds; of a line over `limits.line_bytes` no more than that is ever held.
    """
    return (entry for _, entry in read_numbered_lines(stream, default_zone=default_zone, limits=limits))


def read_numbered_lines(
    stream: Iterable[bytes], *, default_zone: ZoneInfo | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[int, Conversation | Rejected]]:
    """`read_lines` with the number of each line, from 1; blank lines count."""
    for number, line in enumerate(_bounded_lines(stream, limits.line_bytes), start=1):
        if line is None:
            problem = f"line {number}: is longer than {limits.line_bytes} bytes (limit line_bytes)"
            error = InvalidInput(problem, code=ErrorCode.TOO_LARGE, field=f"line {number}")
            yield number, Rejected(line=number, external_id=None, error=error)
            continue
        content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if content.strip():
            yield number, _read_line(content, number, default_zone, limits)


def parse_json(content: bytes, *, place: str) -> object:
    """Parse UTF-8 JSON.

    Args:
        content: one JSON value.
        place: what the error names, e.g. `line 12` or `body`.

    Raises:
        InvalidInput: `invalid_encoding` or `invalid_json`; the message quotes nothing of the content.
    """
    try:
        return json.loads(content.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        problem = f"{place}: is not UTF-8 (byte {error.start + 1}); save the file as UTF-8"
        raise InvalidInput(problem, code=ErrorCode.INVALID_ENCODING, field=place) from error
    except json.JSONDecodeError as error:
        problem = f"{place}: broken JSON at character {error.pos + 1}: {error.msg}"
        raise InvalidInput(problem, code=ErrorCode.INVALID_JSON, field=place) from error
    except (ValueError, RecursionError) as error:
        problem = f"{place}: JSON with NaN, Infinity, too long a number or too deep nesting"
        raise InvalidInput(problem, code=ErrorCode.INVALID_JSON, field=place) from error


def _read_line(content: bytes, number: int, default_zone: ZoneInfo | None, limits: Limits) -> Conversation | Rejected:
    data: object = None
    try:
        data = parse_json(content, place=f"line {number}")
        return read_conversation(data, default_zone=default_zone, limits=limits)
    except InvalidInput as error:
        return Rejected(line=number, external_id=_external_id(data, limits), error=error)


def _external_id(data: object, limits: Limits) -> str | None:
    """The id to report, if it is one that can be printed."""
    value = data.get("external_id") if isinstance(data, dict) else None
    if isinstance(value, str) and is_printable(value) and 0 < len(value) <= limits.field_characters:
        return value
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _bounded_lines(chunks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines without their line feed; None in place of a line over `limit` bytes."""
    line = bytearray()
    too_long = False
    for chunk in chunks:
        for index, part in enumerate(chunk.split(b"\n")):
            if index:
                yield None if too_long else bytes(line)
                line.clear()
                too_long = False
            too_long = too_long or len(line) + len(part) > limit
            if too_long:
                line.clear()
            else:
                line += part
    if line or too_long:
        yield None if too_long else bytes(line)
