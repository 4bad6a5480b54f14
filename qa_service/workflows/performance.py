"""From stored scorecards to performance: figures, files, trends, and the signed push."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import IO, Any

from qa_service.domain.audit import AuditEvent
from qa_service.domain.performance import AgentPerformance, ScoredConversation
from qa_service.domain.scorecard import Band
from qa_service.errors import ConfigError, ErrorCode, InvalidInput
from qa_service.reports import (
    PerformanceReport,
    Period,
    ShopOverview,
    agent_performance,
    parse_period,
    shop_overview,
    signature_headers,
    write_csv,
    write_json,
    write_xlsx,
)
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, Repository, Sender, UnitOfWork

Writer = Callable[[PerformanceReport, IO[bytes]], None]
FORMATS: dict[str, tuple[Writer, str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": (write_json, "application/json"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Reads final scorecards of a month. Months begin at midnight in `zone`."""

    unit_of_work: UnitOfWork
    clock: Clock
    zone: tzinfo
    rubric: str
    rubric_version: int
    bands: tuple[Band, ...]
    sender: Sender | None = None
    push_secret: str | None = None

    def agents(self, period: str, shop: str | None = None, *, agent_id: str | None = None) -> list[AgentPerformance]:
        """One row an agent, by shop and id; of this agent in each shop.

        Raises:
            InvalidInput: not a month.
        """
        month = parse_period(period, self.zone)
        with self.unit_of_work(is_read_only=True) as repository:
            return self._agents(repository, month, shop, agent_id)

    def overview(self, period: str, shop: str | None = None) -> ShopOverview:
        """The month as a whole and day by day.

        Raises:
            InvalidInput: not a month.
        """
        month = parse_period(period, self.zone)
        with self.unit_of_work(is_read_only=True) as repository:
            days = repository.day_sums(month.midnights, until=month.until, shop=shop)
            return shop_overview(days, self._agents(repository, month, shop))

    def scorecards(self, agent_id: str, period: str | None = None) -> list[ScoredConversation]:
        """An agent's scorecards, of one month or all, by time.

        Raises:
            InvalidInput: not a month.
        """
        month = parse_period(period, self.zone) if period else None
        with self.unit_of_work(is_read_only=True) as repository:
            return list(
                repository.scorecards(
                    since=month.since if month else None, until=month.until if month else None, agent_id=agent_id
                )
            )

    def has_scorecards(self, agent_id: str) -> bool:
        """Whether an agent has a scorecard of any time."""
        with self.unit_of_work(is_read_only=True) as repository:
            return any(True for _ in repository.scorecards(since=None, until=None, agent_id=agent_id))

    def export(self, period: str, format: str, shop: str | None = None) -> tuple[bytes, str, str]:
        """The performance file of a month: content, media type, file name. That it was handed out is in the audit log.

        Raises:
            InvalidInput: not a month, or a format that is not csv, xlsx or json.
        """
        if format not in FORMATS:
            raise InvalidInput(
                f"format must be one of {', '.join(FORMATS)}", code=ErrorCode.INVALID_FIELD, field="format"
            )
        report = self._report(period, shop)
        content = _written(report, format)
        with self.unit_of_work() as repository:
            audit(
                repository,
                AuditEvent.PERFORMANCE_EXPORTED,
                now=self.clock.now(),
                on={"period": period, "format": format},
                shop=shop,
                after={"agents": len(report.rows), "bytes": len(content)},
            )
        return content, FORMATS[format][1], f"performance-{period}.{format}"

    def push(self, period: str) -> dict[str, Any]:
        """Send the month's JSON to the configured address, each attempt logged; the record of the last one.

        Raises:
            ConfigError: no address is configured.
            InvalidInput: not a month.
            NotPermitted: not all shops are in scope; a push is of all of them.
        """
        self.unit_of_work.scope.require_everything()
        if self.sender is None or self.push_secret is None:
            raise ConfigError("no push address: set QA_PUSH_URL and QA_PUSH_SECRET", code=ErrorCode.INVALID_SETTING)
        body = _written(self._report(period, None), "json")
        key = str(uuid.uuid4())
        secret = self.push_secret
        record: dict[str, Any] = {}

        def headers() -> dict[str, str]:
            timestamp = int(self.clock.now().timestamp())
            return signature_headers(body, secret=secret, timestamp=timestamp, idempotency_key=key)

        for attempt in self.sender.send(body, headers):
            record = {
                "idempotency_key": key,
                "period": period,
                "attempt": attempt.number,
                "at": self.clock.now().isoformat(),
                "status": attempt.status,
                "error": attempt.error,
                "delivered": attempt.delivered,
                "bytes": len(body),
            }
            with self.unit_of_work() as repository:
                repository.add_delivery(record)
                on = {"period": period, "idempotency_key": key}
                after = {name: record[name] for name in ("attempt", "status", "delivered", "bytes")}
                audit(repository, AuditEvent.PERFORMANCE_PUSHED, now=self.clock.now(), on=on, after=after)
        return record

    def deliveries(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest attempts first."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.deliveries(limit)

    def _report(self, period: str, shop: str | None) -> PerformanceReport:
        return PerformanceReport(
            period=parse_period(period, self.zone),
            generated_at=self.clock.now(),
            rubric=self.rubric,
            rubric_version=self.rubric_version,
            rows=self.agents(period, shop),
        )

    def _agents(
        self, repository: Repository, month: Period, shop: str | None, agent_id: str | None = None
    ) -> list[AgentPerformance]:
        sums = repository.agent_sums(since=month.since, until=month.until, shop=shop, agent_id=agent_id)
        return agent_performance(sums, period=month.name, bands=self.bands)


def _written(report: PerformanceReport, format: str) -> bytes:
    stream = io.BytesIO()
    FORMATS[format][0](report, stream)
    return stream.getvalue()
