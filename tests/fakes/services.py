"""The services of `qa_service.wiring` over the store in memory and the tiny stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from qa_service.access_wiring import build_log_in_oidc
from qa_service.domain.delivery import DeliveryAttempt
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.domain.identity import Scope
from qa_service.domain.records import ConversationFilter, Page
from qa_service.domain.scorecard import Band
from qa_service.erasure_wiring import build_eraser
from qa_service.errors import ConfigError, Conflict, ErrorCode
from qa_service.ingest.limits import Limits
from qa_service.normalise import PersonalDataMasker
from qa_service.observability import ProcessTelemetry
from qa_service.passwords import ArgonPasswords
from qa_service.settings import Settings
from qa_service.workflows.access import Access
from qa_service.workflows.backtest import Backtest
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
from qa_service.workflows.ports import UnitOfWork
from qa_service.workflows.publication import Publication
from qa_service.workflows.review_findings import Review
from qa_service.workflows.rule_precision import RuleFigure, RulePrecision
from qa_service.workflows.worker import Worker
from tests.fakes.queue import FakeQueue, fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeNormaliser, FakeRules, FakeScorer, fake_inspector

PASSWORDS = ArgonPasswords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""As slow as they must be, they would be slow in tests."""
PUSH_SECRET = "s" * 32
BANDS = (Band(id="pass", minimum=Decimal(0), label="达标"),)


@dataclass(frozen=True, kw_only=True)
class FakeRule:
    """What `/rules` shows of a rule."""

    id: str = "promise.return_window"
    version: int = 1
    title: str = "Return window"
    category: str = "unauthorized_promise"
    severity: Severity = Severity.MAJOR
    status: RuleStatus = RuleStatus.SCORED
    languages: tuple[str, ...] = ("zh",)
    rationale: str | None = "The shop has to keep what its people promise."
    reference: str | None = None
    precision_bar: float | None = None
    points: float | None = None
    dimension: str | None = None


@dataclass
class FakeSender:
    """A receiver that answers with the given statuses, one an attempt."""

    statuses: tuple[int, ...] = (204,)
    received: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def send(self, body: bytes, headers: Callable[[], Mapping[str, str]]) -> Iterator[DeliveryAttempt]:
        for number, status in enumerate(self.statuses, start=1):
            self.received.append((body, headers()))
            yield DeliveryAttempt(number=number, status=status, error=None)


