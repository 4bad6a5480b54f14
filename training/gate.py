"""When a newly trained model may take the place of the served one, and how it does. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_service.mood.manifest import read_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedFigure:
    """A figure of `evaluate_mood` that a new model may lose at most `tolerance` of.

    `path` leads to it in the report; with `mean_of`, to a table of labels whose figures of that name are averaged.
    """

    name: str
    path: tuple[str, ...]
    tolerance: float
    is_error: bool = False
    mean_of: str | None = None


GATED = (
    GatedFigure(name="sentiment macro-F1", path=("sentiment_macro_f1", "value"), tolerance=0.005),
    GatedFigure(name="emotion macro-F1", path=("emotion_macro_f1", "value"), tolerance=0.005),
    GatedFigure(name="abusive recall", path=("abusive", "recall"), tolerance=0.0),
    GatedFigure(name="abusive precision", path=("abusive", "precision"), tolerance=0.05),
    GatedFigure(name="tone AUC", path=("tone_auc", "value"), tolerance=0.005),
    GatedFigure(name="suspicion micro-F1", path=("suspicion_micro_f1", "value"), tolerance=0.01),
    GatedFigure(name="cause right", path=("cause", "right"), tolerance=0.03),
    GatedFigure(name="satisfaction Pearson", path=("satisfaction", "pearson"), tolerance=0.02),
    GatedFigure(name="mean AUC of the risks", path=("risks",), tolerance=0.02, mean_of="auc"),
    GatedFigure(name="mean AUC of the acts", path=("acts",), tolerance=0.02, mean_of="auc"),
    GatedFigure(name="calibration error", path=("calibration_error",), tolerance=0.005, is_error=True),
)
"""Abusive recall may lose nothing: of some 45 turns, one is 0.02. The others may lose half a point, less than a seed does; a point
of the suspicions is one or two of some 140 turns, three of the causes are three of some 95 conversations,
five points of abusive precision two of some 45 turns. Single risks and acts have a dozen turns or three: their mean is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One gated figure of both models; None where a model has none. `is_lost`: the candidate may not replace the other."""

    figure: GatedFigure
    served: float | None
    candidate: float | None
    is_lost: bool


def compare(served: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[Compared]:
    """Each gated figure of two reports of `evaluate_mood.evaluate` over the same test part.

    A figure that the candidate lacks (undefined or not a number) is lost if the served model has it.
    """
    return [_compared(figure, _value(served, figure), _value(candidate, figure)) for figure in GATED]


def _compared(figure: GatedFigure, before: float | None, after: float | None) -> Compared:
    if before is None or after is None:
        is_lost = before is not None
    else:
        loss = after - before if figure.is_error else before - after
        is_lost = loss > figure.tolerance + 1e-9
    return Compared(figure=figure, served=before, candidate=after, is_lost=is_lost)


def _value(report: Mapping[str, Any], figure: GatedFigure) -> float | None:
    value: Any = report
    for key in figure.path:
        value = value[key]
    if figure.mean_of:
        # a label that the test part has not is undefined for both models
        known = [row[figure.mean_of] for row in value.values() if row[figure.mean_of] is not None]
        value = math.fsum(known) / len(known) if known else None
    return None if value is None or math.isnan(value) else float(value)


def table(rows: Sequence[Compared]) -> str:
    """One line a figure: served, candidate, tolerance, and whether it is lost."""
    lines = [f"{'figure':22}{'served':>10}{'candidate':>11}{'may lose':>10}"]
    for row in rows:
        figures = f"{_shown(row.served):>10}{_shown(row.candidate):>11}{row.figure.tolerance:>10.3f}"
        lines.append(f"{row.figure.name:22}{figures}{'  LOST' if row.is_lost else ''}")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def promote(candidate: Path, served: Path) -> Path:
    """Put `candidate` at `served`; what stood there is kept beside it under its revision's name, selectable by `QA_MODEL`.

    Returns:
        The folder of the old model.

    Raises:
        ConfigError: one of them is no model.
        FileExistsError: the old revision is kept already.
        OSError: a folder cannot be renamed, say to another file system; the served model is where it was.
    """
    read_manifest(candidate)
    kept = kept_at(served)
    served.rename(kept)
    try:
        candidate.rename(served)
    except OSError:
        kept.rename(served)
        raise
    return kept


def kept_at(served: Path) -> Path:
    """The folder where the served model will be kept.

    Raises:
        ConfigError: it is no model.
        FileExistsError: its revision is kept already.
    """
    kept = served.with_name(read_manifest(served).revision)
    if kept.exists():
        raise FileExistsError(f"{kept} is there already, move it away first; then python -m training.promote")
    return kept
