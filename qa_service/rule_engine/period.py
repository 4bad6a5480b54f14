"""From which day to which day a rule or a policy holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Both days inclusive; None: open."""

    start: date | None = None
    end: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether it holds on `day`; without a day, whether it has no end."""
        if day is None:
            return self.end is None
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


ALWAYS = Period()


def read_period(fields: dict[str, Field]) -> Period:
    """The optional fields `from` and `until`.

    Raises:
        SourceError: no dates, or the end before the start.
    """
    start = fields["from"].day() if "from" in fields else None
    end = fields["until"].day() if "until" in fields else None
    if start and end and end < start:
        raise fields["until"].error("must not be before from")
    return Period(start=start, end=end)
