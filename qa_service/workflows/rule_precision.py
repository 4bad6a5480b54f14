"""How often people confirm each rule's hits, and what follows: a rule that is confirmed too seldom moves no score."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from qa_service.domain.audit import AuditEvent
from qa_service.domain.finding import RuleStatus
from qa_service.domain.precision import Precision, precision
from qa_service.domain.review import Decision
from qa_service.domain.rule_log import RuleEvent, RuleRecord, RuleVerdict
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

logger = logging.getLogger(__name__)

DEFAULT_BAR = 0.7
FEWEST_REVIEWS = 30
"""With 30 reviews 26 confirmations have their lower bound at 0.70; with fewer, chance alone demotes good rules."""

_MOVES_SCORES = (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)


class JudgedRule(Protocol):
    """What is read of a rule of a pack."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """Reviews of other versions say nothing of this one."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def status(self) -> RuleStatus:
        """As the pack has it."""

    @property
    def precision_bar(self) -> float | None:
        """The pack's own bar, 0…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFigure:
    """One rule with what people decided; `demoted_at` while it moves no score although its pack says so."""

    rule_id: str
    version: int
    title: str
    status: RuleStatus
    bar: float
    precision: Precision
    demoted_at: datetime | None

    @property
    def fails(self) -> bool:
        """Whether there are enough reviews to say that it is confirmed less often than its bar."""
        low = self.precision.low
        return (
            self.status in _MOVES_SCORES
            and self.precision.reviews >= FEWEST_REVIEWS
            and low is not None
            and low < self.bar
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrecision:
    """Reads verdicts by rule, demotes and restores. Every step is in the rule log."""

    unit_of_work: UnitOfWork
    clock: Clock

    def figures(self, rules: Iterable[JudgedRule]) -> list[RuleFigure]:
        """All rules, in the order given."""
        with self.unit_of_work(is_read_only=True) as repository:
            return _figures(repository, rules)

    def demote_failing(self, rules: Iterable[JudgedRule]) -> list[RuleFigure]:
        """Make advisory what fails its bar and is not demoted yet; what was demoted.

        A version that a person restored is demoted again only after `FEWEST_REVIEWS` more decisions.
        """
        with self.unit_of_work() as repository:
            failing = [f for f in _figures(repository, rules) if f.fails and f.demoted_at is None]
            failing = [figure for figure in failing if _is_due(repository, figure)]
            for figure in failing:
                document = {
                    "version": figure.version,
                    "is_demoted": True,
                    "bar": figure.bar,
                    "precision": asdict(figure.precision),
                    "by": "system",
                    "reason": f"lower bound {figure.precision.low} is under the bar {figure.bar}",
                }
                self._log(repository, figure.rule_id, document)
                logger.warning("rule %s v%d is demoted to advisory", figure.rule_id, figure.version)
        return failing

    def restore(self, rules: Iterable[JudgedRule], rule_id: str, *, reason: str, by: str) -> None:
        """Let a demoted rule move scores again.

        Raises:
            NotFound: no such rule.
            InvalidInput: the reason is missing.
            Conflict: it is not demoted.
        """
        if not reason.strip():
            raise InvalidInput("reason is missing; say why", code=ErrorCode.MISSING_FIELD, field="reason")
        with self.unit_of_work() as repository:
            figure = next((f for f in _figures(repository, rules) if f.rule_id == rule_id), None)
            if figure is None:
                raise NotFound(f"there is no rule {rule_id}", field="rule_id")
            if figure.demoted_at is None:
                raise Conflict("the rule is not demoted", field="rule_id")
            document = {"version": figure.version, "is_demoted": False, "precision": asdict(figure.precision)}
            self._log(repository, rule_id, {**document, "by": by, "reason": reason.strip()})

    def demoted(self) -> frozenset[tuple[str, int]]:
        """Rule ids with the versions that are demoted now."""
        with self.unit_of_work(is_read_only=True) as repository:
            return frozenset(_demotions(repository))

    def _log(self, repository: Repository, rule_id: str, document: dict[str, object]) -> None:
        now = self.clock.now()
        repository.add_rule_record(RuleRecord(event=RuleEvent.DEMOTION, key=rule_id, document=document, created_at=now))
        is_demoted = bool(document["is_demoted"])
        audit(
            repository,
            AuditEvent.RULE_DEMOTED if is_demoted else AuditEvent.RULE_RESTORED,
            now=now,
            on={"rule": rule_id},
            before={"is_demoted": not is_demoted},
            after=document,
        )


def _figures(repository: Repository, rules: Iterable[JudgedRule]) -> list[RuleFigure]:
    decided = by_rule(repository.rule_verdicts())
    demotions = _demotions(repository)
    return [
        RuleFigure(
            rule_id=rule.id,
            version=rule.version,
            title=rule.title,
            status=rule.status,
            bar=DEFAULT_BAR if rule.precision_bar is None else rule.precision_bar,
            precision=decided.get((rule.id, rule.version), precision(0, 0)),
            demoted_at=demotions.get((rule.id, rule.version)),
        )
        for rule in rules
    ]


def by_rule(verdicts: Iterable[RuleVerdict]) -> dict[tuple[str, int], Precision]:
    """Precision by rule and version; an appeal waits for a decision and counts for neither side."""
    decisions: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for verdict in verdicts:
        decisions[verdict.rule_id, verdict.rule_version].append(verdict.decision)
    return {
        key: precision(made.count(Decision.CONFIRM), made.count(Decision.OVERTURN)) for key, made in decisions.items()
    }


def _demotions(repository: Repository) -> dict[tuple[str, int], datetime]:
    """What is demoted now, and since when: the newest record of a version decides."""
    newest: dict[tuple[str, int], RuleRecord] = {}
    for record in repository.rule_records(RuleEvent.DEMOTION):
        newest[record.key, int(record.document["version"])] = record
    return {key: record.created_at for key, record in newest.items() if record.document["is_demoted"]}


def _is_due(repository: Repository, figure: RuleFigure) -> bool:
    records = repository.rule_records(RuleEvent.DEMOTION, figure.rule_id)
    mine = [record.document for record in records if record.document["version"] == figure.version]
    if not mine:
        return True
    known = mine[-1]["precision"]
    before = int(known["confirmed"]) + int(known["overturned"])
    return figure.precision.reviews >= before + FEWEST_REVIEWS
