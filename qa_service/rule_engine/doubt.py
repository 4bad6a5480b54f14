"""Hits of words that the model reads otherwise are trusted less. Owns no suspicion and no points.

Words alone cannot tell every quotation, product name or joke from a violation. Where a pack gives `doubt_below` and the
model's suspicion of the rule's category is under it, a scored hit is stored as advisory, with the figure beside it, and
`review.verdicts` makes it count once a person confirms it; an advisory hit is stored as shadow. Under a third of the
bound next to none is right, and a scored hit is stored as shadow, too. A value that breaks the shop's policy stays in sight
however little it is suspected: what one shop forbids another allows. Nothing is doubted where the model read nothing: a rule
counts then as if there were no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import MoodStatus, TurnTone
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.yaml_field import Field

_DOUBTED = {RuleStatus.SCORED: RuleStatus.ADVISORY, RuleStatus.ADVISORY: RuleStatus.SHADOW}
_HIDDEN_SHARE = 1 / 3
"""Of the bound: under it a hit is kept from people (ADR 26 has the counts)."""


def read_doubt(fields: Mapping[str, Field], otherwise: float | None) -> float | None:
    """The `doubt_below` of a rule or pack (0: never), else `otherwise`. Raises SourceError."""
    return fields["doubt_below"].number(minimum=0, maximum=1) if "doubt_below" in fields else otherwise


def or_doubted(finding: Finding, rule: Rule, tones: Mapping[str, TurnTone]) -> Finding:
    """The finding, trusted less where the model doubts it."""
    if rule.doubt_below is None or finding.turn_id is None or not _rests_on_words(finding):
        return finding
    tone = tones.get(finding.turn_id)
    if tone is None or tone.status is not MoodStatus.COMPLETE:
        return finding
    suspicion = tone.suspicions.get(rule.category)
    if suspicion is None or suspicion >= rule.doubt_below:
        return finding
    doubt = {"category": rule.category, "value": suspicion, "below": rule.doubt_below}
    is_hidden = suspicion < _HIDDEN_SHARE * rule.doubt_below
    status = RuleStatus.SHADOW if is_hidden else _DOUBTED[finding.status]
    if "verdict" in finding.explanation:  # No model can know what this shop allows.
        status = RuleStatus.ADVISORY
    return replace(finding, status=status, explanation={**finding.explanation, "doubt": doubt})


def _rests_on_words(finding: Finding) -> bool:
    """Whether it is a hit of words, of a rule that people see and review."""
    is_reviewed = finding.outcome is Outcome.HIT and finding.status in _DOUBTED
    return is_reviewed and "suspicion" not in finding.explanation
