"""Opening hours: breaks, nights, holidays, changes of clocks."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from qa_service.domain.working_hours import Opening, WorkingHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY = (Opening(9 * 60, 12 * 60), Opening(13 * 60, 18 * 60))
SHOP = WorkingHours(
    zone=SHANGHAI,
    weekly=dict.fromkeys(range(5), _DAY),
    special={date(2026, 10, 1): (), date(2026, 11, 14): (Opening(0, 24 * 60),)},
)
NIGHT = WorkingHours(zone=SHANGHAI, weekly=dict.fromkeys(range(7), (Opening(18 * 60, 26 * 60),)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        (SHOP, "2026-11-23T09:00", True),
        (SHOP, "2026-11-23T08:59", False),
        (SHOP, "2026-11-23T12:00", False),
        (SHOP, "2026-11-22T10:00", False),
        (SHOP, "2026-10-01T10:00", False),
        (SHOP, "2026-11-14T23:59", True),
        (NIGHT, "2026-11-23T01:59", True),
        (NIGHT, "2026-11-23T02:00", False),
        (NIGHT, "2026-11-23T18:00", True),
    ],
)
def test_somebody_is_there_in_opening_hours(hours: WorkingHours, moment: str, expected: bool) -> None:
    assert hours.is_open(at(moment)) is expected


def test_a_time_of_another_zone_is_compared_as_a_moment() -> None:
    assert SHOP.is_open(datetime.fromisoformat("2026-11-23T01:30+00:00"))


@pytest.mark.parametrize(
    ("hours", "first", "last", "minutes"),
    [
        (SHOP, "2026-11-23T11:50", "2026-11-23T13:05", 15),
        (SHOP, "2026-11-20T17:50", "2026-11-23T09:05", 15),
        (SHOP, "2026-11-23T20:00", "2026-11-24T09:02", 2),
        (SHOP, "2026-11-23T10:00", "2026-11-23T10:00", 0),
        (SHOP, "2026-11-23T10:05", "2026-11-23T10:00", 0),
        (SHOP, "2026-11-21T10:00", "2026-11-22T10:00", 0),
        (NIGHT, "2026-11-23T01:50", "2026-11-23T18:10", 20),
    ],
)
def test_only_opening_seconds_count(hours: WorkingHours, first: str, last: str, minutes: float) -> None:
    assert hours.seconds_between(at(first), at(last)) == 60 * minutes


def test_a_change_of_clocks_stretches_no_hour() -> None:
    hours = WorkingHours(zone=ZoneInfo("Europe/Berlin"), weekly={6: (Opening(0, 4 * 60),)})
    first, last = (datetime.fromisoformat(f"2026-03-29T{part}") for part in ("00:00+01:00", "04:00+02:00"))

    assert hours.seconds_between(first, last) == 3 * 3600


def test_overlapping_openings_of_two_days_count_once() -> None:
    hours = WorkingHours(zone=SHANGHAI, weekly={0: (Opening(0, 30 * 60),), 1: (Opening(5 * 60, 7 * 60),)})

    assert hours.seconds_between(at("2026-11-24T05:00"), at("2026-11-24T08:00")) == 2 * 3600


@pytest.mark.parametrize("first", ["0001-01-01T00:00", "1900-01-01T00:00"])
def test_impossible_times_are_never_open(first: str) -> None:
    assert SHOP.seconds_between(at(first), at("9999-12-31T23:59")) == 0
