"""The month that an overview page is about, and its neighbours. Owns no bounds in time (`reports`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.deps import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month as `YYYY-MM`; the neighbours are None at the ends of the calendar, or where the name is no month."""

    name: str
    previous: str | None
    following: str | None


def month_of(services: Services, period: str) -> Month:
    """The month asked for, else the present one in the zone of reports."""
    name = period or services.performance.clock.now().astimezone(services.performance.zone).strftime("%Y-%m")
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:  # the workflow refuses it and says how a month is written
        return Month(name=name, previous=None, following=None)
    return Month(name=name, previous=_shifted(first, -1), following=_shifted(first, 1))


def _shifted(first: date, months: int) -> str | None:
    number = first.year * 12 + first.month - 1 + months
    year, month = divmod(number, 12)
    return f"{year:04}-{month + 1:02}" if 1 <= year <= 9998 else None
