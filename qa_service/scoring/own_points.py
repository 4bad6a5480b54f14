"""Rules that name points or a dimension: where their findings count, and whether a rubric can take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.scoring.evidence import Evidence
from qa_service.scoring.rubric import OWN_POINTS, Dimension, FindingMatch, FindingsCriterion, Rubric

_TITLE = "规则自带扣分"


def share(evidence: Evidence, dimensions: Sequence[Dimension]) -> Iterator[tuple[Dimension, Evidence]]:
    """Each dimension with the evidence that counts there.

    A finding whose rule names a dimension of the rubric counts in that one alone. What no criterion of it looks at goes to
    one more criterion, `own_points`, with the points that the rule has.
    """
    known = {dimension.id for dimension in dimensions}
    for dimension in dimensions:
        meant = tuple(f for f in evidence.findings if f.dimension == dimension.id or f.dimension not in known)
        yield _with_own_points(dimension, meant), replace(evidence, findings=meant)


def _with_own_points(dimension: Dimension, findings: Sequence[Finding]) -> Dimension:
    rules = frozenset(
        finding.rule_id
        for finding in findings
        if finding.dimension == dimension.id
        and finding.outcome in (Outcome.HIT, Outcome.UNAVAILABLE)
        and not dimension.looks_at(finding)
    )
    if not rules:
        return dimension
    nothing = dict.fromkeys(Severity, Decimal(0))
    more = FindingsCriterion(id=OWN_POINTS, title=_TITLE, match=FindingMatch(rules=rules), deduct=nothing)
    return replace(dimension, criteria=(*dimension.criteria, more))


def misplaced(rubric: Rubric, finding: Finding) -> str | None:
    """Why the rubric cannot take a hit whose rule names points or a dimension; None if it can.

    Args:
        rubric: the one that scores.
        finding: a hit of the rule.
    """
    if finding.dimension is None:
        if finding.points is None or any(dimension.looks_at(finding) for dimension in rubric.dimensions):
            return None
        return f"points: no criterion of rubric {rubric.id} looks at {finding.category}; name a dimension, too"
    named = next((dimension for dimension in rubric.dimensions if dimension.id == finding.dimension), None)
    if named is None:
        known = ", ".join(dimension.id for dimension in rubric.dimensions)
        return f"dimension: rubric {rubric.id} has no dimension {finding.dimension}; it has: {known}"
    if finding.points is None and not named.looks_at(finding):
        return f"dimension: no criterion of {named.id} looks at {finding.category}; give the rule points, too"
    return None
