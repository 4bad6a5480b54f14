"""The work that conversations wait for: lanes, claims, dead letters. Owns no query (`storage.work`) and no loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qa_service.domain.conversation import Conversation

MAX_CLAIMS = 5
"""Claims of one content that may end without a result; by then the content is what ends its worker."""

BATCH = 16
"""Conversations that are claimed and inspected together: enough turns to fill the model's batches, seconds of work."""

COUNTED = 100_000
"""States and lanes are counted so far: who looks wants to know that much waits, not how much has ever been."""

CLOCK_STEP = timedelta(minutes=5)
"""A stored time so far in the future was written before a clock was put back: what waits for it waits no longer."""


class Lane(StrEnum):
    """What waits for whom: nothing in `bulk` is begun while something in `realtime` waits for the same worker."""

    REALTIME = "realtime"
    BULK = "bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A conversation that one worker has in hand.

    Attributes:
        attempts: claims of this content, this one included.
        traceparent: W3C trace context of the request that handed it in, if that is traced.
    """

    id: str
    conversation: Conversation
    attempts: int
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A pending conversation that no message stands for; `was_claimed`: an earlier claim ended without a result."""

    id: str
    was_claimed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A conversation whose inspection was given up at `failed_at`: `error` is the code of the last failure."""

    id: str
    source: str
    external_id: str
    shop: str | None
    revision: int
    lane: Lane
    error: str
    attempts: int
    failed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """One page, newest first, and the cursor of the next (None at the end)."""

    rows: tuple[DeadLetter, ...]
    next_cursor: str | None
