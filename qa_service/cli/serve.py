"""`qa-service serve` (API, pages and the worker in one process) and `qa-service worker` (the worker alone)."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from typing import Annotated, Any

import typer
import uvicorn

from qa_service.cli.http_protocol import BoundedProtocol
from qa_service.cli.terminal import stderr
from qa_service.errors import ConfigError, ErrorCode
from qa_service.observability import configure_logging, serve_metrics
from qa_service.queueing import QUEUES
from qa_service.settings import Settings, load_settings
from qa_service.tasks import run_beat, run_worker
from qa_service.wiring import Services, build_services, process_services

APPLICATION = "api.server:create_app_from_environment"
"""Named, not imported: the engine never speaks HTTP."""
KEEP_ALIVE_SECONDS = 15
"""How long a connection may stay open between two requests."""
MOST_CONNECTIONS = 1000
"""More are answered 503: each holds memory."""


def serve() -> None:
    """Serve API and pages; prints the link that opens the pages. Ctrl-C ends it."""
    configure_logging()
    settings = load_settings()
    with suppress(KeyboardInterrupt), _listen(settings) as listener:
        config = server_config(APPLICATION, factory=True)
        config.load()
        announce(process_services(), _address(listener))
        process_services().reload_rules_on(signal.SIGHUP)
        uvicorn.Server(config).run(sockets=[listener])


def server_config(application: Any, *, factory: bool = False) -> uvicorn.Config:
    """The server with its bounds. No logging of its own: what it reports goes out as all else does."""
    return uvicorn.Config(
        application,
        factory=factory,
        http=BoundedProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        server_header=False,
        reset_contextvars=True,  # who acts must never leak from one request into another
        log_config=None,
        log_level="warning",
        access_log=False,
    )


def announce(services: Services, address: str) -> None:
    """Make a key at the first start, shown once, and a one-time link for the pages."""
    if not services.access.has_keys():
        key = services.access.new_key("first start")
        stderr.print("API key, shown only this once:", highlight=False)
        stderr.print(f"  {key}", highlight=False, markup=False, soft_wrap=True)
    stderr.print("Open the pages (the link works once, for an hour):", highlight=False)
    token = services.access.new_login_token()
    stderr.print(f"  {address}/login?token={token}", highlight=False, markup=False, soft_wrap=True)
    stderr.print(f"Serving on {address} – Ctrl-C ends it", highlight=False)


def worker(
    queue: Annotated[list[str] | None, typer.Option(help="with a broker: serve this queue; may be given again")] = None,
) -> None:
    """Work off pending conversations until SIGTERM or Ctrl-C; the batch in hand is finished."""
    configure_logging()
    settings = load_settings()
    wanted = queue or list(QUEUES)
    unknown = set(wanted) - set(QUEUES)
    if unknown:
        raise typer.BadParameter(f"--queue must be one of {', '.join(QUEUES)}")
    if settings.broker_url is not None:
        raise typer.Exit(run_worker(settings, wanted))
    services = build_services(settings)
    if settings.metrics_port is not None:
        serve_metrics(services.telemetry.metrics.registry, host=settings.host, port=settings.metrics_port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: services.work_loop.stop())
    services.reload_rules_on(signal.SIGHUP)
    services.work_loop.run()
    services.close()


def beat() -> None:
    """With a broker: ask the workers every ten seconds to send again what no message stands for."""
    configure_logging()
    run_beat(load_settings())


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything is announced; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        reason = (error.strerror or "no such address").partition(" (")[0]
        problem = f"QA_HOST, QA_PORT: cannot listen on {settings.host} port {settings.port}: {reason}"
        raise ConfigError(f"{problem}; choose another", code=ErrorCode.INVALID_SETTING, field="QA_PORT") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
