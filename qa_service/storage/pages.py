"""Cursors: where a page of a list ends, so that the next one starts there. Owns no list."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, false

from qa_service.errors import ErrorCode, InvalidInput

Values = tuple[Any, ...]

_ID = re.compile(r"[0-9a-f]{32}")
_LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One expression that a list is ordered by; `read` checks a value that comes back in a cursor (ValueError)."""

    column: ColumnElement[Any]
    is_descending: bool
    read: Callable[[Any], Any]

    @property
    def order(self) -> ColumnElement[Any]:
        """For ORDER BY."""
        return self.column.desc() if self.is_descending else self.column.asc()

    def after(self, value: Any) -> ColumnElement[bool]:
        """Rows that come later than `value`."""
        later: ColumnElement[bool] = self.column < value if self.is_descending else self.column > value
        return later


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """A total order: the last key is unique, so no row is on two pages or on none."""

    name: str
    keys: tuple[SortKey, ...]

    def after(self, values: Values) -> ColumnElement[bool]:
        """Rows that come later than the row with these values."""
        condition: ColumnElement[bool] = false()
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            condition = key.after(value) | ((key.column == value) & condition)
        return condition

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


def read_number(value: Any) -> float:
    """A finite number."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


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
