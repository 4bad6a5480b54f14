"""One criterion and one agent's evidence → points with the reason. Exact decimals. Owns no dimensions (`scorer`)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.domain.scorecard import CriterionScore
from qa_service.scoring.evidence import Evidence, Reading
from qa_service.scoring.rubric import (
    FIGURES,
    AppliesWhen,
    Criterion,
    Fatal,
    FigureCriterion,
    FigureKind,
    FindingsCriterion,
    Per,
)

_NOTHING_SAID = "the agent said nothing that can be inspected"
_PER_WHAT = {Per.TURN: " a turn", Per.ONCE: ""}


def score_criterion(criterion: Criterion, evidence: Evidence) -> CriterionScore:
    """What the criterion moves its dimension by.

    `not_applicable` and `unavailable` have points None; `clear` has 0; `hit` means that a finding or a step counted.
    The reason of `unavailable` begins with the stage that failed. No criterion of findings or moods applies to an agent
    without a turn to inspect: where nothing could be found, nothing found is no merit.
    """
    if missing := _unmet(criterion.applies_when, evidence):
        return _without_points(criterion, Outcome.NOT_APPLICABLE, missing)
    if isinstance(criterion, FindingsCriterion):
        return _score_findings(criterion, evidence)
    return _score_figure(criterion, evidence)


def _unmet(needs: AppliesWhen, evidence: Evidence) -> str | None:
    """Why the criterion does not apply to this conversation, or None."""
    if evidence.agent_turns < needs.min_agent_turns:
        return f"the agent said {evidence.agent_turns} turns; applies from {needs.min_agent_turns}"
    if evidence.customer_turns < needs.min_customer_turns:
        return f"the customer said {evidence.customer_turns} turns; applies from {needs.min_customer_turns}"
    for name, values in needs.attributes.items():
        if evidence.attributes.get(name) not in values:
            return f"applies where {name} is {' or '.join(sorted(values))}"
    return None


def _without_points(
    criterion: Criterion, outcome: Outcome, reason: str, findings: tuple[str, ...] = ()
) -> CriterionScore:
    return CriterionScore(
        id=criterion.id, title=criterion.title, outcome=outcome, points=None, reason=reason, findings=findings
    )


def _score_findings(criterion: FindingsCriterion, evidence: Evidence) -> CriterionScore:
    if not evidence.agent_turns:
        return _without_points(criterion, Outcome.NOT_APPLICABLE, _NOTHING_SAID)
    named = [finding for finding in evidence.findings if criterion.match.names(finding)]
    hits = sorted(
        (finding for finding in named if finding.counts and criterion.match.matches(finding)),
        key=lambda finding: (-finding.severity.rank, finding.key),
    )
    keys = tuple(finding.key for finding in hits)
    failed = sorted({finding.rule_id for finding in named if finding.outcome is Outcome.UNAVAILABLE})
    if failed:
        return _without_points(criterion, Outcome.UNAVAILABLE, f"rules unavailable: {', '.join(failed)}", keys)
    if not hits:
        return _without_hits(criterion, named)
    points, sentence = _deduction(criterion, hits)
    return CriterionScore(
        id=criterion.id,
        title=criterion.title,
        outcome=Outcome.HIT,
        points=-points + 0,
        reason=sentence,
        findings=keys,
        numbers={
            "hits": len(hits),
            "deducted": float(points),
            **({"cap": float(criterion.cap)} if criterion.cap is not None else {}),
        },
    )


def _without_hits(criterion: FindingsCriterion, named: Sequence[Finding]) -> CriterionScore:
    if named and all(finding.outcome is Outcome.NOT_APPLICABLE for finding in named):
        return _without_points(criterion, Outcome.NOT_APPLICABLE, "none of its rules applies to this conversation")
    return CriterionScore(
        id=criterion.id,
        title=criterion.title,
        outcome=Outcome.CLEAR,
        points=Decimal(0),
        reason="no violation",
        numbers={"hits": 0},
    )


def _deduction(criterion: FindingsCriterion, hits: Sequence[Finding]) -> tuple[Decimal, str]:
    """Points ≥ 0 and the sentence that says how they came about."""
    uncapped = sum(_heaviest(criterion, hits), Decimal(0))
    points = uncapped if criterion.cap is None else min(uncapped, criterion.cap)
    sentence = f"{_counted(hits)}: deducts {points}"
    if criterion.per is not Per.HIT:
        sentence += f", once{_PER_WHAT[criterion.per]} for the worst"
    own = sorted({f"{hit.rule_id} {hit.points}" for hit in hits if hit.points is not None})
    if own:
        sentence += f", by own points of {', '.join(own)}"
    if points < uncapped:
        sentence += f" ({uncapped} capped at {criterion.cap})"
    if criterion.fatal is not Fatal.NONE:
        sentence += f"; fatal, zeroes the {criterion.fatal}"
    return points, sentence


def _heaviest(criterion: FindingsCriterion, hits: Sequence[Finding]) -> list[Decimal]:
    """The points that count: of each hit, of the worst hit of each turn, or of the worst of all."""
    groups: dict[str, Decimal] = {}
    for finding in hits:
        group = {Per.HIT: finding.key, Per.TURN: finding.turn_id or finding.key, Per.ONCE: ""}[criterion.per]
        groups[group] = max(groups.get(group, Decimal(0)), _points_of(criterion, finding))
    return list(groups.values())


def _points_of(criterion: FindingsCriterion, hit: Finding) -> Decimal:
    """The rule's own points before those of its severity."""
    return criterion.deduct[hit.severity] if hit.points is None else hit.points


