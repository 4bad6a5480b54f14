"""One blame for the same words: of two categories of manner the graver one counts. Owns no match and no guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome, RuleStatus

GRAVER: Mapping[str, str] = {"dismissive": "abuse"}
"""Category → the graver one that the same words may be. Other pairs are different wrongs: a bribe may be paid elsewhere."""

KIND = "graver"
"""The kind of the cue that is stored."""

_TRUST = {status: at for at, status in enumerate(RuleStatus)}


def held_back(findings: Sequence[Finding], deferred: Set[str]) -> list[Finding]:
    """The same findings, hits of a lesser category suppressed where a hit of the graver one shares a character with them.

    The graver hit must be of a rule that is trusted as far, and not known only at the close where the other one is known
    at once: what is exact is never taken back. `deferred` are the ids of the rules that are known at the close.
    """
    graver: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.HIT and finding.category in GRAVER.values():
            graver.setdefault((finding.category, finding.turn_id), []).append(finding)
    return [_or_held_back(finding, graver, deferred) for finding in findings] if graver else list(findings)


def is_held_back(finding: Finding) -> bool:
    """Whether the rule has hit and a graver one has taken the words."""
    cue = finding.explanation.get("cue")
    return finding.outcome is Outcome.SUPPRESSED and isinstance(cue, Mapping) and cue.get("kind") == KIND


def _or_held_back(
    finding: Finding, graver: Mapping[tuple[str, str | None], Sequence[Finding]], deferred: Set[str]
) -> Finding:
    if finding.outcome is not Outcome.HIT or finding.category not in GRAVER:
        return finding
    for other in graver.get((GRAVER[finding.category], finding.turn_id), ()):
        is_known = other.rule_id not in deferred or finding.rule_id in deferred
        if is_known and _TRUST[other.status] >= _TRUST[finding.status] and _share(finding, other):
            cue = {
                "kind": KIND,
                "text": other.text,
                "start": other.start,
                "end": other.end,
                "rule_id": other.rule_id,
            }
            return replace(finding, outcome=Outcome.SUPPRESSED, explanation={**finding.explanation, "cue": cue})
    return finding


def _share(one: Finding, other: Finding) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return False
    return one.start < other.end and other.start < one.end
