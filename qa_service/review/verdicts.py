"""Findings as they stand after people decided. Owns no scores; these findings are what final scorecards are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.review import Decision, ReviewState, Verdict, state_after


def apply_verdicts(
    findings: Sequence[Finding], verdicts_by_key: Mapping[str, Sequence[Verdict]]
) -> tuple[Finding, ...]:
    """The findings with every overturned hit suppressed; same order, same keys.

    A suppressed one says so in `explanation["review"]` (decision, reviewer, comment, time). A hit of a scored rule that
    the model doubted counts once it is confirmed. Nothing else changes: an appealed hit counts until it is overturned
    (a doubted one if it was confirmed before), and a confirmed hit of a shadow or advisory rule stays uncounted, since
    one confirmation judges one hit and does not promote the rule.
    """
    return tuple(_apply(finding, verdicts_by_key.get(finding.key, ())) for finding in findings)


def _apply(finding: Finding, verdicts: Sequence[Verdict]) -> Finding:
    state = state_after(verdicts)
    decided = [verdict for verdict in verdicts if verdict.decision is not Decision.APPEAL]
    if finding.is_doubted and state_after(decided) is ReviewState.CONFIRMED:
        return replace(finding, status=RuleStatus.SCORED)
    if finding.outcome is not Outcome.HIT or state is not ReviewState.OVERTURNED:
        return finding
    latest = verdicts[-1]
    review = {
        "decision": str(latest.decision),
        "reviewer": latest.reviewer,
        "comment": latest.comment,
        "at": latest.created_at.isoformat(),
    }
    return replace(finding, outcome=Outcome.SUPPRESSED, explanation={**finding.explanation, "review": review})
