"""The audit log: who did what on what, chained by hashes so that an edited or missing row shows. Owns no storage.

docs/adr/0019-audit-log.md says why it is made like this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
"""What the first row carries as the hash of the row before it."""


class AuditEvent(StrEnum):
    """What was done. Values stand in stored rows: a value is never renamed or used for something else."""

    # judgements
    VERDICT = "verdict"
    SUSPICION_CLEARED = "suspicion_cleared"
    MOOD_CORRECTED = "mood_corrected"
    SCORE_CHANGED = "score_changed"
    ASSIGNED = "assigned"
    # rules
    RULES_PUBLISHED = "rules_published"
    RULES_WITHDRAWN = "rules_withdrawn"
    RULES_RELOADED = "rules_reloaded"
    RULE_DEMOTED = "rule_demoted"
    RULE_RESTORED = "rule_restored"
    # what leaves the service
    PERFORMANCE_EXPORTED = "performance_exported"
    PERFORMANCE_PUSHED = "performance_pushed"
    VERDICTS_EXPORTED = "verdicts_exported"
    AUDIT_EXPORTED = "audit_exported"
    TEXT_UNMASKED = "text_unmasked"
    # people and keys
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    USER_MADE = "user_made"
    USER_CHANGED = "user_changed"
    LOGIN_LINK_MADE = "login_link_made"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    SESSIONS_ENDED = "sessions_ended"
    # operation
    REQUEUED = "requeued"
    ERASED = "erased"
    RETENTION_APPLIED = "retention_applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act. `on`, `before` and `after` hold ids, figures and states as plain JSON, never transcript text.

    Attributes:
        at: when; aware.
        by: name of who acted; `system` where no person or program asked for it.
        role: the role of who acted; None for the system and for whoever is not known.
        event: what was done, an `AuditEvent`; any text in a row that somebody edited.
        on: kind of thing → its id (`{"conversation": …, "finding": …}`).
        shop: whose rows it touches; None where it is nobody's alone.
        before: the values before; None where there were none.
        after: the values after; None where there are none.
        request_id: of the request that asked for it.
        address: of the client that asked for it.
    """

    at: datetime
    by: str
    role: str | None
    event: str
    on: Mapping[str, str]
    shop: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    request_id: str | None = None
    address: str | None = None

    def document(self) -> dict[str, Any]:
        """All fields as plain JSON, the time in UTC."""
        return {
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "by": self.by,
            "role": self.role,
            "event": str(self.event),
            "on": self.on,
            "shop": self.shop,
            "before": self.before,
            "after": self.after,
            "request_id": self.request_id,
            "address": self.address,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """An entry in its place of the chain; `number` from 1 without gaps, `sha256` over all of the rest."""

    number: int
    entry: AuditEntry
    previous_sha256: str
    sha256: str

    def document(self) -> dict[str, Any]:
        """What exports and the API show; `sha256` is that of the canonical JSON of all the other fields."""
        return {**_hashed(self.number, self.entry, self.previous_sha256), "sha256": self.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A place of the chain that somebody wrote down elsewhere: so many rows, the newest with this hash."""

    count: int
    sha256: str


NO_ROWS = Anchor(count=0, sha256=GENESIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """What reading the whole chain came to; `broken_row` is the number of the first row that is not as it was written."""

    newest: Anchor
    broken_row: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What lists of the log select by; None means any. The newest rows come first."""

    event: AuditEvent | None = None
    by: str | None = None
    shops: frozenset[str] | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Rows of a list and the cursor of the next page (None at the end)."""

    rows: tuple[AuditRecord, ...]
    next_cursor: str | None


def chained(entry: AuditEntry, newest: Anchor) -> AuditRecord:
    """The entry as the row after `newest`."""
    number = newest.count + 1
    return AuditRecord(
        number=number,
        entry=entry,
        previous_sha256=newest.sha256,
        sha256=_sha256(_hashed(number, entry, newest.sha256)),
    )


def check_chain(records: Iterable[AuditRecord], *, expected: Anchor = NO_ROWS) -> ChainCheck:
    """Hold rows, oldest first, against their hashes, and the chain against an anchor from before.

    Args:
        records: all rows, from the first; one that cannot be read raises ValueError.
        expected: rows may have come after it, none may be gone.
    """
    newest = NO_ROWS
    for record in _readable(records):
        if record is None:
            return ChainCheck(newest=newest, broken_row=newest.count + 1, problem="it cannot be read")
        if problem := _problem(record, newest):
            return ChainCheck(newest=newest, broken_row=newest.count + 1, problem=problem)
        newest = Anchor(count=record.number, sha256=record.sha256)
        if newest.count == expected.count and newest.sha256 != expected.sha256:
            return ChainCheck(
                newest=newest, broken_row=newest.count, problem="it is not the row that was expected here"
            )
    if newest.count < expected.count:
        return ChainCheck(newest=newest, broken_row=newest.count + 1, problem="it is missing, with all after it")
    return ChainCheck(newest=newest)


def _readable(records: Iterable[AuditRecord]) -> Iterator[AuditRecord | None]:
    """The records, and None for one with values of which none can be made."""
    try:
        yield from records
    except ValueError:
        yield None


def _problem(record: AuditRecord, newest: Anchor) -> str | None:
    if record.number != newest.count + 1:
        return "it is missing"
    if record.previous_sha256 != newest.sha256:
        return "it does not follow on the row before it"
    if record.sha256 != _sha256(_hashed(record.number, record.entry, record.previous_sha256)):
        return "its values are not those that were written"
    return None


def _hashed(number: int, entry: AuditEntry, previous_sha256: str) -> dict[str, Any]:
    return {"number": number, **entry.document(), "previous_sha256": previous_sha256}


def _sha256(document: Mapping[str, Any]) -> str:
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
