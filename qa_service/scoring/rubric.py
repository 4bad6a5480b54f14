"""What a rubric is: dimensions, criteria, thresholds, bands. Owns no reading (`load`) and no scoring (`scorer`)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from qa_service.domain.finding import Finding, Severity
from qa_service.domain.scorecard import Band


class Comparator(StrEnum):
    """How a number is held against a threshold."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"


_HOLDS: Mapping[Comparator, Callable[[Decimal, Decimal], bool]] = {
    Comparator.AT_LEAST: operator.ge,
    Comparator.ABOVE: operator.gt,
    Comparator.AT_MOST: operator.le,
    Comparator.BELOW: operator.lt,
}


OWN_POINTS = "own_points"
"""The criterion of a dimension's hits that no criterion of it looks at: their rules name the dimension and the points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A comparison that can say itself, so that a reason never differs from what was compared."""

    comparator: Comparator
    value: Decimal

    def holds(self, number: Decimal) -> bool:
        """Whether `number` stands in this relation to the threshold."""
        return _HOLDS[self.comparator](number, self.value)

    def verdict_on(self, number: Decimal) -> str:
        """`at least 0.5` or `not at least 0.5`, as `holds` says."""
        return f"{'' if self.holds(number) else 'not '}{self.comparator.replace('_', ' ')} {self.value}"


class Figure(StrEnum):
    """A number that a criterion can compare. Of one agent's own segment."""

    START = "start"
    END = "end"
    LOWEST = "lowest"
    SHIFT = "shift"
    NEGATIVE_SHARE = "negative_share"
    RECOVERY = "recovery"
    ATTRIBUTABLE_CHANGE = "attributable_change"
    AGENT_CAUSE = "agent_cause"
    TONE = "tone"
    FIRST_REPLY_SECONDS = "first_reply_seconds"
    AVERAGE_REPLY_SECONDS = "average_reply_seconds"
    LONGEST_REPLY_SECONDS = "longest_reply_seconds"
    UNANSWERED_TURNS = "unanswered_turns"


class FigureKind(StrEnum):
    """Where a figure comes from: the customer's mood, the agent's tone, the times of turns."""

    MOOD = "mood"
    TONE = "tone"
    TIMING = "timing"


FIGURES: Mapping[FigureKind, frozenset[Figure]] = {
    FigureKind.MOOD: frozenset(
        {
            Figure.START,
            Figure.END,
            Figure.LOWEST,
            Figure.SHIFT,
            Figure.NEGATIVE_SHARE,
            Figure.RECOVERY,
            Figure.ATTRIBUTABLE_CHANGE,
            Figure.AGENT_CAUSE,
        }
    ),
    FigureKind.TONE: frozenset({Figure.TONE}),
    FigureKind.TIMING: frozenset(
        {
            Figure.FIRST_REPLY_SECONDS,
            Figure.AVERAGE_REPLY_SECONDS,
            Figure.LONGEST_REPLY_SECONDS,
            Figure.UNANSWERED_TURNS,
        }
    ),
}


BOUNDS: Mapping[Figure, tuple[int, int]] = {
    Figure.START: (-1, 1),
    Figure.END: (-1, 1),
    Figure.LOWEST: (-1, 1),
    Figure.SHIFT: (-2, 2),
    Figure.NEGATIVE_SHARE: (0, 1),
    Figure.RECOVERY: (0, 1),
    Figure.ATTRIBUTABLE_CHANGE: (-4, 4),
    Figure.AGENT_CAUSE: (0, 1),
    Figure.TONE: (0, 1),
}
"""What the figures of the model can be; those of time have no upper bound. A change is held against another change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A figure that must stand in a relation for a criterion to apply."""

    figure: Figure
    threshold: Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Points (negative deducts) where the threshold holds."""

    threshold: Threshold
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesWhen:
    """Facts of a conversation without which a criterion is not applicable.

    Agent turns are the agent's own, customer turns the whole conversation's, both text only. `attributes` names for
    each attribute of the conversation the values that are meant.
    """

    min_agent_turns: int = 0
    min_customer_turns: int = 0
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMatch:
    """Which findings a criterion looks at: any of the rules, prefixes or categories named, and of those severities."""

    rules: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset(Severity)

    def names(self, finding: Finding) -> bool:
        """Whether the finding's rule or category is meant, whatever its severity."""
        return (
            finding.rule_id in self.rules
            or finding.category in self.categories
            or finding.rule_id.startswith(tuple(self.prefixes))
        )

    def matches(self, finding: Finding) -> bool:
        """Whether the finding is meant."""
        return finding.severity in self.severities and self.names(finding)


class Per(StrEnum):
    """Whether every hit deducts, the worst of each turn (one sentence may break several rules), or only the worst of all."""

    HIT = "hit"
    TURN = "turn"
    ONCE = "once"


class Fatal(StrEnum):
    """What a hit zeroes."""

    NONE = "none"
    DIMENSION = "dimension"
    CARD = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsCriterion:
    """Deducts for hits. `deduct` has points ≥ 0 for each severity that matches; `cap` bounds their sum.

    There is no credit for a hit, so another violation can never raise a score.
    """

    id: str
    title: str
    match: FindingMatch
    deduct: Mapping[Severity, Decimal]
    per: Per = Per.HIT
    cap: Decimal | None = None
    fatal: Fatal = Fatal.NONE
    applies_when: AppliesWhen = AppliesWhen()


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCriterion:
    """Adds or deducts by one figure: the first step that holds counts, none means 0 points.

    `when` are figures of the same kind that must hold too, else the criterion is not applicable.
    """

    id: str
    title: str
    kind: FigureKind
    figure: Figure
    steps: tuple[Step, ...]
    when: tuple[Condition, ...] = ()
    applies_when: AppliesWhen = AppliesWhen()


Criterion = FindingsCriterion | FigureCriterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """Starts at `start`, is moved by its criteria and ends between `floor` and 100; `weight` > 0 in the total."""

    id: str
    title: str
    weight: Decimal
    start: Decimal
    floor: Decimal
    criteria: tuple[Criterion, ...]

    def looks_at(self, finding: Finding) -> bool:
        """Whether a criterion of it would count the finding as a hit."""
        return any(isinstance(item, FindingsCriterion) and item.match.matches(finding) for item in self.criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """How one agent is judged in one conversation. `bands` begin at 0, lowest first; `digest` is of the file."""

    id: str
    version: int
    title: str
    rationale: str
    dimensions: tuple[Dimension, ...]
    bands: tuple[Band, ...]
    digest: str

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of findings that criteria name."""
        criteria = [item for one in self.dimensions for item in one.criteria if isinstance(item, FindingsCriterion)]
        return tuple(sorted({category for item in criteria for category in item.match.categories}))
