"""What a reviewer reads about one finding: why, stated against policy, where it stands. Owns no HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.language import Catalogue
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision, ReviewState, Verdict, state_of

_SHOWN = ("title", "reason", "rationale", "stated", "policy", "reference", "cue", "review", "undone", "doubt")
_FOLLOWING = {
    ReviewState.OPEN: (Decision.CONFIRM, Decision.OVERTURN, Decision.APPEAL),
    ReviewState.CONFIRMED: (Decision.OVERTURN, Decision.APPEAL),
    ReviewState.OVERTURNED: (Decision.CONFIRM,),
    ReviewState.APPEALED: (Decision.CONFIRM, Decision.OVERTURN),
}
"""The decisions that may follow on where a finding stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCard:
    """One finding as shown. `id` is None where the store keeps no id, so nobody can decide on it.

    `cue` is the kind and the words of what suppressed it; `undone` says what was read differently from how it is written,
    in the order of the text; `details` the rest of the explanation as name and JSON.
    """

    finding: Finding
    id: str | None
    title: str
    why: str | None
    stated: str | None
    policy: str | None
    policy_title: str | None
    source: str | None
    reference: str | None
    cue: tuple[str, str] | None
    undone: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    verdicts: tuple[Verdict, ...]
    state: ReviewState
    decisions: tuple[Decision, ...]
    agent_name: str | None
    is_erased: bool

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"finding-{self.finding.key}"

    @property
    def is_overturned(self) -> bool:
        """Whether a person said that it is wrong."""
        return self.state is ReviewState.OVERTURNED

    @property
    def is_auto_confirmed(self) -> bool:
        """Whether its rule is trusted without review, and nobody decided otherwise."""
        return not self.verdicts and self.state is ReviewState.CONFIRMED


def finding_cards(stored: StoredConversation, outcome: Outcome, words: Catalogue) -> tuple[FindingCard, ...]:
    """Cards of the findings with this outcome, worst first, then in order of the chat. Shadow rules are not shown."""
    if stored.inspection is None:
        return ()
    order = {turn.id: index for index, turn in enumerate(stored.conversation.turns)}
    shown = [f for f in stored.inspection.findings if f.outcome is outcome and f.status is not RuleStatus.SHADOW]
    shown.sort(key=lambda f: (-f.severity.rank, order.get(f.turn_id, -1) if f.turn_id else -1, f.start or 0))
    return tuple(_card(finding, stored, words) for finding in shown)


def grouped(cards: Sequence[FindingCard], texts: Mapping[str, str]) -> tuple[tuple[FindingCard, ...], ...]:
    """The cards in order; equal suspicions of equal words that stand alike are one group, at the place of the first.

    Args:
        cards: of one chat.
        texts: what was said, by turn id.
    """
    groups: dict[tuple[str | None, ...], list[FindingCard]] = {}
    for card in cards:
        groups.setdefault(_sameness(card, texts), []).append(card)
    return tuple(tuple(group) for group in groups.values())


def _sameness(card: FindingCard, texts: Mapping[str, str]) -> tuple[str | None, ...]:
    """Equal for cards that tell a reader the same; a hit of a rule's words stands alone, it may be marked elsewhere."""
    finding = card.finding
    is_models = bool(_mapping(finding.explanation.get("suspicion")).get("alone"))
    if not is_models or finding.turn_id is None:
        return (finding.key,)
    return finding.rule_id, finding.agent_id, texts.get(finding.turn_id), card.state


def _card(finding: Finding, stored: StoredConversation, words: Catalogue) -> FindingCard:
    explanation = finding.explanation
    finding_id = stored.finding_ids.get(finding.key)
    verdicts = tuple(verdict for verdict in stored.verdicts if verdict.finding_id == finding_id)
    state = state_of(finding, verdicts)
    policy = _mapping(explanation.get("policy"))
    stated = _mapping(explanation.get("stated"))
    agents = {agent.id: agent.name for agent in stored.conversation.agents}
    return FindingCard(
        finding=finding,
        id=finding_id,
        title=_text(explanation, "title") or finding.rule_id,
        why=_text(explanation, "reason") or _text(explanation, "rationale"),
        stated=_amount(stated, words) if stated else None,
        policy=_policy_value(policy, words) if policy else None,
        policy_title=_text(policy, "title") or _text(policy, "key"),
        source=_text(policy, "source"),
        reference=_reference(explanation),
        cue=_cue(explanation.get("cue"), words),
        undone=_undone(explanation.get("undone"), words),
        details=tuple((name, _json(value)) for name, value in explanation.items() if name not in _SHOWN),
        verdicts=verdicts,
        state=state,
        decisions=() if stored.erased else _decisions(finding, finding_id, state, is_decided=bool(verdicts)),
        is_erased=stored.erased is not None,
        agent_name=(agents.get(finding.agent_id) or finding.agent_id) if finding.agent_id else None,
    )


def _decisions(
    finding: Finding, finding_id: str | None, state: ReviewState, *, is_decided: bool
) -> tuple[Decision, ...]:
    """What may follow; where nobody decided yet also what a machine's confirmation says already."""
    if finding_id is None or finding.outcome is not Outcome.HIT:
        return ()
    return _FOLLOWING[state if is_decided else ReviewState.OPEN]


def _policy_value(policy: Mapping[str, Any], words: Catalogue) -> str | None:
    if "allowed" in policy:
        return words.text("finding.allowed_yes" if policy["allowed"] else "finding.allowed_no")
    return _amount(policy, words)


def _amount(quantity: Mapping[str, Any], words: Catalogue) -> str | None:
    """`{"value": 7, "unit": "day"}` → `7 days`, 1 as `1 day`; a range as `5–7 days`; None if there is no value to show."""
    unit, value = quantity.get("unit"), quantity.get("value")
    if value is None:
        return words.label("unit", unit) if unit else None
    number = f"{quantity['low']}–{value}" if "low" in quantity else str(value)
    kind = "unit_one" if number == "1" and f"unit_one.{unit}" in words.strings else "unit"
    return f"{number} {words.label(kind, unit)}" if unit else number


def _cue(cue: object, words: Catalogue) -> tuple[str, str] | None:
    if isinstance(cue, Mapping):
        return words.label("cue", cue.get("kind", "")), str(cue.get("text", ""))
    return ("", cue) if isinstance(cue, str) else None


def _undone(steps: object, words: Catalogue) -> tuple[str, ...]:
    """薇 read as 微, ❤ taken out."""
    found = [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list | tuple) else []
    return tuple(
        words.text(
            "finding.read_as" if step.get("read_as") else "finding.taken_out",
            text=step.get("text", ""),
            read_as=step.get("read_as", ""),
            how=words.label("undone", step.get("how", "")),
        )
        for step in sorted(found, key=lambda step: step.get("start", 0))
    )


def _reference(explanation: Mapping[str, Any]) -> str | None:
    """The law or platform rule; a policy that is shown in full needs no reference to its key."""
    reference = _text(explanation, "reference")
    is_policy = reference is not None and reference.startswith("policy:")
    return None if is_policy and "policy" in explanation else reference


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(mapping: Mapping[str, Any], name: str) -> str | None:
    value = mapping.get(name)
    return value if isinstance(value, str) and value else None


def _json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
