"""Builds every object once a process. The heavy ones (spaCy, the model) are loaded when first needed."""

from __future__ import annotations

import logging
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from qa_service.access_wiring import build_access, build_log_in, build_log_in_oidc, build_people
from qa_service.delivery import HttpSender
from qa_service.domain.identity import Scope
from qa_service.domain.work import Lane
from qa_service.erasure_wiring import ErasureTurns, build_eraser
from qa_service.errors import ConfigError, ErrorCode, Unavailable
from qa_service.ingest import DEFAULT_LIMITS, Limits, content_sha256
from qa_service.observability import ProcessTelemetry, build_telemetry
from qa_service.queueing import BrokerQueue, celery_app
from qa_service.readiness import state_of
from qa_service.rule_services import RuleServices
from qa_service.rule_wiring import RulesInForce, build_shadow
from qa_service.scoring import RubricScorer, load_rubric
from qa_service.settings import Settings, load_settings
from qa_service.stage_wiring import StagesHeld
from qa_service.store_wiring import MASKER, open_store
from qa_service.workflows.access import Access
from qa_service.workflows.backtest_runs import BacktestRuns
from qa_service.workflows.dead_letters import DeadLetterOffice
from qa_service.workflows.erasure import Eraser
from qa_service.workflows.explain_rule import RuleExplainer
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.intake import Intake
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.log_in_oidc import OidcLogIn
from qa_service.workflows.people import People
from qa_service.workflows.performance import Performance
from qa_service.workflows.personal_data import PersonalData
from qa_service.workflows.ports import Broker, Clock, ConversationFilter, Page
from qa_service.workflows.review_findings import Review
from qa_service.workflows.shadow import Shadow
from qa_service.workflows.sweep import Sweeper
from qa_service.workflows.work_loop import WorkLoop
from qa_service.workflows.worker import LONG_AGO, Worker, forget

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Timezone-aware, UTC."""
        return datetime.now(UTC)


@dataclass(kw_only=True)
class Services(RuleServices):
    """All that an entry point (HTTP, command line) may call."""

    clock: Clock = field(default_factory=SystemClock)
    limits: Limits = DEFAULT_LIMITS
    telemetry: ProcessTelemetry = field(default_factory=ProcessTelemetry)
    uses_published: bool = True
    backtest_runs: BacktestRuns = field(default_factory=BacktestRuns)
    broker: Broker | None = None
    shadow: Shadow | None = field(init=False)
    erasure_turns: ErasureTurns = field(init=False)
    stages: StagesHeld = field(init=False)

    def __post_init__(self) -> None:
        self.stages = StagesHeld(settings=self.settings, rubric=self.rubric, telemetry=self.telemetry)
        self.shadow = build_shadow(self.settings, self.unit_of_work, self.clock)
        self.erasure_turns = ErasureTurns(lambda: self.eraser)
        self.work_loop = WorkLoop(self._embedded_worker, before_batch=self.keep_up, after_batch=self.erasure_turns.take)
        self.rules_held = RulesInForce(
            settings=self.settings,
            precision=self.rule_precision,
            publication=self.publication,
            uses_published=self.uses_published,
        )
        self.telemetry.metrics.watch_reloads(lambda: self.rules_held.failed_reloads)
        self.telemetry.metrics.watch_cache(self.stages.cache_counts)

    def within(self, scope: Scope) -> Services:
        """The same services for a caller who may touch the rows of this scope only."""
        bound = copy(self)
        bound.scope = scope
        return bound

    @property
    def intake(self) -> Intake:
        """Takes conversations in."""
        return Intake(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            content_digest=content_sha256,
            masker=MASKER,
            queue=self.broker or self.work_loop,
            bulk_limit=self.settings.bulk_queue_limit,
            telemetry=self.telemetry,
        )

    @property
    def personal_data(self) -> PersonalData:
        """Originals of what is masked."""
        return PersonalData(unit_of_work=self.unit_of_work, clock=self.clock, masker=MASKER)

    @property
    def dead_letters(self) -> DeadLetterOffice:
        """What was given up."""
        return DeadLetterOffice(intake=self.intake)

    @property
    def access(self) -> Access:
        """Keys, one-time links, sessions."""
        return build_access(self.settings, self._store, self.clock)

    @property
    def people(self) -> People:
        """Users."""
        return build_people(self.access)

    @property
    def log_in(self) -> LogIn:
        """Names and passwords."""
        return build_log_in(self.access)

    @property
    def log_in_oidc(self) -> OidcLogIn | None:
        """The identity provider, if one is set."""
        return build_log_in_oidc(self.settings, self.access)

    @property
    def eraser(self) -> Eraser:
        """Erases text whose time is over or whose customer asks for it."""
        return build_eraser(self.settings, self.unit_of_work, self.clock)

    def erase_soon(self) -> None:
        """Have what was asked for erased without waiting for the next turn."""
        if self.broker is None:
            self.erasure_turns.hurry()
            self.work_loop.send([], Lane.REALTIME)
            return
        try:
            self.broker.erase()
        except Unavailable as error:
            logger.warning("erasing waits for its turn: %s", error.code)

    @property
    def performance(self) -> Performance:
        """Figures of a month."""
        url, secret = self.settings.push_url, self.settings.push_secret
        return Performance(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            zone=ZoneInfo(self.settings.report_zone),
            rubric=self.rubric.id,
            rubric_version=self.rubric.version,
            bands=self.rubric.bands,
            sender=HttpSender(str(url), allow_private=self.settings.push_allow_private) if url else None,
            push_secret=secret.get_secret_value() if secret else None,
        )

    def review(self) -> Review:
        """Verdicts of people; one that takes a rule under its bar demotes it."""
        return Review(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            scorer=RubricScorer(self.rubric),
            masker=MASKER,
            after_verdict=self.judge_rule,
        )

    def inspector(self) -> Inspector:
        """The stages, loaded on first use.

        Raises:
            ConfigError: a pack, a policy or the model is wrong.
        """
        return self.stages.inspector(self.rules_in_force)

    def explainer(self) -> RuleExplainer:
        """Why rules hit, and why not."""
        return RuleExplainer(inspector=self.inspector())

    def listing(self, query: ConversationFilter) -> Page:
        """One page of stored conversations."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.find(query)

    def worker(self, *, claimant: str, began_at: datetime = LONG_AGO) -> Worker:
        """Inspects batches.

        Raises:
            ConfigError: a pack, a policy or the model is wrong.
        """
        return Worker(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            inspector=self.inspector(),
            claimant=claimant,
            telemetry=self.telemetry,
            began_at=began_at,
            after_stored=self.shadow.offer if self.shadow else forget,
        )

    def sweeper(self) -> Sweeper:
        """Sends again what the broker lost.

        Raises:
            ConfigError: no broker is set.
        """
        return Sweeper(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            broker=self.broker or build_broker(self.settings),
            stale_after=timedelta(seconds=2 * self.settings.task_hard_seconds),
        )

    def readiness(self) -> dict[str, str]:
        """Each part and `ok`, or why it is not ready."""
        return {
            "store": state_of(lambda: self.listing(ConversationFilter(limit=1))),
            "migrations": state_of(self.database.check_migrations),
            "rules": state_of(self.rules_held.engine),
            "model": "ok" if self.stages.is_loaded else "not loaded yet",
            **self._who_works(),
        }

    def close(self) -> None:
        """Finish the work in hand and let go of the store."""
        self.work_loop.stop()
        if self.shadow:
            self.shadow.stop()
        self.database.close()
        self.telemetry.close()

    def _embedded_worker(self) -> Worker:
        return self.worker(claimant=uuid4().hex, began_at=self.clock.now())

    def _who_works(self) -> dict[str, str]:
        broker = self.broker
        if broker is None:
            return {"worker": "ok" if self.work_loop.is_running else "not running in this process"}
        return {"broker": state_of(lambda: broker.depth(Lane.REALTIME))}


