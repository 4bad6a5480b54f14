"""Runs two rule sets over stored conversations, with the moods they were stored with, and compares what they find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from qa_service.domain.backtest import AgentDifference, BacktestReport, HitExample, RuleDifference, RuleSide
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.inspection import Inspection
from qa_service.domain.precision import Precision, precision
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import ReviewState
from qa_service.domain.rule_log import RuleVerdict
from qa_service.workflows.backtest_decisions import Decisions, decisions_of, same_place
from qa_service.workflows.personal_data import original_of
from qa_service.workflows.ports import ConversationFilter, Normaliser, RuleEngine, Scorer, UnitOfWork
from qa_service.workflows.publish_gate import decided_hits

EXAMPLES = 20
"""Of new and of lost hits, a rule."""

PAGE = 200

_Agent = tuple[str | None, str]
"""Shop and id: ids of agents are unique in a shop only."""

_Totals = tuple[float, float]
"""A card's total before and after."""


class TestedRule(Protocol):
    """What is read of a rule of a pack."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """Grows whenever the rule matches something else."""

    @property
    def status(self) -> RuleStatus:
        """As its hits count: advisory while it is demoted."""

    @property
    def is_demoted(self) -> bool:
        """Whether people's decisions took it down."""

    @property
    def body(self) -> str:
        """The digest of what it asks for."""


class TestedRules(RuleEngine, Protocol):
    """Packs that name their rules."""

    @property
    def rules(self) -> Sequence[TestedRule]:
        """All of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Compares rule sets; writes nothing."""

    unit_of_work: UnitOfWork
    normaliser: Normaliser
    scorer: Scorer

    def run(self, current: TestedRules, new: TestedRules, *, since: datetime, identity: str) -> BacktestReport:
        """Compare over every stored conversation that began at `since` or later, and over every reviewed one.

        What people decided is the measure, so no window leaves any of it out.
        """
        tally = _Tally()
        seen: set[str] = set()
        for stored in stored_since(self.unit_of_work, since):
            seen.add(stored.id)
            if stored.inspection is None or stored.erased is not None:
                tally.unread += 1
            else:
                tally.conversations += 1
                self._compare(tally, stored, stored.inspection, current, new)
        decisions = self._decisions()
        for stored in _stored(self.unit_of_work, sorted({one.conversation_id for one in decisions} - seen)):
            if stored.inspection is not None and stored.erased is None:
                tally.reviewed_earlier += 1
                self._compare(tally, stored, stored.inspection, current, new)
        return BacktestReport(
            id=identity,
            base_digest=current.rules_digest,
            pack_digest=new.rules_digest,
            since=since,
            conversations=tally.conversations,
            reviewed_earlier=tally.reviewed_earlier,
            unread=tally.unread,
            decided=decided_hits(decisions),
            rules=tally.differences(_by_id(current.rules), _by_id(new.rules)),
            agents=tuple(_agent(*agent, totals) for agent, totals in sorted(tally.totals.items(), key=_named)),
            precision_before=_precision([s for rule in tally.rules.values() for s in rule.decided_before]),
            precision_after=_precision([s for rule in tally.rules.values() for s in rule.decided_after]),
        )

    def _decisions(self) -> list[RuleVerdict]:
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.rule_verdicts()

    def _compare(
        self, tally: _Tally, stored: StoredConversation, inspection: Inspection, current: RuleEngine, new: RuleEngine
    ) -> None:
        normalised = self.normaliser.normalise(stored.conversation)
        found = [engine.inspect(normalised, inspection.mood, inspection.agents) for engine in (current, new)]
        before, after = ([f for f in findings if f.outcome is Outcome.HIT] for findings in found)
        tally.add_hits(stored, decisions_of(self.unit_of_work, stored), before, after)
        cards = [self.scorer.score(stored.conversation, f, inspection.mood, inspection.agents) for f in found]
        for old_card, new_card in zip(*cards, strict=True):
            if old_card.total is not None and new_card.total is not None:
                agent = (stored.conversation.shop, str(old_card.agent_id))
                tally.totals[agent].append((float(old_card.total), float(new_card.total)))


def stored_since(unit_of_work: UnitOfWork, since: datetime) -> Iterator[StoredConversation]:
    """Every stored conversation that began at `since` or later, as it was said, a page a transaction."""
    cursor: str | None = None
    while True:
        with unit_of_work(is_read_only=True) as repository:
            page = repository.find(ConversationFilter(since=since, limit=PAGE, cursor=cursor))
            found = [repository.get(row.id) for row in page.rows]
            stored = [replace(one, conversation=original_of(repository, one)) for one in found]
        yield from stored
        cursor = page.next_cursor
        if cursor is None:
            return


