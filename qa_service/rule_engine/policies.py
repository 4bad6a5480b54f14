"""What the shop may promise: values by key with their dates. Owns no comparison (`values.compare`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from qa_service.domain.conversation import Conversation
from qa_service.domain.working_hours import WorkingHours
from qa_service.errors import ConfigError, ErrorCode
from qa_service.rule_engine.calendars import read_calendar
from qa_service.rule_engine.file_shape import POLICY, POLICY_FILE, VALUED
from qa_service.rule_engine.period import Period, read_period
from qa_service.rule_engine.policy_scope import EVERYWHERE, Scope, read_scope
from qa_service.rule_engine.values.compare import Entitlement
from qa_service.rule_engine.values.quantity import Unit, plain
from qa_service.rule_engine.yaml_field import Field, Origin, read_yaml


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
    scope: Scope = EVERYWHERE
    place: Origin | None = None

    def as_json(self) -> dict[str, Any]:
        """The `policy` part of an explanation."""
        shown: dict[str, Any] = {"key": self.key, "title": self.title, "source": self.source}
        shown |= self.scope.as_json()
        if self.allowed is None:
            return {**shown, "value": plain(self.value), "unit": str(self.unit)}
        return {**shown, "allowed": self.allowed}

    def is_in_force(self, day: date | None) -> bool:
        """Whether it holds on `day`; without a day, whether it has no end."""
        return Period(start=self.start, end=self.end).holds(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All policies by key and the sha256 of their files."""

    entries: Mapping[str, tuple[Policy, ...]]
    digest: str
    calendars: Mapping[str, WorkingHours] = field(default_factory=dict)

    def get(self, key: str, at: datetime | None, conversation: Conversation) -> Policy | None:
        """The policy in force for a conversation at a message's time, in that time's own zone: the most specific one.

        None if there is none then. That two are equally specific is refused at load.
        """
        day = at.date() if at is not None else None
        entries = self.entries.get(key, ())
        fitting = [policy for policy in entries if policy.is_in_force(day) and policy.scope.holds(conversation)]
        return max(fitting, key=lambda policy: policy.scope.size, default=None)

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
            that may be in force for one conversation on one day and are equally specific.
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
        POLICY_FILE.check(document)
        fields = document.entries()
        if "calendars" in fields:
            _read_calendars(fields["calendars"], calendars)
        for item in fields["policies"].items():
            policy = _read_policy(item)
            entries.setdefault(policy.key, []).append(policy)
    for found in entries.values():
        _refuse_overlaps(found)
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
    POLICY.check(item)
    fields = item.entries()
    period = read_period(fields)
    policy = Policy(
        key=fields["key"].text(),
        title=fields["title"].text(),
        source=fields["source"].text(),
        start=period.start,
        end=period.end,
        scope=read_scope(fields["when"]) if "when" in fields else EVERYWHERE,
        place=item.origin,
    )
    given = [name for name in VALUED if name in fields]
    if "allowed" in fields and not given:
        return replace(policy, allowed=fields["allowed"].boolean())
    if "allowed" in fields or len(given) < len(VALUED):
        raise item.error("give either value, unit and direction, or allowed")
    unit = fields["unit"].choice(Unit)
    value = fields["value"].exact()
    if unit is Unit.UNLIMITED:
        raise fields["unit"].error("must not be unlimited")
    return replace(policy, value=value, unit=unit, direction=fields["direction"].choice(Entitlement))


def _refuse_overlaps(entries: Sequence[Policy]) -> None:
    """Of one key: two that may hold for one conversation on one day need a more specific one that decides between them."""
    for at, policy in enumerate(entries):
        for other in entries[:at]:
            if (policy.allowed is None) != (other.allowed is None):
                raise _conflict(policy, other, "is a value in one entry and a permission in the other")
            if _overlap(policy, other) and not any(_decides(third, policy, other) for third in entries):
                raise _conflict(policy, other, "is given twice for the same days and conversations")


def _conflict(policy: Policy, other: Policy, detail: str) -> ConfigError:
    first = f"{other.place.file}:{other.place.line}" if other.place else "the other entry"
    message = f"{policy.key} {detail}, here and in {first}; set from and until apart, or add an entry for both scopes"
    assert policy.place is not None  # noqa: S101 - what was read has a place
    return policy.place.error(message)


def _overlap(policy: Policy, other: Policy) -> bool:
    starts_in_time = other.end is None or policy.start is None or policy.start <= other.end
    ends_in_time = policy.end is None or other.start is None or other.start <= policy.end
    is_as_specific = policy.scope.size == other.scope.size and policy.scope.with_other(other.scope) is not None
    return starts_in_time and ends_in_time and is_as_specific


def _decides(third: Policy, policy: Policy, other: Policy) -> bool:
    """Whether a more specific entry holds wherever and whenever both hold."""
    both = policy.scope.with_other(other.scope)
    starts = [entry.start for entry in (policy, other) if entry.start is not None]
    ends = [entry.end for entry in (policy, other) if entry.end is not None]
    from_start = third.start is None or (bool(starts) and third.start <= max(starts))
    to_end = third.end is None or (bool(ends) and third.end >= min(ends))
    return (
        both is not None and third.scope.size > policy.scope.size and third.scope.covers(both) and from_start and to_end
    )


def _overridden(policy: Policy, value: Fraction) -> Policy:
    if policy.allowed is not None:
        return replace(policy, allowed=bool(value), start=None, end=None, scope=EVERYWHERE)
    return replace(policy, value=value, start=None, end=None, scope=EVERYWHERE)
