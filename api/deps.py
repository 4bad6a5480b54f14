"""What routes are given: the services, the caller's right to call, the posted conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Path, Request

from api.guard import GuardedRoute
from api.metrics import Scrape
from api.schemas.base import ID_EXAMPLE, Name
from qa_service.domain.conversation import Conversation
from qa_service.domain.identity import Principal, Scope
from qa_service.domain.records import ConversationFilter, Page
from qa_service.errors import ErrorCode, NotPermitted
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.jsonl import parse_json
from qa_service.ingest.limits import Limits
from qa_service.observability import ProcessTelemetry
from qa_service.settings import Settings
from qa_service.workflows.access import Access
from qa_service.workflows.assignments import Assignments
from qa_service.workflows.backtest_runs import BacktestRuns
from qa_service.workflows.dead_letters import DeadLetterOffice
from qa_service.workflows.erasure import Eraser
from qa_service.workflows.explain_rule import RuleExplainer
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.intake import Intake
from qa_service.workflows.learning import Learning
from qa_service.workflows.log_in import LogIn
from qa_service.workflows.log_in_oidc import OidcLogIn
from qa_service.workflows.people import People
from qa_service.workflows.performance import Performance
from qa_service.workflows.personal_data import PersonalData
from qa_service.workflows.ports import Clock, UnitOfWork
from qa_service.workflows.publication import Publication
from qa_service.workflows.review_findings import Review
from qa_service.workflows.rule_precision import RuleFigure


class Services(Protocol):
    """What the API needs of the objects that `qa_service.wiring` builds."""

    def within(self, scope: Scope) -> Services:
        """The same for a caller who may touch the rows of this scope only."""

    @property
    def settings(self) -> Settings:
        """All settings."""

    @property
    def limits(self) -> Limits:
        """How large a conversation may be."""

    @property
    def unit_of_work(self) -> UnitOfWork:
        """Begins transactions."""

    @property
    def access(self) -> Access:
        """Keys and sessions."""

    @property
    def people(self) -> People:
        """Users."""

    @property
    def log_in(self) -> LogIn:
        """Names and passwords."""

    @property
    def log_in_oidc(self) -> OidcLogIn | None:
        """The identity provider, if one is set."""

    @property
    def intake(self) -> Intake:
        """Takes conversations in."""

    @property
    def personal_data(self) -> PersonalData:
        """Originals of what is masked."""

    @property
    def dead_letters(self) -> DeadLetterOffice:
        """What was given up."""

    @property
    def eraser(self) -> Eraser:
        """Erases text."""

    def erase_soon(self) -> None:
        """Have what was asked for erased without waiting for its turn."""

    @property
    def performance(self) -> Performance:
        """Agents over a period."""

    def inspector(self) -> Inspector:
        """The stages, loaded on first use; raises ConfigError where a pack, a policy or the model cannot be used."""

    def review(self) -> Review:
        """Verdicts, scored anew with the rubric in force."""

    def explainer(self) -> RuleExplainer:
        """Why rules hit, and why not."""

    def rule_figures(self) -> Sequence[RuleFigure]:
        """What people decided about each rule."""

    def restore_rule(self, rule_id: str, *, reason: str, by: str) -> None:
        """Take a demotion back; raises NotFound, InvalidInput, Conflict."""

    def reload_everywhere(self, *, by: str) -> str:
        """Have all processes read packs and policies anew; their digest. Raises Conflict where they are wrong."""

    def backtest_of(self, files: Mapping[str, str], *, since: datetime) -> Callable[[str], None]:
        """What compares packs with those in force and keeps the report under an id; raises ConfigError, InvalidInput."""

    def publish_files(self, files: Mapping[str, str], *, by: str, force: bool, reason: str) -> str:
        """Put packs into force, their digest; raises ConfigError, InvalidInput, Conflict."""

    @property
    def backtest_runs(self) -> BacktestRuns:
        """What runs beside requests."""

    @property
    def publication(self) -> Publication:
        """Backtests and packs in force."""

    @property
    def clock(self) -> Clock:
        """The time now."""

    def rules(self) -> Iterable[object]:
        """Metadata of the rules in force, with the attributes of `RuleDocument`."""

    @property
    def telemetry(self) -> ProcessTelemetry:
        """What this process counts and traces."""

    def readiness(self) -> Mapping[str, str]:
        """Part → `ok` or the reason why it cannot work."""

    def notices(self) -> Mapping[str, str]:
        """Part → what somebody should see to although it works."""

    def listing(self, query: ConversationFilter) -> Page:
        """One page of conversations."""


NOTHING = Scope(shops=frozenset())
"""Of whoever is not known: addresses that are open to all see no row of any shop."""


def services_of(request: Request) -> Services:
    """The services of the app, bound to the rows that whoever calls may touch.

    There is no other way for a route to them, so that none can forget the scope.
    """
    services: Services = request.app.state.services
    principal: Principal | None = getattr(request.state, "principal", None)
    return services.within(principal.scope if principal else NOTHING)


def assignments_of(services: Services) -> Assignments:
    """Which reviewer each chat in scope is for."""
    return Assignments(unit_of_work=services.unit_of_work, clock=services.clock)


def learning_of(services: Services) -> Learning:
    """What reviewers teach about chats in scope."""
    return Learning(unit_of_work=services.unit_of_work, clock=services.clock)


def scrape_of(request: Request) -> Scrape:
    """The metrics of the app."""
    scrape: Scrape = request.app.state.scrape
    return scrape


async def body_of(request: Request) -> bytes:
    """The whole body; the request edge limits it."""
    return await request.body()


ServicesDep = Annotated[Services, Depends(services_of)]
ScrapeDep = Annotated[Scrape, Depends(scrape_of)]
Id = Annotated[Name, Path(description="An id that this API gave.", examples=[ID_EXAMPLE])]
RuleId = Annotated[Name, Path(description="A rule's id.", examples=["promise.return_window"])]


def posted_conversation(services: ServicesDep, body: Annotated[bytes, Depends(body_of)]) -> Conversation:
    """The conversation in the body, checked by the same reader as files are.

    Raises:
        InvalidInput: naming the field.
    """
    data = parse_json(body, place="body")
    return read_conversation(data, default_zone=services.settings.zone, limits=services.limits)


PostedConversation = Annotated[Conversation, Depends(posted_conversation)]


class KeyedRoute(GuardedRoute):
    """A route of the API: whoever calls is known by a key."""

    def identify(self, request: Request) -> Principal:
        """Who acts with the key of the request."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and key.strip()
        principal = services_of(request).access.key_principal(key.strip()) if is_bearer else None
        if principal is None:
            raise NotPermitted(
                "send a valid key as Authorization: Bearer KEY; `qa-service serve` prints one at its first start",
                code=ErrorCode.NOT_AUTHENTICATED,
            )
        return principal
