from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from qa_service.storage.types import Points, UtcTime

CHINA = timezone(timedelta(hours=8))
DIALECTS = [pytest.param(sqlite.dialect(), id="sqlite"), pytest.param(postgresql.dialect(), id="postgresql")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_times_are_written_and_read_in_utc(dialect: Dialect) -> None:
    local = datetime(2026, 11, 2, 10, 0, tzinfo=CHINA)
    stored = UtcTime().process_bind_param(local, dialect)
    read = UtcTime().process_result_value(stored, dialect)
    assert read == local
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "moment",
    [datetime(1, 1, 1, tzinfo=CHINA), datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8)))],
    ids=["first day", "last day"],
)
def test_a_time_that_utc_cannot_say_is_stored_as_the_nearest(moment: datetime, dialect: Dialect) -> None:
    stored = UtcTime().process_bind_param(moment, dialect)
    assert stored is not None
    assert stored.year == moment.year


def test_a_time_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcTime().process_bind_param(datetime(2026, 11, 2), sqlite.dialect())  # noqa: DTZ001


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("83.25", "83.25"),
        ("0", "0"),
        ("100", "100"),
        ("66.66665", "66.6666"),
        ("66.66675", "66.6668"),
        ("-3.5", "-3.5"),
    ],
)
def test_points_are_exact_to_four_places(points: str, expected: str, dialect: Dialect) -> None:
    stored = Points().process_bind_param(Decimal(points), dialect)
    assert Points().process_result_value(stored, dialect) == Decimal(expected)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", [UtcTime(), Points()], ids=["time", "points"])
def test_nothing_stays_nothing(kind: UtcTime | Points, dialect: Dialect) -> None:
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None
