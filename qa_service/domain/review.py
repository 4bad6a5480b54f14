"""What people decided about findings. Machine and person never share a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa_service.domain.finding import Finding, RuleStatus


class Decision(StrEnum):
    """A step on a finding: QA confirms or overturns it; the agent appeals against it."""

    CONFIRM = "confirm"
    OVERTURN = "overturn"
    APPEAL = "appeal"


class ReviewState(StrEnum):
    """Where a finding or conversation stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"
    APPEALED = "appealed"
    CLEARED = "cleared"
    """A person looked at what the model only suspected: nothing there. Of conversations alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One decision, append-only; the latest of a finding is the current one."""

    finding_id: str
    decision: Decision
    comment: str
    reviewer: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionReview:
    """A person looked at a conversation that was only suspected and found nothing; append-only, holds for a revision."""

    conversation_id: str
    revision: int
    comment: str
    reviewer: str
    created_at: datetime


_STATE_AFTER = {
    Decision.CONFIRM: ReviewState.CONFIRMED,
    Decision.OVERTURN: ReviewState.OVERTURNED,
    Decision.APPEAL: ReviewState.APPEALED,
}


def state_after(verdicts: Sequence[Verdict]) -> ReviewState:
    """Where verdicts, newest last, lead: the newest decides."""
    return _STATE_AFTER[verdicts[-1].decision] if verdicts else ReviewState.OPEN


def state_of(finding: Finding, verdicts: Sequence[Verdict]) -> ReviewState:
    """Where a finding stands: as its newest verdict says; until there is one, that of an auto-confirmed rule is confirmed."""
    if not verdicts and finding.status is RuleStatus.AUTO_CONFIRMED:
        return ReviewState.CONFIRMED
    return state_after(verdicts)
