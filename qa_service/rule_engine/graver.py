"""One blame for the same words. Owns no match and no guard.

Of two categories of manner the graver one counts; of two rules of one policy the one that has held the value against it;
of two rules of a category the one that rests on words alone counts, not the one that also rests on the model's suspicion;
and where the model alone suspects a turn, any other rule that hits it for the same category tells more, or says why these
words are none: they are negated, quoted, asked, or the shop allows the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_service.domain.conversation import TurnId
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.text import Span
from qa_service.rule_engine.guard import SpeechAct
from qa_service.rule_engine.rule import Rule

GRAVER: Mapping[str, str] = {"dismissive": "abuse"}
"""Category → the graver one that the same words may be. Other pairs are different wrongs: a bribe may be paid elsewhere."""

BY_GRAVER, BY_VALUE, BY_WORDS, BY_POLICY = "graver", "by_value", "by_words", "by_policy"
"""The kinds of the cue that is stored."""

# Acts that leave no doubt where their cue stands beside the words; further off it is often about something else.
_CLEARING = frozenset(map(str, (SpeechAct.NEGATION, SpeechAct.REPORTED, SpeechAct.WARNING, SpeechAct.QUESTION)))
_BESIDE_CHARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Words of a turn that a rule of a category forbids and a policy of the shop allows."""

    turn_id: TurnId
    category: str
    span: Span
    policy_key: str


_TRUST = {status: at for at, status in enumerate(RuleStatus)}


def held_back(findings: Sequence[Finding], rules: Mapping[str, Rule], allowed: Sequence[Allowed]) -> list[Finding]:
    """The same findings, hits suppressed where another that goes before them shares a character with them.

    The other hit must be of a rule that is trusted as far, and not known only at the close where the first one is known
    at once: what is exact is never taken back. `rules` are those of the findings by id.
    `allowed` is what rules would have hit if the shop did not allow it.
    """
    graver = _without_taken(findings, BY_GRAVER, _graver_than, rules)
    judged = _without_unjudged(graver, rules)
    told = _without_taken(judged, BY_WORDS, _same_if_suspected, rules)
    return _without_told(told, allowed)


def without_repeats(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without what words alone tell already: the model's saying the same is nothing that anybody has to look at."""
    return tuple(finding for finding in findings if _taken_by(finding) not in (BY_WORDS, BY_POLICY))


def is_held_back(finding: Finding) -> bool:
    """Whether the rule has hit and another has taken the words."""
    return _taken_by(finding) in (BY_GRAVER, BY_VALUE, BY_WORDS, BY_POLICY)


def _taken_by(finding: Finding) -> object:
    cue = finding.explanation.get("cue")
    return cue.get("kind") if finding.outcome is Outcome.SUPPRESSED and isinstance(cue, Mapping) else None


def _graver_than(finding: Finding) -> str | None:
    return GRAVER.get(finding.category)


def _same_if_suspected(finding: Finding) -> str | None:
    return finding.category if "suspicion" in finding.explanation else None


def _without_unjudged(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """The same, hits of words suppressed where another rule of their policy judged a value in these words.

    质保三年 is no promise beyond the policy where the policy is ten years and the same three years are too few.
    """
    verdicts: dict[tuple[str | None, object], list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.HIT and "verdict" in finding.explanation:
            verdicts.setdefault((finding.turn_id, finding.explanation["policy"]["key"]), []).append(finding)

    def or_judged(finding: Finding) -> Finding:
        if not verdicts or finding.outcome is not Outcome.HIT or "verdict" in finding.explanation:
            return finding
        for use in rules[finding.rule_id].policies:
            for other in verdicts.get((finding.turn_id, use.key), ()):
                if _goes_before(other, finding, rules):
                    return _suppressed(finding, BY_VALUE, other)
        return finding

    return [or_judged(finding) for finding in findings]


def _goes_before(other: Finding, finding: Finding, rules: Mapping[str, Rule]) -> bool:
    is_known = not rules[other.rule_id].is_deferred or rules[finding.rule_id].is_deferred
    return is_known and _TRUST[other.status] >= _TRUST[finding.status] and _share(finding, other)


def _without_told(findings: Sequence[Finding], allowed: Sequence[Allowed]) -> list[Finding]:
    """The same, the model's bare suspicions suppressed in turns where another rule of the category knows the words.

    It hits them, a speech act takes them back, or the shop allows the thing.
    """
    told = {(one.turn_id, one.category): one for one in findings if one.is_shown_hit and not _is_bare(one)}

    def or_told(finding: Finding) -> Finding:
        if finding.outcome is not Outcome.HIT or not _is_bare(finding):
            return finding
        other = told.get((finding.turn_id, finding.category)) or _taken_back(finding, findings)
        if other is not None:
            return _suppressed(finding, BY_WORDS, other)
        policy_key = next((one.policy_key for one in allowed if _is_of(one, finding)), None)
        return (
            finding
            if policy_key is None
            else _with_cue(finding, {"kind": BY_POLICY, "text": policy_key, **_place_of(finding)})
        )

    return [or_told(finding) for finding in findings]


def _taken_back(suspicion: Finding, findings: Sequence[Finding]) -> Finding | None:
    """The words of the same category that a cue right beside them takes back, where the suspicion rests on some of them."""
    for one in findings:
        is_about = one.turn_id == suspicion.turn_id and one.category == suspicion.category
        if is_about and one.status is not RuleStatus.SHADOW and _is_cleared(one) and _share(one, suspicion):
            return one
    return None


def _is_cleared(finding: Finding) -> bool:
    if _taken_by(finding) not in _CLEARING or finding.start is None or finding.end is None:
        return False
    start, end = finding.explanation["cue"].get("start"), finding.explanation["cue"].get("end")
    if start is None or end is None:
        return False
    gap: int = max(finding.start - end, start - finding.end)
    return 0 <= gap <= _BESIDE_CHARS


def _is_of(allowed: Allowed, finding: Finding) -> bool:
    if (allowed.turn_id, allowed.category) != (finding.turn_id, finding.category):
        return False
    start, end = finding.start, finding.end
    return start is not None and end is not None and allowed.span.overlaps(Span(start, end))


def _is_bare(finding: Finding) -> bool:
    suspicion = finding.explanation.get("suspicion")
    return isinstance(suspicion, Mapping) and bool(suspicion.get("alone"))


def _suppressed(finding: Finding, kind: str, other: Finding) -> Finding:
    cue = {"kind": kind, "text": other.text, **_place_of(other), "rule_id": other.rule_id}
    return _with_cue(finding, cue)


def _place_of(finding: Finding) -> dict[str, int | None]:
    return {"start": finding.start, "end": finding.end}


def _with_cue(finding: Finding, cue: Mapping[str, object]) -> Finding:
    return replace(finding, outcome=Outcome.SUPPRESSED, explanation={**finding.explanation, "cue": cue})


def _without_taken(
    findings: Sequence[Finding], kind: str, taker_of: Callable[[Finding], str | None], rules: Mapping[str, Rule]
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
            if _goes_before(other, finding, rules):
                return _suppressed(finding, kind, other)
        return finding

    return [or_held_back(finding) for finding in findings]


def _share(one: Finding, other: Finding) -> bool:
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return False
    return one.start < other.end and other.start < one.end
