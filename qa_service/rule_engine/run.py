"""What came of one conversation so far. Owns no judging (`engine`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter

from qa_service.domain.conversation import AgentId
from qa_service.domain.finding import Finding, Outcome
from qa_service.rule_engine.answer import Answer, Truth
from qa_service.rule_engine.graver import Allowed
from qa_service.rule_engine.prerequisites import unmet
from qa_service.rule_engine.reading import ConversationReading
from qa_service.rule_engine.rule import Rule


@dataclass(slots=True)
class Run:
    """What came of one conversation so far; `unknown` says why a rule could not be judged for an agent.

    `allowed` is what rules would have hit if the shop did not allow it.
    """

    reading: ConversationReading
    findings: list[tuple[tuple[int, int, str], Finding]] = field(default_factory=list)
    unknown: dict[tuple[str, AgentId | None], Answer] = field(default_factory=dict)
    hits: set[tuple[str, AgentId | None]] = field(default_factory=set)
    failed: set[tuple[str, AgentId | None]] = field(default_factory=set)
    allowed: list[Allowed] = field(default_factory=list)
    agents: tuple[AgentId, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.agents = self.reading.agent_ids

    def placed(self) -> list[Finding]:
        """What was found in turns, by turn, start and rule id."""
        return [finding for _, finding in sorted(self.findings, key=itemgetter(0))]

    @property
    def turn_hits(self) -> set[tuple[str, AgentId | None]]:
        """The rules that have hit in a turn, each with its agent."""
        return {(found.rule_id, found.agent_id) for _, found in self.findings if found.outcome is Outcome.HIT}

    def note_unknown(self, rule: Rule, agent_id: AgentId | None, answer: Answer) -> None:
        """Remember why a rule could not be judged for an agent; that something failed stays before other reasons."""
        key = (rule.id, agent_id)
        known = self.unknown.get(key)
        if known is None or known.truth is not Truth.UNAVAILABLE:
            self.unknown[key] = answer

    def note(self, finding: Finding) -> Finding:
        """Remember an outcome without turn for the rules that require its rule."""
        key = (finding.rule_id, finding.agent_id)
        if finding.outcome is Outcome.HIT:
            self.hits.add(key)
        elif finding.outcome is Outcome.UNAVAILABLE:
            self.failed.add(key)
        return finding

    def unmet(self, rule: Rule, agent_id: AgentId | None) -> Answer | None:
        """Why the rule is not asked for an agent: none of its prerequisites has hit."""
        return unmet(rule, agent_id, self.hits, self.failed) if rule.requires else None
