"""Checks of single JSON values: type, characters, length, range. Owns no knowledge of which fields there are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timezone
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from qa_service.errors import ErrorCode, InvalidInput

_Choice = TypeVar("_Choice", bound=StrEnum)
_DATE_LENGTH = len("2026-11-02")
_SHOWN_NAME_LENGTH = 64
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Control, format, surrogate and private use. Not `Cn`: what this Python does not know yet is a newer emoji or ideograph.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co")
_JOINER = "\u200d"


def invalid(field: str, problem: str, *, code: ErrorCode = ErrorCode.INVALID_FIELD) -> InvalidInput:
    """The error of one field; its message opens with the field."""
    return InvalidInput(f"{field}: {problem}", code=code, field=field)


def check_object(value: object, field: str, *, known: Sequence[str], required: Sequence[str]) -> dict[str, object]:
    """An object with known fields only and all the required ones, null counting as missing.

    Args:
        value: anything.
        field: its path, "" for the outermost object.
        known: names of the fields it may have.
        required: names of the fields it must have.

    Raises:
        InvalidInput: `invalid_field` for another type or an unknown field, `missing_field`.
    """
    if not isinstance(value, dict):
        raise invalid(field or "conversation", "must be a JSON object")
    for name in value:
        if name not in known:
            raise invalid(_path(field, _shown(name)), f"unknown field; known are {', '.join(known)}")
    for name in required:
        if value.get(name) is None:
            raise invalid(_path(field, name), "is required", code=ErrorCode.MISSING_FIELD)
    return value


def check_list(value: object, field: str) -> list[object]:
    """A list; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(field, "must be a list")
    return value


def check_characters(value: object, field: str, *, limit: int, limit_name: str) -> str:
    """A string of at most `limit` code points that every later step can store and encode.

    Raises:
        InvalidInput: `invalid_field` for another type, `too_large`, `invalid_text` for NUL and lone surrogates.
    """
    if not isinstance(value, str):
        raise invalid(field, "must be a string")
    if len(value) > limit:
        raise invalid(field, f"has more than {limit} characters (limit {limit_name})", code=ErrorCode.TOO_LARGE)
    # PostgreSQL stores neither; a lone surrogate cannot even be written as UTF-8.
    if "\x00" in value:
        raise invalid(field, "contains a NUL character; remove it", code=ErrorCode.INVALID_TEXT)
    if _SURROGATE.search(value):
        raise invalid(field, "contains a lone surrogate; export it as UTF-8", code=ErrorCode.INVALID_TEXT)
    return value


def check_printable(value: object, field: str, *, limit: int) -> str:
    """A string of one line that a terminal, a page and a spreadsheet show as it is: an id, a name, an attribute.

    Raises:
        InvalidInput: as `check_characters`; `invalid_text` for characters that cannot be seen (Unicode categories Cc,
            Cf but the joiner of emoji, Cs, Co).
    """
    text = check_characters(value, field, limit=limit, limit_name="field_characters")
    if not is_printable(text):
        problem = "contains a control or other invisible character; remove it"
        raise invalid(field, problem, code=ErrorCode.INVALID_TEXT)
    return text


def is_printable(text: str) -> bool:
    """Whether `text` has no character that cannot be seen."""
    return all(map(_is_printable, text))


def _is_printable(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character) not in _UNPRINTABLE


def check_name(value: object, field: str, *, limit: int) -> str:
    """A required id or name: a string that is not blank."""
    name = check_printable(value, field, limit=limit)
    if not name.strip():
        raise invalid(field, "must not be blank", code=ErrorCode.MISSING_FIELD)
    return name


def check_optional_name(value: object, field: str, *, limit: int) -> str | None:
    """An optional id or name; blank means none, since exports write "" for what they do not know."""
    if value is None:
        return None
    name = check_printable(value, field, limit=limit)
    return name if name.strip() else None


def check_choice(value: object, field: str, choices: type[_Choice]) -> _Choice:
    """One of an enum's values, exactly as written there."""
    if isinstance(value, str) and value in list(choices):
        return choices(value)
    raise invalid(field, f"must be one of {', '.join(choices)}")


def check_number(value: object, field: str, *, low: float, high: float) -> float:
    """A number in `[low, high]`; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(field, "must be a number")
    if not low <= value <= high:  # NaN is not either
        raise invalid(field, f"must be from {low:g} to {high:g}")
    return float(value)


def check_time(value: object, field: str, *, default_zone: ZoneInfo | None) -> datetime | None:
    """An ISO 8601 date and time, or None for null and blank.

    Returns:
        The time with a fixed offset: two times of one zone that differ by daylight saving only would otherwise never
        compare equal to what is read back.

    Raises:
        InvalidInput: `invalid_field`, or `time_zone_missing` for a time without offset when there is no default zone.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    time = _parse_time(value, field)
    if time.tzinfo is None:
        if default_zone is None:
            problem = "has no offset such as +08:00; add it or configure a default time zone"
            raise invalid(field, problem, code=ErrorCode.TIME_ZONE_MISSING)
        time = time.replace(tzinfo=default_zone)
    return _with_fixed_offset(time, field)


def _parse_time(value: object, field: str) -> datetime:
    problem = "must be an ISO 8601 time such as 2026-11-02T09:58:00+08:00"
    if not isinstance(value, str) or len(value) <= _DATE_LENGTH:
        raise invalid(field, problem)
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid(field, problem) from error


def _with_fixed_offset(time: datetime, field: str) -> datetime:
    try:
        instant = time.astimezone(UTC)
    except OverflowError as error:
        raise invalid(field, "is outside the years 1 to 9999") from error
    return instant.astimezone(timezone(time.replace(tzinfo=UTC) - instant))


def _path(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _shown(name: object) -> str:
    """A field name that is safe to print: short, `?` for what cannot be seen."""
    return "".join(letter if _is_printable(letter) else "?" for letter in str(name)[:_SHOWN_NAME_LENGTH])
