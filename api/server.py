"""The serving process: the application, with the embedded worker where no broker is set. Named by `qa-service serve`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.app import create_app
from qa_service.wiring import process_services


def create_app_from_environment() -> FastAPI:
    """Build everything from the environment; an embedded worker runs as long as the application does.

    Raises:
        ConfigError: a setting, pack, policy, rubric or model is wrong; nothing is served with it.
    """
    services = process_services()
    services.inspector()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if services.broker is None:
            services.work_loop.start()
        yield
        services.close()

    return create_app(services, lifespan=lifespan)
