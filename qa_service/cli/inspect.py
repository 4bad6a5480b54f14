"""`qa-service inspect`: files in, results out, optionally stored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import orjson
import typer

from qa_service.cli.terminal import DONE, SOME_REJECTED, result_table, stderr, stdout, with_progress
from qa_service.domain.conversation import Conversation
from qa_service.domain.document import inspection_document
from qa_service.domain.inspection import Inspection
from qa_service.errors import ErrorCode, InvalidInput, QAServiceError
from qa_service.ingest import Rejected, read_path
from qa_service.scoring import load_rubric
from qa_service.settings import Settings, load_settings
from qa_service.wiring import SystemClock, build_inspector, build_rule_engine, build_services
from qa_service.workflows.inspect_files import StreamInspection

TABLE_ROWS = 200
"""The table is for looking at; whole results belong into --output."""

Paths = Annotated[list[Path], typer.Argument(help="files to inspect; - reads JSON Lines from stdin")]


def inspect(
    paths: Paths,
    format: Annotated[str, typer.Option(help="auto, jsonl, csv, xlsx or txt")] = "auto",
    rules: Annotated[Path | None, typer.Option(help="folder of rule packs")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file")] = None,
    rubric: Annotated[Path | None, typer.Option(help="rubric file")] = None,
    output: Annotated[str | None, typer.Option(help="result file (JSON Lines), - for stdout; default: a table")] = None,
    store: Annotated[bool, typer.Option(help="keep conversations and results in the store")] = False,
    all_outcomes: Annotated[bool, typer.Option(help="list clear and not applicable rules too")] = False,
) -> None:
    """Inspect conversations; rejected ones are listed on stderr, the others are done. Exit code 1 if any was rejected."""
    given = {"rules_dir": rules, "policy": policy, "rubric": rubric}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    sources = [read_path(path, format=format, default_zone=settings.zone) for path in paths]
    run = _Run(_inspection(settings, store=store))
    results = with_progress(run.results(zip(paths, sources, strict=True)), total=None, title="inspecting")
    if output is None:
        _print_table(results)
    elif output == "-":
        _write(results, sys.stdout, all_outcomes=all_outcomes)
    else:
        with _open(output) as file:
            _write(results, file, all_outcomes=all_outcomes)
    raise typer.Exit(SOME_REJECTED if run.rejected else DONE)


def _inspection(settings: Settings, *, store: bool) -> StreamInspection:
    if store:
        services = build_services(settings)
        return StreamInspection(
            inspector=services.inspector(), clock=services.clock, unit_of_work=services.unit_of_work
        )
    inspector = build_inspector(settings, rules=build_rule_engine(settings), rubric=load_rubric(settings.rubric_path))
    return StreamInspection(inspector=inspector, clock=SystemClock())


class _Run:
    """Streams files through the inspection and counts what was refused."""

    def __init__(self, inspection: StreamInspection) -> None:
        self.rejected = 0
        self._inspection = inspection

    def results(
        self, sources: Iterator[tuple[Path, Iterator[Conversation | Rejected]]]
    ) -> Iterator[tuple[Conversation, Inspection]]:
        """Every inspected conversation of every file, in order."""
        for path, items in sources:
            for conversation, result in self._inspection.run(self._accepted(path, items)):
                if isinstance(result, QAServiceError):
                    self._reject(path, None, conversation.external_id, result)
                else:
                    yield conversation, result

    def _accepted(self, path: Path, items: Iterator[Conversation | Rejected]) -> Iterator[Conversation]:
        for item in items:
            if isinstance(item, Rejected):
                self._reject(path, item.line, item.external_id, item.error)
            else:
                yield item

    def _reject(self, path: Path, line: int | None, external_id: str | None, error: QAServiceError) -> None:
        self.rejected += 1
        place = f"{path.name}:{line}" if line else path.name
        named = f" ({external_id})" if external_id else ""
        stderr.print(
            f"rejected {place}{named}: {error.code}: {error.message}", highlight=False, markup=False, soft_wrap=True
        )


def _print_table(results: Iterator[tuple[Conversation, Inspection]]) -> None:
    shown, count = [], 0
    for row in results:
        count += 1
        if count <= TABLE_ROWS:
            shown.append(row)
    stdout.print(result_table(shown))
    if count > TABLE_ROWS:
        stdout.print(f"… and {count - TABLE_ROWS} more; --output FILE writes all")


def _write(results: Iterator[tuple[Conversation, Inspection]], file: TextIO, *, all_outcomes: bool) -> None:
    for _, inspection in results:
        file.write(orjson.dumps(inspection_document(inspection, all_outcomes=all_outcomes)).decode() + "\n")
    file.flush()


def _open(output: str) -> TextIO:
    try:
        return Path(output).open("w", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"--output: {output} cannot be written: {error.strerror}", code=ErrorCode.INVALID_FIELD, field="output"
        ) from error
