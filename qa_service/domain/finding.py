"""What a rule found. Owns no matching (`rule_engine`) and no points (`scoring`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from qa_service.domain.conversation import AgentId, TurnId


class Outcome(StrEnum):
    """What came of looking for something."""

    HIT = "hit"
    SUPPRESSED = "suppressed"
    CLEAR = "clear"
    NOT_APPLICABLE = "not_applicable"
    UNAVAILABLE = "unavailable"


class Severity(StrEnum):
    """How bad a hit is, mildest first."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (info) … 3 (critical)."""
        return list(Severity).index(self)


class RuleStatus(StrEnum):
    """How far a rule is trusted; only `scored` and `auto_confirmed` hits move a score.

    Hits of a `shadow` rule are stored and shown to nobody, those of an `advisory` one are shown and reviewed, those of a
    `scored` one are open until they are reviewed, those of an `auto_confirmed` one need no review.
    """

    SHADOW = "shadow"
    ADVISORY = "advisory"
    SCORED = "scored"
    AUTO_CONFIRMED = "auto_confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's outcome at one place. `turn_id` and span are None for an absence.

    `explanation` holds plain JSON: the rule's title and reason, the cue of a suppression, the stated and the policy value,
    the transformation undone. `agent_id` is None where no known person is responsible (bots, unnamed senders).
    `points` (0…100) are what the rule itself deducts for a hit, in place of what the rubric has for its severity, and
    `dimension` where; None leaves it to the rubric.
    """

    rule_id: str
    rule_version: int
    category: str
    severity: Severity
    outcome: Outcome
    agent_id: AgentId | None = None
    turn_id: TurnId | None = None
    start: int | None = None
    end: int | None = None
    text: str | None = None
    status: RuleStatus = RuleStatus.SCORED
    explanation: Mapping[str, Any] = field(default_factory=dict)
    points: Decimal | None = None
    dimension: str | None = None

    @property
    def key(self) -> str:
        """Identity within a conversation: rule, agent, turn and span; survives a re-run, so verdicts do too."""
        parts = [self.rule_id, self.agent_id, self.turn_id, self.start, self.end]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]

    @property
    def is_shown_hit(self) -> bool:
        """Whether it is a hit that people get to see; a shadow rule is tried out silently."""
        return self.outcome is Outcome.HIT and self.status is not RuleStatus.SHADOW

    @property
    def is_doubted(self) -> bool:
        """Whether the rule is scored and the model reads the words otherwise, so that a person decides first."""
        return self.outcome is Outcome.HIT and self.status is RuleStatus.ADVISORY and "doubt" in self.explanation

    @property
    def counts(self) -> bool:
        """Whether it may move a score."""
        return self.outcome is Outcome.HIT and self.status in (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)
