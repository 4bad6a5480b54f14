"""Why a rule hits a conversation, and why not: each condition with its verdict, evidence and distance. Owns no judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qa_service.domain.finding import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One thing that a condition held against a bound: `seconds` 55 of `over 60`.

    `value` is plain JSON, None where there was nothing to measure; `bound` says in words what was asked of it.
    """

    name: str
    value: Any
    bound: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words that a condition found, in code points of the original turn; `cue` says why they do not count."""

    turn_id: str
    start: int
    end: int
    text: str
    view: str
    cue: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionExplanation:
    """One condition of the match tree at one turn.

    `name` is the operator as packs write it, `file` and `line` where it stands there; `label` says what a part is to its
    parent (`turn 4`, `step 1`). `truth` is `yes`, `no`, `not_applicable` or `unavailable`.
    """

    name: str
    file: str
    line: int
    truth: str
    label: str | None = None
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    measured: tuple[Measured, ...] = ()
    parts: tuple[ConditionExplanation, ...] = ()

    def walk(self) -> Iterator[ConditionExplanation]:
        """This condition and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def closeness(self) -> tuple[int, int]:
        """How near to a hit: how many conditions, and bounds of conditions, hold, and words found."""
        below = list(self.walk())
        holding = sum((item.truth == "yes") + sum(measured.holds for measured in item.measured) for item in below)
        return holding, sum(len(item.evidence) for item in below)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnExplanation:
    """What the rule makes of one turn. `left_out` says why it does not read the turn; then there is no condition."""

    turn_id: str
    role: str
    text: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    left_out: str | None = None
    condition: ConditionExplanation | None = None

    @property
    def closeness(self) -> tuple[bool, int, int]:
        """What found something first, then by how much of the tree holds."""
        return (bool(self.findings), *(self.condition.closeness if self.condition else (-1, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExplanation:
    """What a rule about whole segments makes of one agent; `parts` are the conditions at the turns that it looked at."""

    agent_id: str | None
    outcome: Outcome
    reason: str | None
    measured: tuple[Measured, ...] = ()
    parts: tuple[ConditionExplanation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplanation:
    """The whole answer; `turns` in order for rules of turns, `agents` for rules of segments.

    `points` and `dimension` are the rule's own, None where the rubric decides.
    `is_of_result`: whether the rules of today are those that the stored result was made with (None: nothing stored).
    """

    rule_id: str
    rule_version: int
    title: str
    status: str
    file: str
    line: int
    outcome: Outcome
    reasons: tuple[str, ...]
    turns: tuple[TurnExplanation, ...] = ()
    agents: tuple[AgentExplanation, ...] = ()
    is_of_result: bool | None = field(default=None)
    points: Decimal | None = None
    dimension: str | None = None

    @property
    def nearest(self) -> tuple[TurnExplanation, ...]:
        """The turns that the rule reads, what hits or comes nearest first."""
        read = [turn for turn in self.turns if turn.condition is not None]
        return tuple(sorted(read, key=lambda turn: turn.closeness, reverse=True))
