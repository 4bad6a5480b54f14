"""What is left of a conversation for somebody who may see only some of its agents. Owns no query and no scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.inspection import Inspection
from qa_service.domain.records import StoredConversation


def narrowed(stored: StoredConversation, agents: Collection[str]) -> StoredConversation:
    """The same chat with the findings, tones, reply times and scorecards of `agents` only.

    What was said, the customer's mood and where the review of the whole chat stands remain. Who cleared a suspicion, and
    why, remains only where nobody else spoke: it may be about a colleague.
    """
    seen = frozenset(agents)
    inspection = None if stored.inspection is None else _narrowed_inspection(stored.inspection, seen)
    keys = {finding.key for finding in inspection.findings} if inspection else set()
    finding_ids = {key: identity for key, identity in stored.finding_ids.items() if key in keys}
    known = set(finding_ids.values())
    return replace(
        stored,
        inspection=inspection,
        final_scorecards=tuple(card for card in stored.final_scorecards if card.agent_id in seen),
        finding_ids=finding_ids,
        verdicts=tuple(verdict for verdict in stored.verdicts if verdict.finding_id in known),
        suspicion_reviews=stored.suspicion_reviews if seen.issuperset(stored.conversation.agent_ids) else (),
        agents_in_scope=seen,
    )


def _narrowed_inspection(inspection: Inspection, seen: frozenset[str]) -> Inspection:
    return replace(
        inspection,
        findings=tuple(finding for finding in inspection.findings if finding.agent_id in seen or _is_failure(finding)),
        mood=replace(inspection.mood, tones=tuple(tone for tone in inspection.mood.tones if tone.agent_id in seen)),
        agents=tuple(agent for agent in inspection.agents if agent.agent_id in seen),
        scorecards=tuple(card for card in inspection.scorecards if card.agent_id in seen),
    )


def _is_failure(finding: Finding) -> bool:
    """Whether it says of nobody that a rule could not be judged; hiding that would pass for "nothing found"."""
    return finding.agent_id is None and finding.outcome is Outcome.UNAVAILABLE
