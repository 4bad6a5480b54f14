"""How the command line talks: the consoles, the exit codes, the progress bar and the result table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.domain.scorecard import Scorecard
from qa_service.errors import ErrorCode, InvalidInput

DONE, SOME_REJECTED, USAGE_ERROR = 0, 1, 2

stderr = Console(stderr=True)
_WIDE = 500
"""Columns of an output that is no terminal: what reads it cuts nothing, and lines are not filled up."""

stdout = Console() if sys.stdout.isatty() else Console(width=_WIDE)

T = TypeVar("T")


def with_progress(items: Iterable[T], *, total: int | None, title: str) -> Iterator[T]:
    """Pass items on, drawing a bar on stderr where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        for item in items:
            yield item
            progress.advance(task)


def id_column(name: str) -> Column:
    """A column of ids, which are of no use when cut."""
    return Column(name, no_wrap=True, overflow="fold")


def open_output(path: Path) -> BinaryIO:
    """The file that `--output` names, emptied.

    Raises:
        InvalidInput: it cannot be written.
    """
    try:
        return path.open("wb")
    except OSError as error:
        problem = f"--output: {path} cannot be written: {error.strerror}"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="--output") from error


def result_table(rows: Sequence[tuple[Conversation, Inspection]]) -> Table:
    """One line a scorecard: conversation, agent, dimensions, worst mood, findings."""
    table = Table(title="Inspected conversations")
    for name in ("conversation", "agent"):
        table.add_column(name)
    for name in ("attitude", "compliance", "total", "worst mood", "findings"):
        table.add_column(name, justify="right")
    for conversation, inspection in rows:
        names = {agent.id: agent.name or agent.id for agent in conversation.agents}
        for card in inspection.scorecards or (None,):
            agent = names.get(card.agent_id, card.agent_id) if card else "–"
            # As plain text: an id or a name may look like the markup of the table's library.
            table.add_row(Text(conversation.external_id), Text(agent), *_figures(card, inspection))
    return table


def _figures(card: Scorecard | None, inspection: Inspection) -> tuple[str, ...]:
    scores = {dimension.id: dimension.score for dimension in card.dimensions} if card else {}
    hits = sum(f.counts for f in inspection.findings if card is not None and f.agent_id == card.agent_id)
    lowest = inspection.mood.lowest
    return (
        _score(scores.get("service_attitude")),
        _score(scores.get("compliance")),
        _score(card.total if card else None),
        "–" if lowest is None else f"{lowest:+.2f}",
        str(hits) if hits == 0 else f"[red]{hits}[/red]",
    )


def _score(score: Decimal | None) -> str:
    return "–" if score is None else f"{score:.1f}"
