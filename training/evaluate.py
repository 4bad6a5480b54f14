"""Figures of merit, each defined at its edges: an undefined ratio is None, never 0 or 1."""

from __future__ import annotations

import math
from collections.abc import Sequence


def confusion(truth: Sequence[int], guesses: Sequence[int], classes: int) -> list[list[int]]:
    """Counts, rows = truth, columns = guess."""
    matrix = [[0] * classes for _ in range(classes)]
    for t, g in zip(truth, guesses, strict=True):
        matrix[t][g] += 1
    return matrix


def class_f1(matrix: list[list[int]], label: int) -> float | None:
    """F1 of one class; None where it occurs neither in truth nor in guesses."""
    hit = matrix[label][label]
    total = sum(matrix[label]) + sum(row[label] for row in matrix)
    return 2 * hit / total if total else None


def macro_f1(truth: Sequence[int], guesses: Sequence[int], classes: int) -> float:
    """Mean F1 of the classes that occur."""
    matrix = confusion(truth, guesses, classes)
    scores = [f for label in range(classes) if (f := class_f1(matrix, label)) is not None]
    return sum(scores) / len(scores) if scores else math.nan


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float] | None:
    """95 % Wilson interval of a share; None at n = 0. Source: Wilson 1927."""
    if n == 0:
        return None
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def auc(truth: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Area under the ROC curve (ties count half); None without both classes."""
    pairs = sorted(zip(scores, truth, strict=True))
    positives = sum(truth)
    negatives = len(pairs) - positives
    if not positives or not negatives:
        return None
    rank_sum, at = 0.0, 0
    while at < len(pairs):
        end = at
        while end < len(pairs) and pairs[end][0] == pairs[at][0]:
            end += 1
        rank_sum += (at + end + 1) / 2 * sum(t for _, t in pairs[at:end])
        at = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def calibration_error(confidences: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float | None:
    """Expected calibration error over equal-width bins (Guo et al. 2017); None at n = 0."""
    if not confidences:
        return None
    error = 0.0
    for b in range(bins):
        rows = [(c, k) for c, k in zip(confidences, correct, strict=True) if b / bins < c <= (b + 1) / bins]
        if rows:
            error += abs(sum(c for c, _ in rows) - sum(k for _, k in rows)) / len(confidences)
    return error


def conformal_quantile(errors: Sequence[float], share: float, *, confidence: float = 0.9) -> float:
    """The bound under which a new error lies with probability `share`, of which `confidence` can be had; inf if n is small.

    Source: split conformal prediction whose coverage holds for the calibration set at hand (Vovk 2012, proposition 2a):
    the k-th smallest error, k the least number with P(Binomial(n, share) < k) ≥ confidence.
    """
    n = len(errors)
    below = 0.0
    for k, error in enumerate(sorted(errors), start=1):
        below += math.comb(n, k - 1) * share ** (k - 1) * (1 - share) ** (n - k + 1)
        if below >= confidence:
            return error
    return math.inf
