"""Hits of words that the model reads otherwise: a person decides before they cost points. Owns no suspicion and no points.

Words alone cannot tell every quotation, product name or joke from a violation. Where a pack gives `doubt_below` and the
model's suspicion of the rule's category is under it, a scored hit is stored as advisory with the figure beside it;
`review.verdicts` makes it count once a person confirms it. Disguised words are not doubted, since the model cannot read
them, and nothing is where the model read nothing: a rule counts then as if there were no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.mood import MoodStatus, TurnTone
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.yaml_field import Field


def read_doubt(fields: Mapping[str, Field], otherwise: float | None) -> float | None:
    """The `doubt_below` of a rule or pack (0: never), else `otherwise`. Raises SourceError."""
    return fields["doubt_below"].number(minimum=0, maximum=1) if "doubt_below" in fields else otherwise


def or_doubted(finding: Finding, rule: Rule, tones: Mapping[str, TurnTone]) -> Finding:
    """The finding, advisory where the model doubts it."""
    if rule.doubt_below is None or finding.turn_id is None or not _rests_on_words(finding):
        return finding
    tone = tones.get(finding.turn_id)
    if tone is None or tone.status is not MoodStatus.COMPLETE:
        return finding
    suspicion = tone.suspicions.get(rule.category)
    if suspicion is None or suspicion >= rule.doubt_below:
        return finding
    doubt = {"category": rule.category, "value": suspicion, "below": rule.doubt_below}
    return replace(finding, status=RuleStatus.ADVISORY, explanation={**finding.explanation, "doubt": doubt})


def _rests_on_words(finding: Finding) -> bool:
    """Whether it is a scored hit of words as they are written."""
    is_scored = finding.outcome is Outcome.HIT and finding.status is RuleStatus.SCORED
    return is_scored and not {"suspicion", "undone"} & finding.explanation.keys()
