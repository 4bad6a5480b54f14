"""`qa-service rules import`: rules of another engine become a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli.terminal import SOME_REJECTED, stderr, stdout
from qa_service.domain.finding import Severity
from qa_service.errors import Conflict, ErrorCode, InvalidInput
from qa_service.rule_engine import Format, ImportDefaults, import_rules
from qa_service.rule_engine.importing.source import slug


def import_pack(
    file: Annotated[Path, typer.Argument(help="rules as the other engine gives them")],
    kind: Annotated[Format, typer.Option("--format", help="whose rules they are")],
    output: Annotated[Path, typer.Option(help="pack to write; its name begins the rules' ids")],
    language: Annotated[str, typer.Option(help="language of the chats")] = "zh",
    category: Annotated[str, typer.Option(help="category of the rules")] = "imported",
    severity: Annotated[Severity, typer.Option(help="severity of rules that name none")] = Severity.MINOR,
    partial: Annotated[bool, typer.Option(help="write what can be carried over, although something is lost")] = False,
) -> None:
    """Write a pack and say, with its place in the source, what could not be carried over: exit code 1 if there is any."""
    if output.exists():
        raise Conflict(f"{output} is there already: give another --output, or move it away", field="--output")
    name = slug(output.stem, "imported")
    defaults = ImportDefaults(name=name, language=language, category=category, severity=severity)
    imported = import_rules(kind, _content(file), defaults)
    for lost in imported.lost:
        stdout.print(f"lost  {lost.path}: {lost.reason}", highlight=False, markup=False, soft_wrap=True)
    for note in imported.notes:
        stdout.print(f"note  {note.path}: {note.reason}", highlight=False, markup=False, soft_wrap=True)
    if imported.text is None and not imported.lost:
        raise InvalidInput(f"{file} holds no rule", code=ErrorCode.INVALID_FIELD, field="FILE")
    if imported.text is None or (imported.lost and not partial):
        rest = "" if imported.text is None else "; --partial writes the rest"
        stderr.print(f"nothing written, {len(imported.lost)} lost{rest}", highlight=False)
        raise typer.Exit(SOME_REJECTED)
    output.write_text(imported.text, encoding="utf-8")
    done = f"wrote {output}: {len(imported.rules)} rules, {len(imported.lost)} lost"
    stderr.print(done, highlight=False, markup=False, soft_wrap=True)


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = f"{file} cannot be read: {error.strerror}"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="FILE") from error
    except UnicodeDecodeError as error:
        problem = f"{file} is not UTF-8; save it so"
        raise InvalidInput(problem, code=ErrorCode.INVALID_ENCODING, field="FILE") from error