def _stored(unit_of_work: UnitOfWork, ids: Sequence[str]) -> Iterator[StoredConversation]:
    """These conversations, as they were said, some a transaction."""
    for start in range(0, len(ids), PAGE):
        with unit_of_work(is_read_only=True) as repository:
            found = [repository.get(identity) for identity in ids[start : start + PAGE]]
            stored = [replace(one, conversation=original_of(repository, one)) for one in found]
        yield from stored


@dataclass(slots=True)
class _RuleTally:
    before: int = 0
    after: int = 0
    new: list[HitExample] = field(default_factory=list)
    lost: list[HitExample] = field(default_factory=list)
    decided_before: list[ReviewState] = field(default_factory=list)
    decided_after: list[ReviewState] = field(default_factory=list)


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    conversations: int = 0
    reviewed_earlier: int = 0
    unread: int = 0
    rules: defaultdict[str, _RuleTally] = field(default_factory=lambda: defaultdict(_RuleTally))
    totals: defaultdict[_Agent, list[_Totals]] = field(default_factory=lambda: defaultdict(list))

    def add_hits(
        self,
        stored: StoredConversation,
        decided: Decisions,
        before: Sequence[Finding],
        after: Sequence[Finding],
    ) -> None:
        """Count one conversation."""
        for hit in before:
            rule = self.rules[hit.rule_id]
            rule.before += 1
            if not any(same_place(hit, other) for other in after):
                rule.lost.append(_example(stored, hit, decided.state_of(hit)))
        for hit in after:
            rule = self.rules[hit.rule_id]
            rule.after += 1
            if not any(same_place(hit, other) for other in before):
                rule.new.append(_example(stored, hit, decided.state_of(hit)))
        for one in decided.found_by(before):
            self.rules[one.finding.rule_id].decided_before.append(one.state)
        for one in decided.found_by(after):
            self.rules[one.finding.rule_id].decided_after.append(one.state)

    def differences(
        self, current: Mapping[str, TestedRule], new: Mapping[str, TestedRule]
    ) -> tuple[RuleDifference, ...]:
        """By id, the rules with hits and those that are not what they were."""
        pairs = {
            rule_id: (current.get(rule_id), new.get(rule_id))
            for rule_id in current.keys() | new.keys() | self.rules.keys()
        }
        named = (rule_id for rule_id in sorted(pairs) if rule_id in self.rules or _has_changed(*pairs[rule_id]))
        return tuple(_difference(rule_id, self.rules[rule_id], *pairs[rule_id]) for rule_id in named)


def _by_id(rules: Sequence[TestedRule]) -> dict[str, TestedRule]:
    return {rule.id: rule for rule in rules}


def _has_changed(old: TestedRule | None, new: TestedRule | None) -> bool:
    return _side(old) != _side(new) or _is_unversioned(old, new)


def _side(rule: TestedRule | None) -> RuleSide | None:
    if rule is None:
        return None
    return RuleSide(version=rule.version, status=str(rule.status), is_demoted=rule.is_demoted)


def _is_unversioned(old: TestedRule | None, new: TestedRule | None) -> bool:
    return old is not None and new is not None and old.version == new.version and old.body != new.body


def _example(stored: StoredConversation, hit: Finding, state: ReviewState) -> HitExample:
    return HitExample(
        conversation_id=stored.id,
        external_id=stored.external_id,
        agent_id=hit.agent_id,
        turn_id=hit.turn_id,
        start=hit.start,
        end=hit.end,
        state=state,
    )


def _difference(rule_id: str, tally: _RuleTally, old: TestedRule | None, new: TestedRule | None) -> RuleDifference:
    lost = [example.state for example in tally.lost]
    return RuleDifference(
        rule_id=rule_id,
        rule_before=_side(old),
        rule_after=_side(new),
        is_unversioned=_is_unversioned(old, new),
        before=tally.before,
        after=tally.after,
        new=len(tally.new),
        lost=len(tally.lost),
        lost_confirmed=lost.count(ReviewState.CONFIRMED),
        lost_overturned=lost.count(ReviewState.OVERTURNED),
        new_examples=tuple(tally.new[:EXAMPLES]),
        lost_examples=tuple(tally.lost[:EXAMPLES]),
        precision_before=_precision(tally.decided_before),
        precision_after=_precision(tally.decided_after),
    )


def _precision(states: Sequence[ReviewState]) -> Precision:
    return precision(states.count(ReviewState.CONFIRMED), states.count(ReviewState.OVERTURNED))


def _named(item: tuple[_Agent, object]) -> tuple[str, str]:
    (shop, agent_id), _ = item
    return shop or "", agent_id


def _agent(shop: str | None, agent_id: str, totals: Sequence[_Totals]) -> AgentDifference:
    n = len(totals)
    return AgentDifference(
        shop=shop,
        agent_id=agent_id,
        conversations=n,
        changed=sum(before != after for before, after in totals),
        mean_before=round(sum(before for before, _ in totals) / n, 2) if n else None,
        mean_after=round(sum(after for _, after in totals) / n, 2) if n else None,
    )
