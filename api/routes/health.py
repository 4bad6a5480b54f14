"""For orchestrators and Prometheus; open to all, so nothing here names a chat or a person."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.deps import KeyedRoute, ScrapeDep, ServicesDep
from api.guard import OPEN
from api.openapi import for_everybody
from api.schemas.health import Health, Readiness

router = APIRouter(tags=["operation"], route_class=KeyedRoute)


@router.get("/healthz", responses=for_everybody(), dependencies=[OPEN], summary="Is the process alive?")
def health() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok")


@router.get(
    "/readyz",
    dependencies=[OPEN],
    summary="Can it work?",
    responses={**for_everybody(), 503: {"model": Readiness, "description": "A part cannot work; `parts` says which."}},
)
def readiness(services: ServicesDep, response: Response) -> Readiness:
    """Looks at every part."""
    parts = dict(services.readiness())
    ready = all(state == "ok" for state in parts.values())
    response.status_code = 200 if ready else 503
    return Readiness(status="ready" if ready else "not_ready", parts=parts, notices=dict(services.notices()))


@router.get(
    "/metrics",
    dependencies=[OPEN],
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        **for_everybody(),
        200: {
            "description": "The Prometheus text format.",
            "content": {
                "text/plain": {"schema": {"type": "string"}, "example": 'qa_conversations{state="complete"} 44.0\n'}
            },
        },
    },
)
def show_metrics(scrape: ScrapeDep) -> Response:
    """What waits, and what this process counted: requests, intake, stages, batches, findings, errors."""
    return Response(scrape.exposition(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
