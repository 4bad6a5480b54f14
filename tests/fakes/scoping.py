"""Row scopes over the store in memory: plain conditions on records, where the real store has SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qa_service.domain.audit import AuditFilter
from qa_service.domain.identity import Scope
from qa_service.domain.scorecard import Scorecard
from tests.fakes.stored import Record, Result


@dataclass(frozen=True, kw_only=True)
class FakeScoping:
    """A scope with the groups that agents were last seen in, by shop and id."""

    scope: Scope
    groups: Mapping[tuple[str, str], str]

    def holds(self, record: Record) -> bool:
        shops = self.scope.shops
        if shops is not None and record.conversation.shop not in shops:
            return False
        if self.scope.assigned_to not in (None, record.assignee):
            return False
        return not self.scope.is_of_agents or bool(self.agents(record))

    def agents(self, record: Record) -> list[str]:
        return [agent for agent in record.conversation.agent_ids if self.sees(record, agent)]

    def sees(self, record: Record, agent_id: str | None) -> bool:
        if not self.scope.is_of_agents:
            return True
        ids, groups = self.scope.agent_ids, self.scope.groups
        group = self.groups.get((record.conversation.shop or "", agent_id or ""))
        return agent_id is not None and (ids is None or agent_id in ids) and (groups is None or group in groups)

    def audited(self, query: AuditFilter) -> AuditFilter:
        if self.scope.is_within_shops:
            self.scope.require_everything()
        shops = [known for known in (self.scope.shops, query.shops) if known is not None]
        return replace(query, shops=frozenset.intersection(*shops)) if shops else query

    def listed(self, record: Record) -> Record:
        """What a list shows of it: own findings and cards; suspicions where nobody else spoke, nothing fatal."""
        if not self.scope.is_of_agents:
            return record
        is_alone = len(self.agents(record)) == len(record.conversation.agent_ids)
        return replace(record, results=tuple(self._own(record, result, is_alone) for result in record.results))

    def _own(self, record: Record, result: Result, is_alone: bool) -> Result:
        mood = result.inspection.mood
        return replace(
            result,
            inspection=replace(result.inspection, mood=mood if is_alone else replace(mood, tones=())),
            standing=tuple(finding for finding in result.standing if self.sees(record, finding.agent_id)),
            final=tuple(_calm(card) for card in result.final if self.sees(record, card.agent_id)),
        )


def _calm(card: Scorecard) -> Scorecard:
    return replace(card, fatal=False, dimensions=tuple(replace(part, fatal=False) for part in card.dimensions))
