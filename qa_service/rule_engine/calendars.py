"""Reads opening hours from packs and policy files. Owns no arithmetic (`domain.working_hours`)."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from qa_service.domain.working_hours import MINUTES_A_DAY, Opening, WorkingHours
from qa_service.rule_engine.shape import Either, Fields, ListOf, Named, OneOrMany, Text
from qa_service.rule_engine.yaml_field import Field

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = "daily"
_OPENING = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")

_TIMES = OneOrMany(Text(pattern=f"^{_OPENING.pattern}$"))
_DAY_NAME = "|".join(_WEEKDAYS)
CALENDAR = Fields(
    required={"zone": Text(), "open": Named(_TIMES, names=f"^({_EVERY_DAY}|({_DAY_NAME})(-({_DAY_NAME}))?)$")},
    optional={"closed": ListOf(Text()), "days": Named(_TIMES, names="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")},
)
"""`{zone: Asia/Shanghai, open: {mon-fri: 09:00-22:00}, closed: [2026-10-01], days: {2026-11-11: 00:00-24:00}}`."""


CALENDAR_OR_NAME = Either(mapping=CALENDAR, other=Text())
"""A calendar written out, or the name of one of the policies."""


def read_calendar(field: Field) -> WorkingHours:
    """One calendar.

    Raises:
        SourceError: an unknown zone, day or time, a weekday given twice, openings of one day that overlap.
    """
    CALENDAR.check(field)
    fields = field.entries()
    weekly: dict[int, tuple[Opening, ...]] = {}
    for name, openings in fields["open"].entries().items():
        for day in _weekdays(name, openings):
            if day in weekly:
                raise openings.error(f"{_WEEKDAYS[day]} is given twice")
            weekly[day] = _openings(openings)
    special = {item.day(): () for item in fields["closed"].items()} if "closed" in fields else {}
    days = fields["days"].entries() if "days" in fields else {}
    own: dict[date, tuple[Opening, ...]] = {**special}
    for name, openings in days.items():
        day_of = _day(name, openings)
        if day_of in own:
            raise openings.error(f"{name} is given twice")
        own[day_of] = _openings(openings)
    return WorkingHours(zone=_zone(fields["zone"]), weekly=weekly, special=own)


def _zone(field: Field) -> ZoneInfo:
    try:
        return ZoneInfo(field.text())
    except (KeyError, ValueError, OSError):
        raise field.error("must be a time zone name like Asia/Shanghai") from None


def _day(name: str, field: Field) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError:
        raise field.error("must be named by a date like 2026-11-11") from None


def _weekdays(name: str, field: Field) -> range:
    """`daily`, `mon` or `mon-fri`."""
    if name == _EVERY_DAY:
        return range(len(_WEEKDAYS))
    first, _, last = name.partition("-")
    last = last or first
    if first not in _WEEKDAYS or last not in _WEEKDAYS or _WEEKDAYS.index(last) < _WEEKDAYS.index(first):
        raise field.error(f"must be named {_EVERY_DAY}, a day of {', '.join(_WEEKDAYS)}, or from-to like mon-fri")
    return range(_WEEKDAYS.index(first), _WEEKDAYS.index(last) + 1)


def _openings(field: Field) -> tuple[Opening, ...]:
    found = sorted((_opening(item) for item in field.one_or_many()), key=lambda opening: opening.start)
    for before, after in pairwise(found):
        if after.start < before.end:
            raise field.error("two openings of one day overlap")
    return tuple(found)


def _opening(field: Field) -> Opening:
    """`09:00-22:00`; an end at or before the start is in the next day."""
    match = _OPENING.fullmatch(field.text())
    if match is None:
        raise field.error("must be a time like 09:00-22:00")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    start, end = 60 * from_hour + from_minute, 60 * to_hour + to_minute
    if max(from_minute, to_minute) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise field.error("must be between 00:00 and 24:00")
    return Opening(start, end if end > start else end + MINUTES_A_DAY)
