"""`working_hours`, `sent`: when a turn was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_service.domain.working_hours import WorkingHours
from qa_service.rule_engine.answer import NO, Answer, Truth, not_applicable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.yaml_field import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The turn was said in opening hours."""

    calendar: Calendar

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits; not applicable without a time."""
        at = place.turn.began
        if at is None:
            return not_applicable("no_time")
        hours = self.calendar.of(place)
        if not hours.is_open(at):
            return NO
        return Answer(Truth.YES, details={"working_hours": _local(hours, at)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The turn was said from `start` on and before `end` (None: open)."""

    start: datetime | None
    end: datetime | None

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits; not applicable without a time."""
        at = place.turn.began
        if at is None:
            return not_applicable("no_time")
        is_in = (self.start is None or self.start <= at) and (self.end is None or at < self.end)
        return Answer(Truth.YES, details={"sent": at.isoformat()}) if is_in else NO


def _local(hours: WorkingHours, at: datetime) -> dict[str, Any]:
    return {"at": at.astimezone(hours.zone).isoformat(), "zone": str(hours.zone)}


def read_working_hours(field: Field, reader: Reader) -> Open:
    """`working_hours: shop_hours`, or a calendar written out."""
    return Open(calendar=reader.calendar(field))


def read_sent(field: Field, _reader: Reader) -> Sent:
    """`sent: {from: 2026-11-01T00:00+08:00, until: 2026-11-12T00:00+08:00}`."""
    fields = field.fields(optional=("from", "until"))
    start = fields["from"].moment() if "from" in fields else None
    end = fields["until"].moment() if "until" in fields else None
    if start is None and end is None:
        raise field.error("give from or until")
    if start and end and end <= start:
        raise fields["until"].error("must be after from")
    return Sent(start=start, end=end)
