"""What workflows tell whoever watches: how long stages take, how large batches are, what failed. Never any text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Protocol

from qa_service.domain.inspection import Inspection
from qa_service.domain.work import Claim, Lane


class Stage(StrEnum):
    """A part of the work that is timed: `claim` and `mood` once a batch, the others once a chat."""

    CLAIM = "claim"
    NORMALISE = "normalise"
    MOOD = "mood"
    MEASURE = "measure"
    RULES = "rules"
    SCORE = "score"
    STORE = "store"


class BatchTelemetry(Protocol):
    """One batch that is being inspected."""

    def storing(self, claim: Claim) -> AbstractContextManager[None]:
        """Around storing the result of one of its chats, which ends that chat's part in the batch."""


class Telemetry(Protocol):
    """Told of everything that operators watch; neither raises nor waits."""

    def taken_in(self, lane: Lane, *, is_new: bool) -> None:
        """A conversation was accepted; not `is_new`: the same content was there already."""

    def stage(self, stage: Stage) -> AbstractContextManager[None]:
        """Around one call of a stage."""

    def batch(self, claims: Sequence[Claim]) -> AbstractContextManager[BatchTelemetry]:
        """Around the inspection of some conversations together."""

    def inspected(self, inspection: Inspection, seconds: float) -> None:
        """A result is stored; `seconds` is its share of its batch."""

    def failed(self, code: str) -> None:
        """Something ended with this error code."""

    def traceparent(self) -> str | None:
        """The W3C trace context of the work in hand, for whoever goes on with it; None where nothing is traced."""


class SilentBatch:
    """A batch of a process that watches nothing."""

    def storing(self, claim: Claim) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()


class SilentTelemetry:
    """Of a process that watches nothing: files inspected by hand, tests."""

    def taken_in(self, lane: Lane, *, is_new: bool) -> None:
        """Nothing."""

    def stage(self, stage: Stage) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def batch(self, claims: Sequence[Claim]) -> AbstractContextManager[BatchTelemetry]:
        """Nothing."""
        return nullcontext(SilentBatch())

    def inspected(self, inspection: Inspection, seconds: float) -> None:
        """Nothing."""

    def failed(self, code: str) -> None:
        """Nothing."""

    def traceparent(self) -> str | None:
        """None."""
        return None


SILENT = SilentTelemetry()
