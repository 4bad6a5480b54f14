"""When somebody is there to answer. Owns the arithmetic of opening hours, not where they are written (`rule_engine`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60
# Times beyond are mistakes of a source, and at the ends of the calendar cannot be moved to another zone.
_FIRST_YEAR, _LAST_YEAR = 1969, 2200


@dataclass(frozen=True, slots=True)
class Opening:
    """Minutes since midnight, `start` before `end`; an `end` over 1440 lies in the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkingHours:
    """Openings by weekday (0 Monday … 6 Sunday) in local time; `special` days have their own (none: closed)."""

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Opening, ...]]
    special: Mapping[date, tuple[Opening, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        return any(start <= at < end for start, end in self._openings(at, at))

    def seconds_between(self, first: datetime, last: datetime) -> float:
        """Opening seconds from `first` to `last`; 0 if `last` is not later."""
        overlaps = ((min(end, last) - max(start, first)).total_seconds() for start, end in self._openings(first, last))
        return sum(overlap for overlap in overlaps if overlap > 0)

    def _openings(self, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
        """In order of day, from the day before the first (a night shift) to the day of the last."""
        if min(first.year, last.year) <= _FIRST_YEAR or max(first.year, last.year) >= _LAST_YEAR:
            return
        day, end = first.astimezone(self.zone).date() - timedelta(days=1), last.astimezone(self.zone).date()
        reached = datetime.min.replace(tzinfo=UTC)
        while day <= end:
            for opening in self.special.get(day, self.weekly.get(day.weekday(), ())):
                start = max(self._moment(day, opening.start), reached)
                reached = max(self._moment(day, opening.end), reached)
                yield start, reached
            day += timedelta(days=1)

    def _moment(self, day: date, minute: int) -> datetime:
        """Local wall time as UTC, so that a change of clocks does not stretch an hour."""
        days, rest = divmod(minute, MINUTES_A_DAY)
        local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=self.zone)
        return local.astimezone(UTC)
