"""Serves the metrics of a worker, which speaks no HTTP else, to Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, start_http_server

from qa_service.errors import ConfigError, ErrorCode


def serve_metrics(registry: CollectorRegistry, *, host: str, port: int) -> int:
    """Answer `GET /metrics` in a thread, for as long as the process lives; the port, which is a free one for 0.

    Raises:
        ConfigError: nobody can listen there.
    """
    try:
        server, _ = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise ConfigError(
            f"QA_METRICS_PORT: cannot listen on {host} port {port}: choose another, one for each worker of a machine",
            code=ErrorCode.INVALID_SETTING,
            field="QA_METRICS_PORT",
        ) from error
    return int(server.server_port)
