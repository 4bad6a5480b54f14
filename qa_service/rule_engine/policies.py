"""What the shop may promise: values by key with their dates. Owns no comparison (`values.compare`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from qa_service.domain.working_hours import WorkingHours
from qa_service.errors import ConfigError, ErrorCode
from qa_service.rule_engine.calendars import read_calendar
from qa_service.rule_engine.values.compare import Entitlement
from qa_service.rule_engine.values.quantity import Unit, plain
from qa_service.rule_engine.yaml_field import Field, read_yaml

_VALUED = ("value", "unit", "direction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy in force from `start` to `end` (inclusive; None: open).

    Either `value`, `unit` and `direction` are given, or `allowed` is.
    """

    key: str
    title: str
    source: str
    value: Fraction | None = None
    unit: Unit | None = None
    direction: Entitlement | None = None
    allowed: bool | None = None
    start: date | None = None
    end: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The `policy` part of an explanation."""
        shown: dict[str, Any] = {"key": self.key, "title": self.title, "source": self.source}
        if self.allowed is None:
            return {**shown, "value": plain(self.value), "unit": str(self.unit)}
        return {**shown, "allowed": self.allowed}

    def is_in_force(self, day: date | None) -> bool:
        """Whether it holds on `day`; without a day, whether it has no end."""
        if day is None:
            return self.end is None
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All policies by key and the sha256 of their files."""

    entries: Mapping[str, tuple[Policy, ...]]
    digest: str
    calendars: Mapping[str, WorkingHours] = field(default_factory=dict)

    def get(self, key: str, at: datetime | None) -> Policy | None:
        """The policy in force at a message's time, in that time's own zone; None if there is none then."""
        day = at.date() if at is not None else None
        return next((policy for policy in self.entries.get(key, ()) if policy.is_in_force(day)), None)

    def with_values(self, values: Mapping[str, Fraction]) -> Policies:
        """A copy in which these keys have these values at all times (what an example asks for)."""
        changed = {
            key: tuple(_overridden(policy, values[key]) for policy in policies[:1]) if key in values else policies
            for key, policies in self.entries.items()
        }
        return replace(self, entries=changed)


def load_policies(path: Path) -> Policies:
    """Read one policy file, or all `*.yaml` of a folder.

    Raises:
        ConfigError: (`invalid_policy`) with file and line: unreadable, unknown field, bad value, two policies of one key
            in force on one day.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ConfigError(f"{path.name} holds no policy file (*.yaml)", code=ErrorCode.INVALID_POLICY)
    entries: dict[str, list[Policy]] = {}
    calendars: dict[str, WorkingHours] = {}
    digest = hashlib.sha256()
    for file in files:
        document = read_yaml(file, label=file.name, code=ErrorCode.INVALID_POLICY)
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        fields = document.fields(required=("version", "policies"), optional=("calendars",))
        fields["version"].integer(minimum=1)
        if "calendars" in fields:
            _read_calendars(fields["calendars"], calendars)
        for item in fields["policies"].items():
            policy = _read_policy(item)
            _refuse_overlap(item, policy, entries.get(policy.key, []))
            entries.setdefault(policy.key, []).append(policy)
    return Policies(
        entries={key: tuple(found) for key, found in entries.items()},
        digest=digest.hexdigest(),
        calendars=calendars,
    )


def _read_calendars(document: Field, calendars: dict[str, WorkingHours]) -> None:
    for name, item in document.entries().items():
        if name in calendars:
            raise item.error(f"there is already a calendar {name} in another file")
        calendars[name] = read_calendar(item)


def _read_policy(item: Field) -> Policy:
    fields = item.fields(required=("key", "title", "source"), optional=(*_VALUED, "allowed", "from", "until"))
    start = fields["from"].day() if "from" in fields else None
    end = fields["until"].day() if "until" in fields else None
    if start and end and end < start:
        raise fields["until"].error("must not be before from")
    policy = Policy(
        key=fields["key"].text(), title=fields["title"].text(), source=fields["source"].text(), start=start, end=end
    )
    given = [name for name in _VALUED if name in fields]
    if "allowed" in fields and not given:
        return replace(policy, allowed=fields["allowed"].boolean())
    if "allowed" in fields or len(given) < len(_VALUED):
        raise item.error("give either value, unit and direction, or allowed")
    unit = fields["unit"].choice(Unit)
    value = fields["value"].exact()
    if value < 0 or unit is Unit.UNLIMITED:
        raise item.error("the value must not be negative and its unit not unlimited")
    return replace(policy, value=value, unit=unit, direction=fields["direction"].choice(Entitlement))


def _refuse_overlap(item: Field, policy: Policy, others: list[Policy]) -> None:
    for other in others:
        starts_in_time = other.end is None or policy.start is None or policy.start <= other.end
        ends_in_time = policy.end is None or other.start is None or other.start <= policy.end
        if starts_in_time and ends_in_time:
            raise item.error(f"{policy.key} is given twice for the same days; set from and until apart")
        if (policy.allowed is None) != (other.allowed is None):
            raise item.error(f"{policy.key} is a value in one entry and a permission in another")


def _overridden(policy: Policy, value: Fraction) -> Policy:
    if policy.allowed is not None:
        return replace(policy, allowed=bool(value), start=None, end=None)
    return replace(policy, value=value, start=None, end=None)
