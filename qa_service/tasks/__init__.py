"""What workers behind a broker do: thin tasks around workflows, and the processes that run them. Owns no order of stages."""

from qa_service.tasks.processes import run_beat, run_worker

__all__ = ["run_beat", "run_worker"]
