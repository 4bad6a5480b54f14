"""One blame for the same words. Owns no match and no guard.

Of two categories of manner the graver one counts; of two rules of a category the one that rests on words alone counts,
not the one that also rests on the model's suspicion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome, RuleStatus

GRAVER: Mapping[str, str] = {"dismissive": "abuse"}
"""Category → the graver one that the same words may be. Other pairs are different wrongs: a bribe may be paid elsewhere."""

BY_GRAVER, BY_WORDS = "graver", "by_words"
"""The kinds of the cue that is stored."""

_TRUST = {status: at for at, status in enumerate(RuleStatus)}

Takes = Callable[[Finding, Finding], bool]


def held_back(findings: Sequence[Finding], deferred: Set[str]) -> list[Finding]:
    """The same findings, hits suppressed where another that goes before them shares a character with them.

    The other hit must be of a rule that is trusted as far, and not known only at the close where the first one is known
    at once: what is exact is never taken back. `deferred` are the ids of the rules that are known at the close.
    """
    graver = _without_taken(findings, BY_GRAVER, _is_graver, deferred)
    return _without_taken(graver, BY_WORDS, _says_it_by_words, deferred)


def without_repeats(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without what words alone tell already: the model's saying the same is nothing that anybody has to look at."""
    return tuple(finding for finding in findings if _taken_by(finding) != BY_WORDS)


def is_held_back(finding: Finding) -> bool:
    """Whether the rule has hit and another has taken the words."""
    return _taken_by(finding) in (BY_GRAVER, BY_WORDS)


def _taken_by(finding: Finding) -> object:
    cue = finding.explanation.get("cue")
    return cue.get("kind") if finding.outcome is Outcome.SUPPRESSED and isinstance(cue, Mapping) else None


def _is_graver(finding: Finding, other: Finding) -> bool:
    return GRAVER.get(finding.category) == other.category


def _says_it_by_words(finding: Finding, other: Finding) -> bool:
    is_suspicion = "suspicion" in finding.explanation and "suspicion" not in other.explanation
    return is_suspicion and finding.category == other.category


def _without_taken(findings: Sequence[Finding], kind: str, takes: Takes, deferred: Set[str]) -> list[Finding]:
    hits: dict[str | None, list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.HIT:
            hits.setdefault(finding.turn_id, []).append(finding)

    def or_held_back(finding: Finding) -> Finding:
        if finding.outcome is not Outcome.HIT:
            return finding
        for other in hits[finding.turn_id]:
            is_known = other.rule_id not in deferred or finding.rule_id in deferred
            is_trusted = _TRUST[other.status] >= _TRUST[finding.status]
            if takes(finding, other) and is_known and is_trusted and _share(finding, other):
                place = {"text": other.text, "start": other.start, "end": other.end, "rule_id": other.rule_id}
                explanation = {**finding.explanation, "cue": {"kind": kind, **place}}
                return replace(finding, outcome=Outcome.SUPPRESSED, explanation=explanation)
        return finding

    return [or_held_back(finding) for finding in findings]


def _share(one: Finding, other: Finding) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return False
    return one.start < other.end and other.start < one.end
