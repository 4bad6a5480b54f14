from __future__ import annotations

import math

import pytest

from training.agreement import kappa
from training.evaluate import auc, calibration_error, class_f1, confusion, macro_f1, wilson


def test_confusion_counts_truth_by_guess():
    assert confusion([0, 0, 1], [0, 1, 1], 2) == [[1, 1], [0, 1]]


def test_f1_of_a_class_that_never_occurs_is_undefined():
    assert class_f1([[2, 0], [0, 0]], 1) is None


def test_f1_of_a_class_never_found_is_zero():
    assert class_f1([[1, 0], [1, 0]], 1) == 0.0


def test_macro_f1_is_the_mean_over_occurring_classes():
    assert macro_f1([0, 0, 1, 1], [0, 1, 1, 1], 3) == pytest.approx((2 / 3 + 0.8) / 2)


def test_macro_f1_of_nothing_is_not_a_number():
    assert math.isnan(macro_f1([], [], 2))


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [(0, 0, None), (1, 1, (0.2065, 1.0)), (0, 1, (0.0, 0.7935)), (50, 100, (0.4038, 0.5962))],
)
def test_wilson_interval(successes, n, expected):
    interval = wilson(successes, n)

    assert interval == expected if expected is None else interval == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("truth", "scores", "expected"),
    [
        ([True, True], [0.1, 0.2], None),
        ([False, True], [0.1, 0.2], 1.0),
        ([True, False], [0.1, 0.2], 0.0),
        ([True, False], [0.5, 0.5], 0.5),
    ],
    ids=["one class", "perfect", "reversed", "tie"],
)
def test_auc(truth, scores, expected):
    assert auc(truth, scores) == expected


def test_calibration_error_is_the_gap_between_confidence_and_hits():
    assert calibration_error([0.95, 0.95], [True, False]) == pytest.approx(0.45)
    assert calibration_error([], []) is None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [([], [], None), (["a"], ["a"], None), (["a", "b"], ["a", "b"], 1.0), (["a", "b"], ["b", "a"], -1.0)],
    ids=["empty", "one label", "equal", "opposite"],
)
def test_kappa(first, second, expected):
    assert kappa(first, second) == expected