def _counted(hits: Sequence[Finding]) -> str:
    """`2 major and 1 minor violation`."""
    counts = {severity: sum(hit.severity is severity for hit in hits) for severity in reversed(Severity)}
    parts = [f"{count} {severity}" for severity, count in counts.items() if count]
    return f"{' and '.join(parts)} violation{'' if len(hits) == 1 else 's'}"


def _score_figure(criterion: FigureCriterion, evidence: Evidence) -> CriterionScore:
    if criterion.figure in FIGURES[FigureKind.MOOD] and not evidence.agent_turns:
        return _without_points(criterion, Outcome.NOT_APPLICABLE, _NOTHING_SAID)
    for condition in criterion.when:
        reading = evidence.read(condition.figure)
        if reading.value is None:
            return _without_points(criterion, reading.outcome or Outcome.UNAVAILABLE, reading.reason)
        if not condition.threshold.holds(reading.value):
            sentence = f"{condition.figure} {reading.value} is {condition.threshold.verdict_on(reading.value)}{_because(reading)}"
            return _without_points(criterion, Outcome.NOT_APPLICABLE, sentence)
    reading = evidence.read(criterion.figure)
    if reading.value is None:
        return _without_points(criterion, reading.outcome or Outcome.UNAVAILABLE, reading.reason)
    return _climb(criterion, reading.value, _because(reading))


def _because(reading: Reading) -> str:
    return f" ({reading.reason})" if reading.reason else ""


def _climb(criterion: FigureCriterion, value: Decimal, because: str) -> CriterionScore:
    """Take the first step that holds."""
    taken = next((step for step in criterion.steps if step.threshold.holds(value)), None)
    thresholds = [taken.threshold] if taken else [step.threshold for step in criterion.steps]
    sentence = (
        f"{criterion.figure} {value} is {', '.join(threshold.verdict_on(value) for threshold in thresholds)}{because}"
    )
    points = taken.points if taken else Decimal(0)
    return CriterionScore(
        id=criterion.id,
        title=criterion.title,
        outcome=Outcome.HIT if taken else Outcome.CLEAR,
        points=points,
        reason=f"{sentence}: {'adds' if points > 0 else 'deducts'} {abs(points)}" if taken else sentence,
        numbers={
            str(criterion.figure): float(value),
            "thresholds": [f"{threshold.comparator} {threshold.value}" for threshold in thresholds],
        },
    )
