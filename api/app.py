"""Builds the web application around the services. Owns no route (`routes/`) and no error (`errors`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import anyio
from fastapi import FastAPI
from starlette.types import Lifespan

from api.deps import Services
from api.edge import BODY_LIMIT_BYTES, BodyLimit, RequestEdge
from api.errors import add_error_handlers
from api.metrics import Scrape
from api.openapi import describe
from api.pages import mount_static
from api.pages import router as pages
from api.rates import RateLimit, Rates
from api.routes import (
    agents,
    assignments,
    audit,
    batch,
    conversations,
    dead_letters,
    erasures,
    findings,
    health,
    inspection,
    people,
    performance,
    rule_work,
    rules,
)
from api.watch import RequestWatch

BATCHES_AT_ONCE = 4
"""Each holds a thread for as long as its client sends."""


def create_app(
    services: Services,
    *,
    lifespan: Lifespan[FastAPI] | None = None,
    seconds: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The app; every call makes one of its own, with its own metrics. `seconds`: monotonic, what rates are counted by."""
    app = FastAPI(
        title="qa-service",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.scrape = Scrape(services.telemetry.metrics, services)
    app.state.rates = Rates(
        known=RateLimit(per_second=services.settings.rate_per_caller, clock=seconds),
        unknown=RateLimit(per_second=services.settings.rate_per_address, clock=seconds),
    )
    app.state.batch_limiter = anyio.CapacityLimiter(BATCHES_AT_ONCE)
    add_error_handlers(app)
    app.add_middleware(BodyLimit, limit_bytes=BODY_LIMIT_BYTES, streamed_path=batch.router.prefix + batch.PATH)
    app.add_middleware(RequestWatch, telemetry=services.telemetry)
    app.add_middleware(RequestEdge, observe=services.telemetry.metrics.answered)
    for part in (
        conversations,
        batch,
        audit,
        dead_letters,
        erasures,
        inspection,
        findings,
        assignments,
        agents,
        people,
        performance,
        rule_work,
        rules,
        health,
    ):
        app.include_router(part.router)
    app.include_router(pages)
    mount_static(app)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app
