"""`qa-service rules import-list`: an own word list becomes a pack."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli.terminal import SOME_REJECTED, stderr
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.errors import Conflict
from qa_service.rule_engine import ListDefaults, check_folder
from qa_service.rule_engine import import_list as make_packs
from qa_service.rule_wiring import misplaced_rules
from qa_service.settings import load_settings


def import_list(
    file: Annotated[Path, typer.Argument(help="TXT, a phrase a line (# comments), or CSV")],
    category: Annotated[str, typer.Option(help="category of phrases whose row names none")],
    name: Annotated[str | None, typer.Option(help="part of rule ids and files; default: the file's name")] = None,
    language: Annotated[str, typer.Option(help="language whose chats the phrases are sought in")] = "zh",
    severity: Annotated[Severity, typer.Option(help="severity of phrases whose row names none")] = Severity.MINOR,
    status: Annotated[RuleStatus, typer.Option(help="status of phrases whose row names none")] = RuleStatus.SHADOW,
    allow: Annotated[Path | None, typer.Option(help="list of phrases that win over shorter ones")] = None,
    output: Annotated[Path | None, typer.Option(help="rules folder to write to; default: QA_RULES_DIR")] = None,
) -> None:
    """Write `lists/*.csv` and one pack a category that reads them, then check the folder. Nothing is overwritten."""
    settings = load_settings()
    folder = output or settings.rules_dir
    defaults = ListDefaults(
        name=name if name is not None else re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_"),
        language=language,
        category=category,
        severity=severity,
        status=status,
    )
    imported = make_packs(file, defaults, allow)
    for place in imported.files:
        if (folder / place).exists():
            raise Conflict(f"{folder / place} is there already: give --name, or move it away", field="--name")
    for place, content in imported.files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(content, encoding="utf-8")
        stderr.print(f"wrote {folder / place}", highlight=False, markup=False, soft_wrap=True)
    for note in imported.notes:
        stderr.print(note, highlight=False, markup=False, soft_wrap=True)
    stderr.print(f"{imported.phrases} phrases in {len(imported.rules)} rules", highlight=False)
    problems = check_folder(folder, settings.policy_path, also=[partial(misplaced_rules, settings=settings)])
    for problem in problems:
        stderr.print(f"{problem.file}:{problem.line}: {problem.message}", highlight=False, markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(SOME_REJECTED)
