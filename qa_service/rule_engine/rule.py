"""What a rule and a set of rules are, once read. Owns no reading (`rule_reader`, `match_reader`) and no running (`engine`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from qa_service.domain.conversation import Role
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.domain.mood import Emotion
from qa_service.rule_engine.blocks import Unit
from qa_service.rule_engine.cues import CueFinder
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.guard import SpeechAct
from qa_service.rule_engine.lexicon import Scanner
from qa_service.rule_engine.nodes.base import Check, Node
from qa_service.rule_engine.period import ALWAYS, Period
from qa_service.rule_engine.place import NO_EXCEPTIONS, Exceptions
from qa_service.rule_engine.values.quantity import Unit as ValueUnit
from qa_service.rule_engine.yaml_field import Origin


class Capability(StrEnum):
    """What a rule can say while a conversation goes on: its findings at once and for good, or only at the close.

    Of a rule with `doubt_below` they are for good once the model's tone of their turn is known.
    """

    EXACT = "exact"
    EXACT_WITH_TONE = "exact with tone"
    DEFERRED = "deferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A conversation with what the rule must make of it. Turn numbers count from 1; `seconds` from the first turn."""

    turns: tuple[str, ...]
    expects_hit: bool
    place: Origin
    span: str | None = None
    language: str | None = None
    policy: Mapping[str, Fraction] = field(default_factory=dict)
    moods: Mapping[int, Emotion] = field(default_factory=dict)
    mood_shift: float | None = None
    suspicions: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    seconds: tuple[float, ...] = ()
    channel: str | None = None
    shop: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A node of a match tree as its pack writes it: operator and line."""

    node: Node
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """A policy that a rule names at a place of its pack; `units` are those that its values compare in (none: a permission)."""

    key: str
    place: Origin
    units: frozenset[ValueUnit] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule with its compiled match: `node` is asked of each turn, or `check` of each agent's segment.

    `requires` are the rules of which one must have hit, `replaces` the ids that it had before. `points` and `dimension`
    are those of its findings; under a suspicion of `doubt_below` a person confirms a hit before it counts, under a third
    of it nobody sees it. What `node` answers follows from the turn's text alone where the rule `is_textual`. `body`
    digests what it asks for; `is_demoted` while its status is not that of its pack.
    """

    id: str
    version: int
    title: str
    category: str
    severity: Severity
    status: RuleStatus
    speakers: frozenset[Role]
    languages: tuple[str, ...]
    rationale: str
    reference: str
    false_positives: tuple[str, ...]
    examples: tuple[Example, ...]
    place: Origin
    node: Node | None = None
    check: Check | None = None
    views: frozenset[View] = frozenset()
    exceptions: Exceptions = NO_EXCEPTIONS
    guard: frozenset[SpeechAct] = frozenset()
    forbidden_by: str | None = None
    policies: tuple[PolicyUse, ...] = ()
    requires: tuple[tuple[str, Origin], ...] = ()
    replaces: tuple[tuple[str, Origin], ...] = ()
    calendars: tuple[tuple[str, Origin], ...] = ()
    effective: Period = ALWAYS
    is_deferred: bool = False
    is_textual: bool = False
    unit: Unit = Unit.TURN
    conditions: tuple[Condition, ...] = ()
    precision_bar: float | None = None
    points: Decimal | None = None
    dimension: str | None = None
    doubt_below: float | None = None
    body: str = ""
    is_demoted: bool = False

    @property
    def capability(self) -> Capability:
        """What the rule can say while a conversation goes on."""
        if self.is_deferred:
            return Capability.DEFERRED
        return Capability.EXACT_WITH_TONE if self.may_be_doubted else Capability.EXACT

    @property
    def may_be_doubted(self) -> bool:
        """Whether the model may take a finding down a step."""
        return bool(self.doubt_below) and self.status in (RuleStatus.SCORED, RuleStatus.ADVISORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All rules by id, compiled together; `digest` is the sha256 of their files in name order."""

    rules: tuple[Rule, ...]
    scanner: Scanner
    cue_finders: Mapping[str, CueFinder]
    digest: str

    def demoted(self, versions: frozenset[tuple[str, int]]) -> RuleSet:
        """The same with these versions of rules advisory, under a digest of its own: their hits move no score."""
        mine = sorted(rule.id for rule in self.rules if (rule.id, rule.version) in versions)
        if not mine:
            return self
        digest = hashlib.sha256("\0".join((self.digest, *mine)).encode()).hexdigest()
        rules = tuple(
            replace(rule, status=RuleStatus.ADVISORY, is_demoted=True) if rule.id in mine else rule
            for rule in self.rules
        )
        return replace(self, rules=rules, digest=digest)
