"""Which time a report is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from qa_service.errors import ErrorCode, InvalidInput

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_LAST_YEAR = 9998  # the month after 9999-12 cannot be written


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`name` as people write it; times in `[since, until)`, timezone-aware."""

    name: str
    since: datetime
    until: datetime

    @property
    def midnights(self) -> tuple[datetime, ...]:
        """When each of its days begins in the zone, in order; the first is `since`."""
        days = (self.until.date() - self.since.date()).days
        return tuple(self.since + timedelta(days=number) for number in range(days))


def parse_period(text: str, zone: tzinfo) -> Period:
    """`2026-11` → that month from its first midnight in `zone` to the next month's.

    Raises:
        InvalidInput: `invalid_field` for anything but `YYYY-MM`.
    """
    match = _MONTH.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= _LAST_YEAR:
        raise InvalidInput("period must be a month such as 2026-11", code=ErrorCode.INVALID_FIELD, field="period")
    year, month = int(match[1]), int(match[2])
    return Period(
        name=text,
        since=datetime(year, month, 1, tzinfo=zone),
        until=datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone),
    )
