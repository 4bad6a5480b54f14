"""`qa-service serve` (API, pages and the worker in one process) and `qa-service worker` (the worker alone)."""

from __future__ import annotations

import signal

import uvicorn

from qa_service.cli.terminal import stderr
from qa_service.observability import configure_logging
from qa_service.settings import load_settings
from qa_service.wiring import Services, build_services

APPLICATION = "api.server:create_app_from_environment"
"""Named, not imported: the engine never speaks HTTP."""


def serve() -> None:
    """Serve API and pages; prints the link that opens the pages."""
    configure_logging()
    settings = load_settings()
    services = build_services(settings)
    announce(services)
    services.close()
    uvicorn.run(
        APPLICATION, factory=True, host=settings.host, port=settings.port, log_level="warning", access_log=False
    )


def announce(services: Services) -> None:
    """Make a key at the first start, shown once, and a one-time link for the pages."""
    address = f"http://{services.settings.host}:{services.settings.port}"
    if not services.access.has_keys():
        key = services.access.new_key("first start")
        stderr.print("API key, shown only this once:", highlight=False)
        stderr.print(f"  {key}", highlight=False, markup=False, soft_wrap=True)
    stderr.print("Open the pages (the link works once, for an hour):", highlight=False)
    token = services.access.new_login_token()
    stderr.print(f"  {address}/login?token={token}", highlight=False, markup=False, soft_wrap=True)
    stderr.print(f"Serving on {address} – Ctrl-C ends it", highlight=False)


def worker() -> None:
    """Work off pending conversations until SIGTERM or Ctrl-C; the batch in hand is finished."""
    configure_logging()
    services = build_services(load_settings())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: services.work_loop.stop())
    services.work_loop.run()
    services.close()
