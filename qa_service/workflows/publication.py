"""Which packs the service runs: those of the rules folder, until a revision is published. Owns no reading of packs."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from qa_service.domain.audit import AuditEvent
from qa_service.domain.backtest import BacktestReport
from qa_service.domain.rule_log import ReloadCause, RuleDigests, RuleEvent, RuleRecord
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound
from qa_service.workflows.acting import SYSTEM
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, UnitOfWork
from qa_service.workflows.publish_gate import decided_hits, objection


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPack:
    """A pack revision in force: its files by path within the rules folder."""

    digest: str
    files: Mapping[str, str]
    published_at: datetime
    by: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Stores backtests, publishes and withdraws. Every step is in the rule log."""

    unit_of_work: UnitOfWork
    clock: Clock

    def keep(self, report: BacktestReport) -> None:
        """Store a backtest, without which nothing is published."""
        document = asdict(report)
        judged = {"drops": report.drops, "dropping": report.dropping, "unversioned": report.unversioned}
        document = {**document, "since": report.since.isoformat(), **judged}
        with self.unit_of_work() as repository:
            self._log(repository, RuleEvent.BACKTEST, report.id, document)

    def backtest(self, identity: str) -> dict[str, object]:
        """A stored backtest as JSON. Raises NotFound."""
        with self.unit_of_work(is_read_only=True) as repository:
            found = repository.rule_records(RuleEvent.BACKTEST, identity)
        if not found:
            raise NotFound("no such backtest", field="id")
        return {**found[-1].document, "created_at": found[-1].created_at.isoformat()}

    def current(self) -> PublishedPack | None:
        """The revision in force; None where the rules folder is."""
        with self.unit_of_work(is_read_only=True) as repository:
            records = repository.rule_records(RuleEvent.PUBLICATION)
        if not records or records[-1].document["files"] is None:
            return None
        newest = records[-1]
        return PublishedPack(
            digest=newest.key,
            files=newest.document["files"],
            published_at=newest.created_at,
            by=newest.document["by"],
            reason=newest.document["reason"],
        )

    def ask_reload(self, *, by: str, before: RuleDigests | None, after: RuleDigests) -> None:
        """Have all processes read packs and policies anew before their next batch or request; `after` is what `by` read."""
        with self.unit_of_work() as repository:
            self._log(repository, RuleEvent.RELOAD, after.rules, {"by": by})
            self._audit_reload(repository, ReloadCause.REQUEST, before, after, asked_by=by)

    def note_reload(self, cause: ReloadCause, *, before: RuleDigests | None, after: RuleDigests) -> None:
        """Write down that this process read packs and policies anew of itself; `before` is None where none were in force."""
        with self.unit_of_work() as repository:
            self._audit_reload(repository, cause, before, after)

    def _audit_reload(
        self,
        repository: Repository,
        cause: ReloadCause,
        before: RuleDigests | None,
        after: RuleDigests,
        asked_by: str | None = None,
    ) -> None:
        how = {"cause": str(cause), "process": f"{platform.node()}/{os.getpid()}"}
        audit(
            repository,
            AuditEvent.RULES_RELOADED,
            now=self.clock.now(),
            on={"rules": after.rules},
            before=asdict(before) if before else None,
            after={**asdict(after), **how, **({"by": asked_by} if asked_by else {})},
            # Whose request this process serves at that moment has not asked for it.
            by=SYSTEM if asked_by is None else None,
        )

    def revision(self) -> int:
        """Grows with all that changes the rules in force: publications, withdrawals, demotions, restorations, reloads."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.rule_revision()

    def publish(
        self, digest: str, files: Mapping[str, str], *, base_digest: str, by: str, force: bool, reason: str
    ) -> None:
        """Put a revision into force.

        Args:
            digest: of the packs in `files`.
            files: path within the rules folder → text.
            base_digest: of the packs in force.
            by: who publishes.
            force: publish although backtests speak against it.
            reason: why it is forced.

        Raises:
            Conflict: there is no backtest of this revision against the one in force, or one of them speaks against it
                (`objection`).
            InvalidInput: forced without a reason.
        """
        if force and not reason.strip():
            raise InvalidInput("reason is missing; say why", code=ErrorCode.MISSING_FIELD, field="reason")
        with self.unit_of_work() as repository:
            tests = [
                record.document
                for record in repository.rule_records(RuleEvent.BACKTEST)
                if (record.document["pack_digest"], record.document["base_digest"]) == (digest, base_digest)
            ]
            if not tests:
                raise Conflict(
                    "there is no backtest of this very revision against the packs in force; run `rules backtest`"
                )
            problem = objection(tests, decided=decided_hits(repository.rule_verdicts()))
            if problem is not None and not force:
                raise Conflict(f"{problem}, or force it with a reason")
            document = {
                "files": dict(files),
                "backtest": tests[-1]["id"],
                "by": by,
                "reason": reason.strip() if force else None,
            }
            self._log(repository, RuleEvent.PUBLICATION, digest, document)
            audit(
                repository,
                AuditEvent.RULES_PUBLISHED,
                now=self.clock.now(),
                on={"rules": digest},
                before={"rules": base_digest},
                after={"rules": digest, **{name: document[name] for name in ("backtest", "by", "reason")}},
            )

    def withdraw(self, *, by: str) -> None:
        """Go back to the rules folder. Raises Conflict where it is in force already."""
        current = self.current()
        if current is None:
            raise Conflict("nothing is published; the rules folder is in force")
        with self.unit_of_work() as repository:
            document: dict[str, object] = {"files": None, "backtest": None, "by": by, "reason": None}
            self._log(repository, RuleEvent.PUBLICATION, "", document)
            on, before = {"rules": current.digest}, {"rules": current.digest}
            audit(repository, AuditEvent.RULES_WITHDRAWN, now=self.clock.now(), on=on, before=before, after={"by": by})

    def _log(self, repository: Repository, event: RuleEvent, key: str, document: dict[str, object]) -> None:
        repository.add_rule_record(RuleRecord(event=event, key=key, document=document, created_at=self.clock.now()))
