"""Cursors: where a page of a list ends, so that the next one starts there. Owns no list."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_

from qa_service.errors import ErrorCode, InvalidInput

Values = tuple[Any, ...]

_ID = re.compile(r"[0-9a-f]{32}")
_LARGEST_COUNT = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One column that a list is ordered by; `read` checks a value that comes back in a cursor (ValueError)."""

    column: ColumnElement[Any]
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """A total order: the last key is unique, so no row is on two pages or on none.

    All keys run in one direction: then one comparison of rows says where a page begins, and an index over the keys leads
    there however far down the list it is.
    """

    name: str
    is_descending: bool
    keys: tuple[SortKey, ...]

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """For ORDER BY."""
        return [key.column.desc() if self.is_descending else key.column.asc() for key in self.keys]

    def after(self, values: Values) -> ColumnElement[bool]:
        """Rows that come later than the row with these values."""
        here = tuple_(*(key.column for key in self.keys))
        there = tuple_(*(literal(value, key.column.type) for key, value in zip(self.keys, values, strict=True)))
        return here < there if self.is_descending else here > there

    def cursor(self, values: Sequence[Any]) -> str:
        """Opaque text for `values`, those of the page's last row."""
        plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
        return base64.urlsafe_b64encode(json.dumps([self.name, *plain]).encode()).decode().rstrip("=")

    def values(self, cursor: str) -> Values:
        """What `cursor` was given.

        Raises:
            InvalidInput: this ordering never gave such a cursor.
        """
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            name, *plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if name != self.name:
                raise ValueError("another ordering")
            return tuple(key.read(value) for key, value in zip(self.keys, plain, strict=True))
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
            raise InvalidInput(
                "cursor: not one of this list; start again without it", code=ErrorCode.INVALID_FIELD, field="cursor"
            ) from error


def read_count(value: Any) -> int:
    """A whole number that a column can hold."""
    if type(value) is not int or not 0 <= value <= _LARGEST_COUNT:
        raise ValueError("not a count")
    return value


def read_time(value: Any) -> datetime:
    """A moment."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)


def read_id(value: Any) -> str:
    """An id of ours."""
    if _ID.fullmatch(value) is None:
        raise ValueError("not an id")
    return str(value)
