"""`qa-service demo`: the main job on the bundled sample chats, as `make run` starts it."""

from __future__ import annotations

from typing import Annotated

import typer

from qa_service.cli.serve import serve as serve_forever
from qa_service.cli.terminal import result_table, stderr, stdout, with_progress
from qa_service.ingest import Rejected, read_path
from qa_service.settings import REPOSITORY
from qa_service.wiring import Services, process_services
from qa_service.workflows.inspect_files import StreamInspection

SAMPLES = REPOSITORY / "samples"


def demo(serve: Annotated[bool, typer.Option(help="serve API and pages after the table")] = True) -> None:
    """Inspect the sample chats into the store, show the result, then serve. What is stored already is not done again."""
    services = process_services()
    _inspect_samples(services)
    if serve:
        serve_forever()
    else:
        services.close()


def _inspect_samples(services: Services) -> None:
    items = [item for path in sorted(SAMPLES.glob("*.jsonl")) for item in read_path(path)]
    samples = [item for item in items if not isinstance(item, Rejected)]
    inspection = StreamInspection(
        inspector=services.inspector(), clock=services.clock, unit_of_work=services.unit_of_work
    )
    rows, failed = [], 0
    for conversation, result in with_progress(inspection.run(samples), total=len(samples), title="inspecting"):
        if isinstance(result, Exception):
            failed += 1
        else:
            rows.append((conversation, result))
    stdout.print(result_table(rows))
    if failed:
        stderr.print(f"{failed} of {len(samples)} sample chats could not be inspected", highlight=False)
