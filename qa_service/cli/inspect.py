"""`qa-service inspect`: files in, results out, optionally stored."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer

from qa_service.cli.terminal import DONE, SOME_REJECTED, open_output, result_table, stderr, stdout, with_progress
from qa_service.domain.conversation import Conversation
from qa_service.domain.document import inspection_document
from qa_service.domain.inspection import Inspection
from qa_service.errors import ErrorCode, InvalidInput, QAServiceError
from qa_service.ingest import STANDARD_INPUT, Rejected, read_path
from qa_service.rule_wiring import build_rule_engine
from qa_service.scoring import load_rubric
from qa_service.settings import Settings, load_settings
from qa_service.stage_wiring import build_inspector
from qa_service.wiring import SystemClock, build_services
from qa_service.workflows.inspect_files import StreamInspection

TABLE_ROWS = 200
"""The table is for looking at; whole results belong into --output."""

_SYSTEM_ID = re.compile(r"[\w.:@#/+=-]{1,64}", re.ASCII)
"""Ids as programs make them. Others are not shown: a row broken in two has a piece of transcript where its id belongs."""

STANDARD_OUTPUT = "-"

Paths = Annotated[list[Path], typer.Argument(help="files to inspect; - reads JSON Lines from stdin")]


def inspect(
    paths: Paths,
    format: Annotated[str, typer.Option(help="auto, jsonl, csv, xlsx or txt")] = "auto",
    rules: Annotated[Path | None, typer.Option(help="folder of rule packs")] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file")] = None,
    rubric: Annotated[Path | None, typer.Option(help="rubric file")] = None,
    output: Annotated[str | None, typer.Option(help="result file (JSON Lines), - for stdout; default: a table")] = None,
    store: Annotated[bool, typer.Option(help="keep conversations and results in the store")] = False,
    all_outcomes: Annotated[bool, typer.Option(help="list clear, not applicable and shadow rules too")] = False,
) -> None:
    """Inspect conversations; rejected ones are listed on stderr, the others are done. Exit code 1 if any was rejected."""
    given = {"rules_dir": rules, "policy": policy, "rubric": rubric}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    sources = [read_path(path, format=format, default_zone=settings.zone) for path in paths]
    _check_output(output, paths)
    with _inspection(settings, store=store, uses_published=rules is None) as inspection:
        run = _Run(inspection)
        results = with_progress(run.results(zip(paths, sources, strict=True)), total=None, title="inspecting")
        if output is None:
            _print_table(results)
        elif output == STANDARD_OUTPUT:
            _write(results, sys.stdout.buffer, all_outcomes=all_outcomes)
        else:
            with open_output(Path(output)) as file:
                _write(results, file, all_outcomes=all_outcomes)
    raise typer.Exit(SOME_REJECTED if run.rejected else DONE)


@contextmanager
def _inspection(settings: Settings, *, store: bool, uses_published: bool) -> Iterator[StreamInspection]:
    if store:
        with closing(build_services(settings, uses_published=uses_published)) as services:
            yield StreamInspection(
                inspector=services.inspector(), clock=services.clock, unit_of_work=services.unit_of_work
            )
        return
    inspector = build_inspector(settings, rules=build_rule_engine(settings), rubric=load_rubric(settings.rubric_path))
    yield StreamInspection(inspector=inspector, clock=SystemClock())


def _check_output(output: str | None, paths: Sequence[Path]) -> None:
    """Opening the output empties it, which no file may be that is still to be read."""
    if output is None or output == STANDARD_OUTPUT or not Path(output).exists():
        return
    if any(path != STANDARD_INPUT and path.samefile(output) for path in paths):
        problem = f"--output: {output} is among the files to inspect; name another"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="--output")


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
        named = f" ({external_id})" if external_id and _SYSTEM_ID.fullmatch(external_id) else ""
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


def _write(results: Iterator[tuple[Conversation, Inspection]], file: BinaryIO, *, all_outcomes: bool) -> None:
    for _, inspection in results:
        document = inspection_document(inspection, all_outcomes=all_outcomes)
        file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    file.flush()
