"""What a new pack would have changed over stored conversations. Owns no running (`workflows.backtest`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qa_service.domain.precision import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class HitExample:
    """Where a hit came or went: ids and offsets, no text. `state` is what people decided: open if nobody did."""

    conversation_id: str
    agent_id: str | None
    turn_id: str | None
    start: int | None
    end: int | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """One rule's hits before and after; a hit that only changed its span is neither new nor lost."""

    rule_id: str
    before: int
    after: int
    new: int
    lost: int
    lost_confirmed: int
    lost_overturned: int
    new_examples: tuple[HitExample, ...]
    lost_examples: tuple[HitExample, ...]
    precision_before: Precision
    precision_after: Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDifference:
    """Mean machine total of an agent's scored conversations, before and after; 0…100."""

    agent_id: str
    conversations: int
    changed: int
    mean_before: float | None
    mean_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """The whole comparison. `unread` counts conversations without a result or without text.

    The first have no mood to run the rules on, the text of the others was erased.
    """

    id: str
    base_digest: str
    pack_digest: str
    since: datetime
    conversations: int
    unread: int
    rules: tuple[RuleDifference, ...]
    agents: tuple[AgentDifference, ...]
    precision_before: Precision
    precision_after: Precision

    @property
    def drops(self) -> bool:
        """Whether the reviewed hits that the new pack finds were confirmed less often than those of the old one."""
        before, after = self.precision_before.share, self.precision_after.share
        return before is not None and (after is None or after < before)
