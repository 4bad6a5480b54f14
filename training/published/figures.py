"""Figures that several published tests share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, f1_score, recall_score

MODEL = Path(__file__).parents[2] / "models" / "mood"
Report = dict[str, Any]
STEPS = np.arange(0.1, 0.95, 0.05)


def arguments(description: str | None, tests: Iterable[str], *, start: bool = False) -> argparse.Namespace:
    """What both programs are asked: the folder of the sets, which tests, whether to store the figures; with `start`, what from.

    SystemExit where there is no such test.
    """
    known = list(tests)
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default=",".join(known))
    parser.add_argument("--write", action="store_true")
    if start:
        parser.add_argument("--start", type=Path, help="a trained folder instead of the served weights")
    args = parser.parse_args()
    # before hours of work for the tests named first
    if unknown := [name for name in args.only.split(",") if name not in known]:
        parser.error(f"--only: there is no {', '.join(unknown)}, there are {', '.join(known)}")
    return args


def class_figures(truth: Sequence[int], guesses: Sequence[int]) -> dict[str, float]:
    """Accuracy, macro-F1, and the recall of class 0 (the dissatisfied, the inoffensive)."""
    figures = {
        "accuracy": accuracy_score(truth, guesses),
        "macro_f1": f1_score(truth, guesses, average="macro", zero_division=0),
        "recall_of_class_0": recall_score(truth, guesses, labels=[0], average="macro", zero_division=0),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def thresholds(truth: npt.NDArray[Any], shares: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """(N, K) labels and shares of a dev part → (K,): from which share on each label is called, by its best F1."""

    def best(label: int) -> float:
        return float(max(STEPS, key=lambda step: f1_score(truth[:, label], shares[:, label] >= step, zero_division=0)))

    return np.array([best(label) for label in range(truth.shape[1])])
