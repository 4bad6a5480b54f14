"""How well rules do, and what new packs would change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from fastapi import APIRouter

from api.deps import Id, KeyedRoute, RuleId, Services, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.rule_work import (
    BacktestDocument,
    BacktestRequest,
    ProposedExceptionDocument,
    ProposedExceptionList,
    PublicationDocument,
    PublishRequest,
    ReloadDocument,
    ReloadRequest,
    RestoreRequest,
    RuleFigureDocument,
    RuleFigureList,
    WithdrawRequest,
)
from qa_service.domain.identity import Permission
from qa_service.errors import ConfigError, ErrorCode, InvalidInput, NotFound
from qa_service.workflows.exceptions import propose_exceptions

router = APIRouter(prefix="/v1", tags=["rules"], route_class=KeyedRoute)


@router.get(
    "/rules/precision",
    dependencies=[needs(Permission.READ_RULES)],
    summary="How often people confirm each rule",
    responses=problems(503),
)
def list_precision(services: ServicesDep) -> RuleFigureList:
    """Confirmed and overturned hits of each rule's version, with a 95 % interval, its bar, and whether it is demoted."""
    return RuleFigureList(rules=[RuleFigureDocument.model_validate(figure) for figure in services.rule_figures()])


@router.post(
    "/rules/{rule_id}/restore",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    summary="Take a demotion back",
    responses=problems(400, 404, 409, 413, 422, 503),
)
def restore_rule(services: ServicesDep, rule_id: RuleId, request: RestoreRequest) -> RuleFigureDocument:
    """The rule moves scores again from the next inspection on; the reason is kept."""
    services.restore_rule(rule_id, reason=request.reason, by=request.reviewer)
    restored = next(figure for figure in services.rule_figures() if figure.rule_id == rule_id)
    return RuleFigureDocument.model_validate(restored)


@router.get(
    "/rules/{rule_id}/exceptions",
    dependencies=[needs(Permission.CHANGE_RULES)],
    summary="Exceptions that would have held back overturned hits",
    responses=problems(404, 422, 503),
)
def list_exceptions(services: ServicesDep, rule_id: RuleId) -> ProposedExceptionList:
    """Phrases around overturned hits, best first, each with the reviewed hits it would have held back."""
    version = next((figure.version for figure in services.rule_figures() if figure.rule_id == rule_id), None)
    if version is None:
        raise NotFound(f"there is no rule {rule_id}", field="rule_id")
    proposed = propose_exceptions(services.unit_of_work, rule_id, version)
    return ProposedExceptionList(exceptions=[ProposedExceptionDocument.model_validate(item) for item in proposed])


@router.get(
    "/rules/publication",
    dependencies=[needs(Permission.READ_RULES)],
    summary="Which packs are in force",
    responses=problems(503),
)
def read_publication(services: ServicesDep) -> PublicationDocument:
    """The published revision; all null where the rules folder is in force."""
    return _published(services)


@router.post(
    "/rules/publication",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    summary="Put packs into force",
    responses=problems(400, 409, 413, 422, 503),
)
def publish(services: ServicesDep, request: PublishRequest) -> PublicationDocument:
    """Needs a backtest of these very files.

    Unless forced with a reason it is refused where reviewed precision drops in any of their backtests, where a rule
    has changed without a new version, and where people have decided about many hits since.
    """
    with _callers_packs():
        services.publish_files(request.files, by=request.reviewer, force=request.force, reason=request.reason)
    return _published(services)


@router.post(
    "/rules/publication/withdraw",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    summary="Go back to the rules folder",
    responses=problems(400, 409, 413, 422, 503),
)
def withdraw(services: ServicesDep, request: WithdrawRequest) -> PublicationDocument:
    """All processes run the packs of their rules folder again."""
    services.publication.withdraw(by=request.reviewer)
    return _published(services)


@router.post(
    "/rules/reload",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    summary="Read packs and policies anew",
    responses=problems(400, 409, 413, 422, 503),
)
def reload(services: ServicesDep, request: ReloadRequest) -> ReloadDocument:
    """Here at once, in all other processes before their next batch or request. What is wrong (`409`) changes nothing."""
    return ReloadDocument(rules_digest=services.reload_everywhere(by=request.reviewer))


@contextmanager
def _callers_packs() -> Iterator[None]:
    """The caller's packs are wrong, not the host's: file and line are theirs to put right."""
    try:
        yield
    except ConfigError as error:
        if error.code is not ErrorCode.INVALID_PACK:
            raise
        raise InvalidInput(error.message, code=ErrorCode.INVALID_FIELD, field="files") from error


def _published(services: Services) -> PublicationDocument:
    current = services.publication.current()
    if current is None:
        return PublicationDocument(digest=None, published_at=None, by=None, reason=None)
    return PublicationDocument.model_validate(current)


@router.post(
    "/rules/backtests",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    status_code=202,
    summary="Compare packs with those in force",
    responses=problems(400, 409, 413, 422, 503),
)
def start_backtest(services: ServicesDep, request: BacktestRequest) -> BacktestDocument:
    """Runs over the stored conversations, beside requests, one at a time; read it with its id.

    Packs that are wrong are answered at once, with file and line.
    """
    since = services.clock.now() - timedelta(days=request.days)
    with _callers_packs():
        run = services.backtest_of(request.files, since=since)
    identity = services.backtest_runs.start(run)
    return BacktestDocument(id=identity, state="running", error=None, report=None)


@router.get(
    "/rules/backtests/{backtest_id}",
    dependencies=[needs(Permission.CHANGE_RULES, everything=True)],
    summary="Read a backtest",
    responses=problems(404, 422, 503),
)
def read_backtest(services: ServicesDep, backtest_id: Id) -> BacktestDocument:
    """New and lost hits by id and offsets, score changes of agents, precision before and after on reviewed hits."""
    runs = services.backtest_runs
    if backtest_id in runs.failed:
        return BacktestDocument(id=backtest_id, state="failed", error=runs.failed[backtest_id], report=None)
    if backtest_id == runs.running:
        return BacktestDocument(id=backtest_id, state="running", error=None, report=None)
    report = services.publication.backtest(backtest_id)
    return BacktestDocument(id=backtest_id, state="complete", error=None, report=report)
