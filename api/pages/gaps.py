"""What an inspection could not do, and why. Owns no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.language import Catalogue
from api.pages.reasons import reason_in
from qa_service.domain.finding import Outcome, RuleStatus
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.mood import MoodStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRules:
    """Rules that could not be applied for one reason."""

    reason: str
    titles: tuple[str, ...]


def skipped_rules(inspection: Inspection, words: Catalogue) -> tuple[SkippedRules, ...]:
    """By reason, in the order of the findings; shadow rules are not shown."""
    titles: dict[str, dict[str, None]] = {}
    for finding in inspection.findings:
        if finding.outcome is Outcome.UNAVAILABLE and finding.status is not RuleStatus.SHADOW:
            reason = reason_in(words, finding.explanation.get("reason"))
            titles.setdefault(reason, {})[finding.explanation.get("title") or finding.rule_id] = None
    return tuple(SkippedRules(reason=reason, titles=tuple(known)) for reason, known in titles.items())


def missing_parts(inspection: Inspection, words: Catalogue) -> tuple[str, ...]:
    """What was unavailable, each part in words; () where the inspection is complete."""
    if inspection.status is not InspectionStatus.PARTIAL:
        return ()
    parts = []
    if inspection.mood.status is MoodStatus.UNAVAILABLE:
        parts.append(words.text("chat.missing_mood", reason=reason_in(words, inspection.mood.reason)))
    rules = {finding.rule_id for finding in inspection.findings if finding.outcome is Outcome.UNAVAILABLE}
    if rules:
        parts.append(words.counted("chat.missing_rules", len(rules)))
    # what is hidden from somebody who sees some of the agents is all that is left
    return tuple(parts) or (words.text("chat.missing_hidden"),)
