from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.reports.statistics import mean_score, t_quantile_975
from tests.fakes.figures import score_sum


def mean_of(*scores: str | Decimal | None):
    return mean_score(score_sum(None if score is None else Decimal(score) for score in scores))


def t_cdf(t: float, degrees: int, steps: int = 4000) -> float:
    """P(T ≤ t) by Simpson's rule over the density from 0."""
    constant = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)

    def density(x: float) -> float:
        return constant * (1 + x * x / degrees) ** (-(degrees + 1) / 2)

    width = t / steps
    inner = sum((4 if index % 2 else 2) * density(index * width) for index in range(1, steps))
    return 0.5 + width / 3 * (density(0) + inner + density(t))


@pytest.mark.parametrize("degrees", [1, 2, 5, 10, 20, 29, 30, 31, 32, 50, 100, 1000, 100_000])
def test_the_quantile_leaves_a_fortieth_above_it(degrees):
    assert t_cdf(t_quantile_975(degrees), degrees) == pytest.approx(0.975, abs=5e-5)


def test_quantiles_fall_without_a_jump():
    quantiles = [t_quantile_975(degrees) for degrees in range(1, 200)]
    assert quantiles == sorted(quantiles, reverse=True)
    assert quantiles[29] - quantiles[30] < 0.004


def test_of_nothing_there_is_no_mean():
    assert mean_of() == mean_of(None)
    result = mean_of()
    assert (result.n, result.mean, result.low, result.high) == (0, None, None, None)


def test_one_score_has_a_mean_and_no_interval():
    result = mean_of("83.20", None)
    assert (result.n, result.mean, result.low, result.high) == (1, 83.2, None, None)


def test_a_t_interval_by_hand():
    # mean 84, s = 4, n = 3: 84 ± 4.303 · 4 / √3
    result = mean_of("80", "84", "88")
    assert (result.n, result.mean, result.low, result.high) == (3, 84.0, 74.06, 93.94)


def test_the_interval_is_clipped_to_what_a_score_can_be():
    assert (mean_of("0", "100").low, mean_of("0", "100").high) == (0.0, 100.0)


def test_equal_scores_have_an_interval_of_no_width():
    result = mean_of(*["83.33"] * 7)
    assert (result.mean, result.low, result.high) == (83.33, 83.33, 83.33)


SCORES = st.lists(st.decimals(0, 100, places=2), min_size=2, max_size=30)


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_is_irrelevant_and_the_mean_lies_inside(scores, shuffler):
    shuffled = list(scores)
    shuffler.shuffle(shuffled)
    result = mean_of(*scores)
    assert result == mean_of(*shuffled)
    assert 0 <= result.low <= result.mean <= result.high <= 100