def build_services(settings: Settings, *, uses_published: bool = True) -> Services:
    """Open the store (migrated) and read the rubric; without `uses_published` the packs are those of the rules folder.

    Raises:
        ConfigError: the rubric is wrong.
        Unavailable: the store does not answer.
    """
    return Services(
        settings=settings,
        database=open_store(settings),
        rubric=load_rubric(settings.rubric_path),
        uses_published=uses_published,
        broker=build_broker(settings) if settings.broker_url else None,
        telemetry=build_telemetry(settings),
    )


def build_broker(settings: Settings) -> BrokerQueue:
    """What sends to the broker.

    Raises:
        ConfigError: no broker is set.
    """
    if settings.broker_url is None:
        raise ConfigError(
            "QA_BROKER_URL is not set: without a broker the serving process and `qa-service worker` find the work by"
            " themselves",
            code=ErrorCode.INVALID_SETTING,
            field="QA_BROKER_URL",
        )
    url, soft, hard = settings.broker_url, settings.task_soft_seconds, settings.task_hard_seconds
    return BrokerQueue(celery_app(url.get_secret_value(), soft_seconds=soft, hard_seconds=hard))


@lru_cache(maxsize=1)
def process_services() -> Services:
    """The services of a serving process, from the environment, built once: packs and model are read once, too."""
    return build_services(load_settings())
