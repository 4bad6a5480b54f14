"""Performance as a table: one row an agent, one column a figure. Owns no file format (`files`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qa_service.domain.performance import AgentPerformance, MeanScore

Cell = str | int | float | None


def performance_table(rows: Sequence[AgentPerformance]) -> tuple[list[str], list[list[Cell]]]:
    """Column names and cells, rows in the order given.

    Dimensions, categories and decisions are columns of their own, those of all rows together; a category that an agent
    has no finding of is 0, a dimension without a score is empty.
    """
    dimensions = _names(row.dimensions for row in rows)
    categories = _names(row.findings_by_category for row in rows)
    decisions = _names(row.verdicts for row in rows)
    header = [
        *("period", "shop", "group", "agent_id", "agent_name", "conversations", "unscored", "band"),
        *_mean_columns("total"),
        *_mean_columns("machine_total"),
        *(column for name in dimensions for column in _mean_columns(name)),
        *(f"findings_{name}" for name in categories),
        *(f"verdicts_{name}" for name in decisions),
    ]
    return header, [_cells(row, dimensions, categories, decisions) for row in rows]


_NO_SCORE = MeanScore(n=0, mean=None, low=None, high=None)


def _cells(
    row: AgentPerformance, dimensions: Sequence[str], categories: Sequence[str], decisions: Sequence[str]
) -> list[Cell]:
    return [
        *(row.period, row.shop, row.group, row.agent_id, row.agent_name, row.conversations, row.unscored, row.band),
        *_mean_cells(row.total),
        *_mean_cells(row.machine_total),
        *(cell for name in dimensions for cell in _mean_cells(row.dimensions.get(name, _NO_SCORE))),
        *(row.findings_by_category.get(name, 0) for name in categories),
        *(row.verdicts.get(name, 0) for name in decisions),
    ]


def _names(mappings: Iterable[Mapping[str, object]]) -> list[str]:
    return sorted({name for mapping in mappings for name in mapping})


def _mean_columns(name: str) -> tuple[str, str, str, str]:
    return (f"{name}_mean", f"{name}_low95", f"{name}_high95", f"{name}_n")


def _mean_cells(score: MeanScore) -> tuple[Cell, Cell, Cell, Cell]:
    return (score.mean, score.low, score.high, score.n)
