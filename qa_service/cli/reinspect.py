"""`qa-service reinspect`: stored conversations again, under the packs, policies, model and rubric of today."""

from __future__ import annotations

from contextlib import closing

import typer

from qa_service.cli.terminal import DONE, SOME_REJECTED, stderr, with_progress
from qa_service.settings import load_settings
from qa_service.wiring import build_services
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.reinspect import reinspect_stored


def reinspect() -> None:
    """Inspect again what was stored under other packs, policies, model or rubric; earlier results and verdicts are kept."""
    count = failed = 0
    with closing(build_services(load_settings())) as services:
        inspection = StreamInspection(
            inspector=services.inspector(), clock=services.clock, unit_of_work=services.unit_of_work
        )
        for _, result in with_progress(
            reinspect_stored(inspection, services.unit_of_work), total=None, title="inspecting"
        ):
            count += 1
            failed += isinstance(result, Exception)
    stderr.print(f"{count} conversations are up to date, {failed} failed", highlight=False)
    raise typer.Exit(SOME_REJECTED if failed else DONE)
