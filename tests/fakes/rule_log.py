"""The rule log in memory."""

from __future__ import annotations

from typing import Protocol

from qa_service.domain.rule_log import RuleEvent, RuleRecord


class _Store(Protocol):
    rule_log: list[RuleRecord]


class FakeRuleLog:
    """See `qa_service.workflows.ports.Repository`."""

    _store: _Store

    def add_rule_record(self, record: RuleRecord) -> None:
        self._store.rule_log.append(record)

    def rule_records(self, event: RuleEvent, key: str | None = None) -> list[RuleRecord]:
        return [r for r in self._store.rule_log if r.event is event and key in (None, r.key)]

    def rule_revision(self) -> int:
        changing = (RuleEvent.PUBLICATION, RuleEvent.DEMOTION, RuleEvent.RELOAD)
        return max((at for at, r in enumerate(self._store.rule_log, start=1) if r.event in changing), default=0)
