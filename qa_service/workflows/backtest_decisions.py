"""What people decided about a conversation's hits, found again by its words whichever packs hit them. Owns no counting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import ReviewState, Verdict, state_after
from qa_service.workflows.ports import UnitOfWork

_MASK = "*"


@dataclass(frozen=True, slots=True)
class Decided:
    """A finding that people decided about, and where it stands."""

    finding: Finding
    state: ReviewState


@dataclass(frozen=True, slots=True)
class Decisions:
    """All of one conversation, by key of the finding: also those on hits that its newest result no longer has.

    A pack that finds again what people overturned would else look as if nobody had judged it.
    """

    by_key: Mapping[str, Decided] = field(default_factory=dict)

    def about(self, hit: Finding) -> Sequence[Decided]:
        """What people decided about this very hit, else about those at the same words."""
        if hit.key in self.by_key:
            return (self.by_key[hit.key],)
        return [one for one in self.by_key.values() if same_place(hit, one.finding)]

    def state_of(self, hit: Finding) -> ReviewState:
        """Where the hit stands; open where nobody decided."""
        return next((one.state for one in self.about(hit)), ReviewState.OPEN)

    def found_by(self, hits: Iterable[Finding]) -> Iterable[Decided]:
        """The decided findings that these hits find again, each once: one that is now two hits was decided about once."""
        return {one.finding.key: one for hit in hits for one in self.about(hit)}.values()


def decisions_of(unit_of_work: UnitOfWork, stored: StoredConversation) -> Decisions:
    """Read them; what was decided about words of an earlier revision that are no longer said is left out."""
    made: dict[str, list[Verdict]] = {}
    for verdict in stored.verdicts:
        made.setdefault(verdict.finding_id, []).append(verdict)
    findings = {stored.finding_ids.get(one.key): one for one in stored.inspection.findings} if stored.inspection else {}
    earlier = [identity for identity in made if identity not in findings]
    if earlier:
        with unit_of_work(is_read_only=True) as repository:
            read = {identity: repository.get_finding(identity).finding for identity in earlier}
        findings |= {identity: one for identity, one in read.items() if _is_said(one, stored.conversation)}
    decided = [Decided(findings[identity], state_after(made[identity])) for identity in made if identity in findings]
    return Decisions({one.finding.key: one for one in decided})


def same_place(one: Finding, other: Finding) -> bool:
    """Whether two hits of one rule are about the same words (or the same absence)."""
    if (one.rule_id, one.agent_id, one.turn_id) != (other.rule_id, other.agent_id, other.turn_id):
        return False
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return True
    return one.start < other.end and other.start < one.end


def _is_said(finding: Finding, conversation: Conversation) -> bool:
    """Whether the words of a finding stand at its place; the finding may have them masked."""
    if finding.start is None or finding.text is None:
        return True
    text = next((turn.text for turn in conversation.turns if turn.id == finding.turn_id), "")
    said = text[finding.start : finding.end]
    return len(said) == len(finding.text) and all(
        one in (other, _MASK) for one, other in zip(finding.text, said, strict=True)
    )
