"""What operators see of a process: logs, metrics, traces. Ids and counts only, never what people said."""

from qa_service.observability.exporter import serve_metrics
from qa_service.observability.logs import bound, configure_logging
from qa_service.observability.metrics import Metrics
from qa_service.observability.snapshots import Snapshots
from qa_service.observability.telemetry import ProcessTelemetry, build_telemetry

__all__ = [
    "Metrics",
    "ProcessTelemetry",
    "Snapshots",
    "bound",
    "build_telemetry",
    "configure_logging",
    "serve_metrics",
]