@dataclass
class FakeServices:
    """See `qa_service.wiring.Services`."""

    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    unit_of_work: UnitOfWork = field(default_factory=FakeUnitOfWork)
    clock: FakeClock = field(default_factory=FakeClock)
    queue: FakeQueue = field(default_factory=FakeQueue)
    sender: FakeSender = field(default_factory=FakeSender)
    parts: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(("store", "migrations", "rules", "model", "worker"), "ok")
    )
    to_see_to: dict[str, str] = field(default_factory=dict)
    has_model: bool = True
    backtest_runs: BacktestRuns = field(default_factory=BacktestRuns)
    telemetry: ProcessTelemetry = field(default_factory=ProcessTelemetry)

    def __post_init__(self) -> None:
        self.telemetry.metrics.watch_reloads(lambda: 2)

    def within(self, scope: Scope) -> FakeServices:
        bound = copy(self)
        bound.unit_of_work = self.unit_of_work.within(scope)
        return bound

    @property
    def intake(self) -> Intake:
        return fake_intake(
            self.unit_of_work,
            clock=self.clock,
            queue=self.queue,
            bulk_limit=self.settings.bulk_queue_limit,
            telemetry=self.telemetry,
        )

    @property
    def personal_data(self) -> PersonalData:
        return PersonalData(unit_of_work=self.unit_of_work, clock=self.clock, masker=PersonalDataMasker())

    @property
    def dead_letters(self) -> DeadLetterOffice:
        return DeadLetterOffice(intake=self.intake)

    @property
    def eraser(self) -> Eraser:
        return build_eraser(self.settings, self.unit_of_work, self.clock)

    def erase_soon(self) -> None:
        self.queue.erase()

    @property
    def access(self) -> Access:
        return Access(unit_of_work=self.unit_of_work, clock=self.clock)

    @property
    def people(self) -> People:
        return People(unit_of_work=self.unit_of_work, clock=self.clock, passwords=PASSWORDS)

    @property
    def log_in(self) -> LogIn:
        return LogIn(unit_of_work=self.unit_of_work, clock=self.clock, passwords=PASSWORDS, access=self.access)

    @property
    def log_in_oidc(self) -> OidcLogIn | None:
        return build_log_in_oidc(self.settings, self.access)

    @property
    def performance(self) -> Performance:
        return Performance(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            zone=ZoneInfo("Asia/Shanghai"),
            rubric="tiny",
            rubric_version=1,
            bands=BANDS,
            sender=self.sender,
            push_secret=PUSH_SECRET,
        )

    def inspector(self) -> Inspector:
        if not self.has_model:
            raise ConfigError("the model is not there", code=ErrorCode.INVALID_MODEL)
        return fake_inspector()

    def review(self) -> Review:
        return Review(
            unit_of_work=self.unit_of_work, clock=self.clock, scorer=FakeScorer(), masker=PersonalDataMasker()
        )

    def explainer(self) -> RuleExplainer:
        return RuleExplainer(inspector=self.inspector())

    @property
    def publication(self) -> Publication:
        return Publication(unit_of_work=self.unit_of_work, clock=self.clock)

    def rule_figures(self) -> list[RuleFigure]:
        return RulePrecision(unit_of_work=self.unit_of_work, clock=self.clock).figures(self.rules())

    def restore_rule(self, rule_id: str, *, reason: str, by: str) -> None:
        rules = RulePrecision(unit_of_work=self.unit_of_work, clock=self.clock)
        rules.restore(self.rules(), rule_id, reason=reason, by=by)

    def backtest_of(self, files: Mapping[str, str], *, since: datetime) -> Callable[[str], None]:
        """The packs in force again; packs called broken are refused."""
        _refuse_broken(files)
        test = Backtest(unit_of_work=self.unit_of_work, normaliser=FakeNormaliser(), scorer=FakeScorer())
        return lambda identity: self.publication.keep(
            test.run(FakeRules(), FakeRules(), since=since, identity=identity)
        )

    def publish_files(self, files: Mapping[str, str], *, by: str, force: bool, reason: str) -> str:
        _refuse_broken(files)
        digest = FakeRules().rules_digest
        self.publication.publish(digest, files, base_digest=digest, by=by, force=force, reason=reason)
        return digest

    def reload_everywhere(self, *, by: str) -> str:
        if by == "broken":
            raise Conflict("the rules stay as they were: zh/abuse.yaml:3: match: must be a mapping")
        return FakeRules().rules_digest

    def rules(self) -> tuple[FakeRule, ...]:
        return (FakeRule(), FakeRule(id="abuse.insult", category="abuse"))

    def readiness(self) -> dict[str, str]:
        return self.parts

    def notices(self) -> dict[str, str]:
        return self.to_see_to

    def listing(self, query: ConversationFilter) -> Page:
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.find(query)

    def work(self, rules: FakeRules | None = None) -> None:
        """Inspect all that is pending, as a worker would, by other rules where they are given."""
        worker = Worker(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            inspector=replace(fake_inspector(rules=rules), telemetry=self.telemetry),
            claimant="w",
            telemetry=self.telemetry,
        )
        while worker.work():
            pass


def _refuse_broken(files: Mapping[str, str]) -> None:
    if "zh/broken.yaml" in files:
        raise ConfigError("zh/broken.yaml:1: is not YAML", code=ErrorCode.INVALID_PACK)
