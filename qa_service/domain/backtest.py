"""What a new pack would have changed over stored conversations. Owns no running (`workflows.backtest`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qa_service.domain.precision import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class HitExample:
    """Where a hit came or went: ids and offsets, no text. `state` is what people decided: open if nobody did."""

    conversation_id: str
    external_id: str
    agent_id: str | None
    turn_id: str | None
    start: int | None
    end: int | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSide:
    """A rule as one of the two packs has it: `status` as it counts, advisory while it is demoted."""

    version: int
    status: str
    is_demoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """One rule's hits before and after; a hit that only changed its span is neither new nor lost.

    `rule_before` and `rule_after` are None where that pack has no such rule; `is_unversioned` where both have one version of it and
    it asks for something else.
    """

    rule_id: str
    rule_before: RuleSide | None
    rule_after: RuleSide | None
    is_unversioned: bool
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

    @property
    def drops(self) -> bool:
        """Whether the rule's reviewed hits are clearly confirmed less often: under the interval of before.

        Where none is left, whether those lost were rather right than wrong.
        """
        low, after = self.precision_before.low, self.precision_after.share
        if low is None:
            return False
        return self.lost_confirmed > self.lost_overturned if after is None else after < low

    @property
    def ends_demotion(self) -> bool:
        """Whether hits of a demoted rule count again, since the new pack has another version of it."""
        is_free = self.rule_after is not None and not self.rule_after.is_demoted
        return is_free and self.rule_before is not None and self.rule_before.is_demoted


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDifference:
    """Mean machine total of an agent's scored conversations, before and after; 0…100. Ids are unique in a shop only."""

    shop: str | None
    agent_id: str
    conversations: int
    changed: int
    mean_before: float | None
    mean_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """The whole comparison.

    `conversations` began at `since` or later; `reviewed_earlier` before, and were read for what people decided about
    their hits. `unread` counts conversations without a result or without text: the first have no mood to run the rules
    on, the text of the others was erased. `decided` counts the hits, of any rule, that people had decided about.
    """

    id: str
    base_digest: str
    pack_digest: str
    since: datetime
    conversations: int
    reviewed_earlier: int
    unread: int
    decided: int
    rules: tuple[RuleDifference, ...]
    agents: tuple[AgentDifference, ...]
    precision_before: Precision
    precision_after: Precision

    @property
    def drops(self) -> bool:
        """Whether reviewed hits that the new pack finds were confirmed less often than those of the old one.

        All of them together, or clearly those of one rule.
        """
        return self.drops_overall or bool(self.dropping)

    @property
    def drops_overall(self) -> bool:
        """Whether the precision on all reviewed hits drops, or none is left."""
        before, after = self.precision_before.share, self.precision_after.share
        return before is not None and (after is None or after < before)

    @property
    def dropping(self) -> tuple[str, ...]:
        """The rules whose own precision clearly drops."""
        return tuple(rule.rule_id for rule in self.rules if rule.drops)

    @property
    def unversioned(self) -> tuple[str, ...]:
        """The rules that ask for something else under the version that is in force."""
        return tuple(rule.rule_id for rule in self.rules if rule.is_unversioned)
