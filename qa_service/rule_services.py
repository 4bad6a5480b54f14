"""What entry points do with rules: look, judge, backtest, publish, reload. Part of the services of `wiring`; owns no rule."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.rule_log import ReloadCause
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_wiring import RulesInForce
from qa_service.scoring import Rubric, RubricScorer
from qa_service.settings import Settings
from qa_service.storage import Database
from qa_service.workflows.backtest import Backtest
from qa_service.workflows.ports import Clock, UnitOfWork
from qa_service.workflows.publication import Publication
from qa_service.workflows.rule_precision import RuleFigure, RulePrecision
from qa_service.workflows.work_loop import WorkLoop

if TYPE_CHECKING:
    from qa_service.rule_engine import PackRuleEngine, Rule


@dataclass(kw_only=True)
class RuleServices:
    """All that an entry point may do with rules, and the store with the scope that it does it in."""

    settings: Settings
    database: Database
    rubric: Rubric
    clock: Clock
    rules_held: RulesInForce = field(init=False)
    work_loop: WorkLoop = field(init=False)
    scope: Scope = field(default=EVERYTHING, init=False)

    @property
    def unit_of_work(self) -> UnitOfWork:
        """Begins transactions on the rows in scope."""
        return self._store.within(self.scope)

    @property
    def _store(self) -> UnitOfWork:
        """Begins transactions on all rows, for what the service does of itself and what is of no tenant."""
        return self.database.unit_of_work()

    @property
    def rule_precision(self) -> RulePrecision:
        """Verdicts by rule, of all shops: they decide what a rule may do."""
        return RulePrecision(unit_of_work=self._store, clock=self.clock)

    @property
    def publication(self) -> Publication:
        """Which packs are in force."""
        return Publication(unit_of_work=self._store, clock=self.clock)

    @property
    def backtest(self) -> Backtest:
        """Compares packs over what is stored."""
        return Backtest(
            unit_of_work=self.unit_of_work, normaliser=ConversationNormaliser(), scorer=RubricScorer(self.rubric)
        )

    def backtest_of(self, files: Mapping[str, str], *, since: datetime) -> Callable[[str], None]:
        """Compiles packs given as texts; what backtests them against those in force and keeps the report under an id.

        Raises:
            ConfigError: a pack is wrong; the message names file and line.
            InvalidInput: a path that is no pack and no list.
        """
        current, new = self.rules_in_force(), self.rules_held.compiled(files)

        def run(identity: str) -> None:
            self.publication.keep(self.backtest.run(current, new, since=since, identity=identity))

        return run

    def publish_files(self, files: Mapping[str, str], *, by: str, force: bool, reason: str) -> str:
        """Put packs given as texts into force; their digest. Raises ConfigError, InvalidInput, Conflict."""
        digest = self.rules_held.compiled(files).rules_digest
        base = self.rules_in_force().rules_digest
        self.publication.publish(digest, files, base_digest=base, by=by, force=force, reason=reason)
        return digest

    def rule_figures(self) -> list[RuleFigure]:
        """What people decided about each rule in force, in scope."""
        return RulePrecision(unit_of_work=self.unit_of_work, clock=self.clock).figures(self.rules())

    def restore_rule(self, rule_id: str, *, reason: str, by: str) -> None:
        """Let a demoted rule move scores again. Raises NotFound, InvalidInput, Conflict."""
        self.rule_precision.restore(self.rules(), rule_id, reason=reason, by=by)
        self.reload_rules(ReloadCause.PRECISION)

    def rules_in_force(self) -> PackRuleEngine:
        """The packs that inspections run, compiled. Raises ConfigError."""
        self.keep_up()
        return self.rules_held.engine()

    def rules(self) -> tuple[Rule, ...]:
        """What the rules are, for lists."""
        return self.rules_in_force().rules

    def reload_rules(self, cause: ReloadCause) -> bool:
        """Read packs and policies anew, for what is inspected from now on. False where they are wrong: nothing changes."""
        is_new = self.rules_held.reload(cause)
        if is_new:
            self.work_loop.renew()
        return is_new

    def reload_everywhere(self, *, by: str) -> str:
        """The same in all processes of the service; the digest of the rules. Raises Conflict where they are wrong."""
        digest = self.rules_held.reload_everywhere(by=by)
        self.work_loop.renew()
        return digest

    def reload_rules_on(self, number: signal.Signals) -> None:
        """Reload at this signal, beside the work in hand. Called in the main thread."""
        begin = partial(threading.Thread, target=self.reload_rules, args=(ReloadCause.SIGNAL,), daemon=True)
        signal.signal(number, lambda *_: begin().start())

    def keep_up(self) -> None:
        """Take up what another process published, withdrew, demoted or restored, and what was changed on disk."""
        if self.rules_held.keep_up():
            self.work_loop.renew()

    def notices(self) -> dict[str, str]:
        """What somebody should see to although every part works."""
        self.keep_up()
        return {"rules": f"those before stay in force: {self.rules_held.refused}"} if self.rules_held.refused else {}

    def judge_rule(self, rule_id: str) -> None:
        """Demote the rule if people's decisions take it under its bar."""
        if self.rule_precision.demote_failing([rule for rule in self.rules() if rule.id == rule_id]):
            self.reload_rules(ReloadCause.PRECISION)
