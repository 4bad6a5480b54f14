"""One blame for the same words. Owns no match and no guard.

Of two categories of manner the graver one counts; of two rules of a category the one that rests on words alone counts,
not the one that also rests on the model's suspicion; and where the model alone suspects a turn, any other rule that hits
it for the same category tells more.
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


def held_back(findings: Sequence[Finding], deferred: Set[str]) -> list[Finding]:
    """The same findings, hits suppressed where another that goes before them shares a character with them.

    The other hit must be of a rule that is trusted as far, and not known only at the close where the first one is known
    at once: what is exact is never taken back. `deferred` are the ids of the rules that are known at the close.
    """
    graver = _without_taken(findings, BY_GRAVER, _graver_than, deferred)
    told = _without_taken(graver, BY_WORDS, _same_if_suspected, deferred)
    return _without_told(told)


def without_repeats(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without what words alone tell already: the model's saying the same is nothing that anybody has to look at."""
    return tuple(finding for finding in findings if _taken_by(finding) != BY_WORDS)


def is_held_back(finding: Finding) -> bool:
    """Whether the rule has hit and another has taken the words."""
    return _taken_by(finding) in (BY_GRAVER, BY_WORDS)


def _taken_by(finding: Finding) -> object:
    cue = finding.explanation.get("cue")
    return cue.get("kind") if finding.outcome is Outcome.SUPPRESSED and isinstance(cue, Mapping) else None


def _graver_than(finding: Finding) -> str | None:
    return GRAVER.get(finding.category)


def _same_if_suspected(finding: Finding) -> str | None:
    return finding.category if "suspicion" in finding.explanation else None


def _without_told(findings: Sequence[Finding]) -> list[Finding]:
    """The same, the model's bare suspicions suppressed in turns where another rule of the category hits."""
    told = {(one.turn_id, one.category): one for one in findings if one.is_shown_hit and not _is_bare(one)}

    def or_told(finding: Finding) -> Finding:
        other = told.get((finding.turn_id, finding.category))
        if other is None or finding.outcome is not Outcome.HIT or not _is_bare(finding):
            return finding
        return _suppressed(finding, BY_WORDS, other)

    return [or_told(finding) for finding in findings]


def _is_bare(finding: Finding) -> bool:
    suspicion = finding.explanation.get("suspicion")
    return isinstance(suspicion, Mapping) and bool(suspicion.get("alone"))


def _suppressed(finding: Finding, kind: str, other: Finding) -> Finding:
    place = {"text": other.text, "start": other.start, "end": other.end, "rule_id": other.rule_id}
    explanation = {**finding.explanation, "cue": {"kind": kind, **place}}
    return replace(finding, outcome=Outcome.SUPPRESSED, explanation=explanation)


def _without_taken(
    findings: Sequence[Finding], kind: str, taker_of: Callable[[Finding], str | None], deferred: Set[str]
) -> list[Finding]:
    """`taker_of`: the category whose hits go before this one, None for what nothing takes; a suspicion takes no suspicion."""
    hits: dict[tuple[str | None, str], list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.HIT and (kind == BY_GRAVER or "suspicion" not in finding.explanation):
            hits.setdefault((finding.turn_id, finding.category), []).append(finding)

    def or_held_back(finding: Finding) -> Finding:
        category = taker_of(finding)
        if finding.outcome is not Outcome.HIT or category is None:
            return finding
        for other in hits.get((finding.turn_id, category), ()):
            is_known = other.rule_id not in deferred or finding.rule_id in deferred
            if is_known and _TRUST[other.status] >= _TRUST[finding.status] and _share(finding, other):
                return _suppressed(finding, kind, other)
        return finding

    return [or_held_back(finding) for finding in findings]


def _share(one: Finding, other: Finding) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return False
    return one.start < other.end and other.start < one.end
